"""What the fast path hears: tempo with its beat, and three bands, small and quiet.

In: the desk's pulse with every picture.  Out: a dot that beats, a number, three bars.
Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from traumer_live.app.desk import Desk
from traumer_live.app.texts import dream as texts
from traumer_live.app.texts.common import beats_per_minute
from traumer_live.app.theme import colour
from traumer_live.core.types import Pulse

HEIGHT = 20
DOT = 4.0  # px, radius at rest
SURE = 0.3  # confidence from which the tempo is believed
BAND_WIDTH, BAND_GAP, NAME_WIDTH = 28, 8, 14
BEAT_DECAY = 4.0  # how soon within a beat the dot is small again


class PulseLine(QWidget):
    """Tempo at the left, bass, middle and treble at the right."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(texts.PULSE_TIP)

    def sizeHint(self) -> QSize:  # noqa: N802  Qt's name
        """As high as a line of text."""
        return QSize(200, HEIGHT)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802  Qt's name
        """Qt wants the line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pulse = self._desk.pulse
        self._paint_tempo(painter, pulse)
        left = self.width() - 3 * (NAME_WIDTH + BAND_WIDTH) - 2 * BAND_GAP
        names = (texts.BASS, texts.MIDDLE, texts.TREBLE)
        for name, strength in zip(names, (pulse.bass, pulse.mid, pulse.treble), strict=True):
            self._paint_band(painter, left, name, strength)
            left += NAME_WIDTH + BAND_WIDTH + BAND_GAP

    def _paint_tempo(self, painter: QPainter, pulse: Pulse) -> None:
        sure = pulse.confidence >= SURE and pulse.tempo > 0
        beat = max(1.0 - BEAT_DECAY * pulse.beat_phase, 0.0) if sure else 0.0
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_between(colour("line"), colour("accent"), beat))
        middle = self.height() / 2
        painter.drawEllipse(QPointF(2 * DOT, middle), DOT + beat, DOT + beat)
        painter.setPen(colour("text" if sure else "quiet"))
        words = beats_per_minute(pulse.tempo) if sure else texts.NO_BEAT
        room = QRectF(4 * DOT + 4, 0, 100, self.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_band(self, painter: QPainter, left: int, name: str, strength: float) -> None:
        painter.setPen(colour("quiet"))
        room = QRectF(left, 0, NAME_WIDTH, self.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)
        bar = QRectF(left + NAME_WIDTH, self.height() / 2 - 2, BAND_WIDTH, 4)
        painter.fillRect(bar, colour("line"))
        bar.setWidth(BAND_WIDTH * min(max(strength, 0.0), 1.0))
        painter.fillRect(bar, colour("accent"))


def _between(low: QColor, high: QColor, part: float) -> QColor:
    red, green, blue = (
        round(a + (b - a) * part) for a, b in zip(low.getRgb()[:3], high.getRgb()[:3], strict=True)
    )
    return QColor(red, green, blue)
