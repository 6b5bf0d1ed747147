"""The picture that is looked at, large, with what is known of it.

In: a tile.  Out: nothing.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPixmap
from PyQt6.QtWidgets import QSizePolicy, QWidget

from traumer_live.app.labelling import painting
from traumer_live.app.labelling.tiles import Tile
from traumer_live.app.texts import labelling as texts
from traumer_live.app.theme import colour

RADIUS = 8.0


class LargePicture(QWidget):
    """A square with a picture."""

    def __init__(self) -> None:
        super().__init__()
        self._picture: QPixmap | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(texts.LARGE_PICTURE)

    def heightForWidth(self, width: int) -> int:  # noqa: N802  Qt's name
        """A square."""
        return width

    def sizeHint(self) -> QSize:  # noqa: N802  Qt's name
        """As wide as its column."""
        return QSize(self.width(), self.width())

    def minimumSizeHint(self) -> QSize:  # noqa: N802  Qt's name
        """Low windows make it smaller."""
        return QSize(96, 96)

    def show_tile(self, tile: Tile | None) -> None:
        """Its largest pixels."""
        best = tile.best if tile is not None else None
        self._picture = painting.pixmap(best) if best is not None else None
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802  Qt's name
        """The picture, as large as the room allows."""
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        side = min(self.width(), self.height())
        place = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        if self._picture is None:
            painting.frame(painter, place.adjusted(1, 1, -1, -1), "line", 1, RADIUS)
            painter.setPen(colour("quiet"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(place.adjusted(24, 0, -24, 0), flags, texts.NO_PICTURE)
        else:
            painting.draw(painter, self._picture, place, RADIUS)
        painter.end()


class Zoom(LargePicture):
    """The same, over the whole wall."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__()
        self.setParent(parent)
        self.hide()

    def toggle(self) -> None:
        """Come or go."""
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.setVisible(not self.isVisible())
        self.raise_()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802  Qt's name
        """Nothing else is seen."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour("window"))
        painter.end()
        super().paintEvent(event)


def caption(tile: Tile | None, count: int) -> str:
    """What is known of a picture, in a few words."""
    if tile is None:
        return ""
    parts = [texts.ORIGINS[tile.origin]]
    if tile.number:
        parts.insert(0, texts.place_on_wall(tile.number, count))
    if tile.refined:
        parts.append(texts.REFINED)
    return " · ".join(parts)
