"""The person's music as a map: what lies near sounds alike; it fills with colour as they label.

In: Coverage, the clip that is asked for.  Out: clips to hear, by a click; to label, by two.
Thread: GUI.
"""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from traumer_live.app.labelling.desk import Coverage
from traumer_live.app.texts import labelling as texts
from traumer_live.app.theme import colour
from traumer_live.core.types import Array
from traumer_live.labelling.label import Clip

MARGIN = 8.0
DOT, OWN = 2.6, 3.4  # px, radius; of a labelled clip
NEAR_PX = 14.0
OUTLIERS = 2  # per cent on each side that are drawn at the edge


class LibraryMap(QWidget):
    """Dots; grey is unknown, amber is known well, a white heart is labelled."""

    heard = pyqtSignal(object)  # Clip
    asked = pyqtSignal(object)  # Clip

    def __init__(self) -> None:
        super().__init__()
        self._coverage: Coverage | None = None
        self._labelled: set[str] = set()
        self._now: str = ""
        self.setMinimumSize(160, 48)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setToolTip(texts.MAP.tip)
        self.setAccessibleName(texts.MAP.name)

    def show_coverage(self, coverage: Coverage) -> None:
        """Follow labels and scan."""
        self._coverage = coverage
        self.update()

    def show_labelled(self, keys: set[str]) -> None:
        """Which clips have labels."""
        self._labelled = keys
        self.update()

    def show_clip(self, clip: Clip | None) -> None:
        """Which clip is asked for."""
        self._now = clip.key if clip else ""
        self.update()

    def points(self) -> Array:  # (n, 2), px
        """Where each clip is drawn."""
        if self._coverage is None:
            return np.zeros((0, 2), np.float32)
        places = self._coverage.places
        low, high = np.percentile(places, (OUTLIERS, 100 - OUTLIERS), axis=0)
        share = np.clip((places - low) / np.maximum(high - low, 1e-6), 0, 1)
        room = np.array([self.width() - 2 * MARGIN, self.height() - 2 * MARGIN])
        return np.asarray(MARGIN + share * room, np.float32)

    def clip_at(self, at: QPointF) -> Clip | None:
        """The nearest one, if it is near."""
        points = self.points()
        if self._coverage is None or not len(points):
            return None
        away = np.hypot(points[:, 0] - at.x(), points[:, 1] - at.y())
        nearest = int(away.argmin())
        return self._coverage.clips[nearest] if away[nearest] < NEAR_PX else None

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802  Qt's name
        """Hear what is there."""
        clip = self.clip_at(event.position()) if event is not None else None
        if clip is not None:
            self.heard.emit(clip)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802  Qt's name
        """Label just this one."""
        clip = self.clip_at(event.position()) if event is not None else None
        if clip is not None:
            self.asked.emit(clip)

    def event(self, event: QEvent | None) -> bool:
        """The name of the clip under the pointer."""
        if isinstance(event, QHelpEvent):
            clip = self.clip_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), clip.piece if clip else self.toolTip(), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802  Qt's name
        """Unknown ones first, so that what is known lies above them."""
        if self._coverage is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        points, known = self.points(), self._coverage.confidence
        clips = self._coverage.clips
        for k in np.argsort(known):
            self._draw(painter, clips[k], QPointF(*map(float, points[k])), float(known[k]))
        painter.end()

    def _draw(self, painter: QPainter, clip: Clip, at: QPointF, confidence: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_between(colour("line"), colour("accent"), confidence))
        own = clip.key in self._labelled
        radius = OWN if own else DOT
        painter.drawEllipse(at, radius, radius)
        if own:
            painter.setBrush(colour("text"))
            painter.drawEllipse(at, 1.4, 1.4)
        if clip.key == self._now:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour("text"), 1.5))
            painter.drawEllipse(QRectF(at.x() - 6, at.y() - 6, 12, 12))


def _between(a: QColor, b: QColor, share: float) -> QColor:
    share = 0.15 + 0.85 * min(max(share, 0.0), 1.0) if share > 0 else 0.0
    mixed = [
        round(x + share * (y - x))
        for x, y in zip((a.red(), a.green(), a.blue()), (b.red(), b.green(), b.blue()), strict=True)
    ]
    if share == 0:
        return colour("disabled")
    return QColor(*mixed)
