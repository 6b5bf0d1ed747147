"""The level meter of the top bar: is the program hearing?

In: the desk's pulse with every picture.  Out: a bar, a peak mark, a clip light, a number.
Thread: GUI.
"""

from __future__ import annotations

import time

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QKeyEvent, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from traumer_live.app.ballistics import FLOOR_DB, Ballistics, fraction
from traumer_live.app.desk import Desk
from traumer_live.app.texts import top_bar as texts
from traumer_live.app.theme import colour

BAR_WIDTH, BAR_HEIGHT = 208, 8  # px
CLIP_WIDTH = 8
SPACE = 4
NUMBER_WIDTH = 64
MARKS_DB = (-48.0, -36.0, -24.0, -12.0, -6.0)
WARM_DB = -9.0  # from here on the bar turns to the warm colour


class LevelMeter(QWidget):
    """-60..0 dBFS with fast attack and slow release; the clip light stays until clicked."""

    def __init__(self, desk: Desk, *, bar_width: int = BAR_WIDTH) -> None:
        super().__init__()
        self._desk = desk
        self._bar_width = bar_width
        self._clips = 0  # those that were seen
        self.ballistics = Ballistics()
        self.setFixedSize(self.sizeHint())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # for the clip light
        self.setAccessibleName(texts.METER.name)
        self.setToolTip(texts.METER.tip)

    def sizeHint(self) -> QSize:  # noqa: N802  Qt's name
        """The meter's fixed size."""
        return QSize(self._bar_width + SPACE + CLIP_WIDTH + NUMBER_WIDTH, 28)

    def follow(self) -> None:
        """Look at the sound and move; called with every picture, so that Qt repaints only once."""
        pulse = self._desk.pulse
        self.ballistics.push(pulse.level_dbfs, pulse.peak_dbfs, now_s=time.monotonic())
        clips = (
            self._desk.show.preamp.state.clips
        )  # of the source itself, whatever the gain makes of it
        self.ballistics.clipped = self.ballistics.clipped or clips > self._clips
        self._clips = clips
        self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802  Qt's name
        """A click puts the clip light out."""
        self._put_out()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802  Qt's name
        """Enter or Delete does, too."""
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Delete)
        if event is not None and event.key() in keys:
            self._put_out()
        else:
            super().keyPressEvent(event)

    def _put_out(self) -> None:
        self.ballistics.clipped = False
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802  Qt's name
        """Qt wants the meter."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        top = (self.height() - BAR_HEIGHT) / 2
        self._paint_bar(painter, QRectF(0, top, self._bar_width, BAR_HEIGHT))
        self._paint_clip(painter, QRectF(self._bar_width + SPACE, top, CLIP_WIDTH, BAR_HEIGHT))
        self._paint_number(painter)

    def _paint_bar(self, painter: QPainter, room: QRectF) -> None:
        painter.setBrush(colour("line"))
        painter.drawRoundedRect(room, 2, 2)
        full = QRectF(room)
        full.setWidth(room.width() * fraction(self.ballistics.bar_db))
        painter.setBrush(_gradient(room))
        painter.drawRoundedRect(full, 2, 2)
        for mark in MARKS_DB:
            painter.fillRect(
                QRectF(room.width() * fraction(mark), room.top(), 1, 8), colour("card")
            )
        if self.ballistics.peak_db > FLOOR_DB:
            at = min(room.width() * fraction(self.ballistics.peak_db), room.width() - 2)
            painter.fillRect(QRectF(at, room.top() - 2, 2, BAR_HEIGHT + 4), colour("text"))

    def _paint_clip(self, painter: QPainter, room: QRectF) -> None:
        painter.setBrush(colour("danger" if self.ballistics.clipped else "line"))
        painter.drawRoundedRect(room, 2, 2)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour("accent"), 2))
            painter.drawRoundedRect(room.adjusted(-2, -4, 2, 4), 3, 3)

    def _paint_number(self, painter: QPainter) -> None:
        painter.setPen(colour("text" if self.ballistics.bar_db > FLOOR_DB else "quiet"))
        room = QRectF(self.width() - NUMBER_WIDTH, 0, NUMBER_WIDTH, self.height())
        align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, align, level_text(self.ballistics.bar_db))


def level_text(decibel: float) -> str:
    """Such as ``−12 dB``; silence has no number."""
    return texts.SILENT if decibel <= FLOOR_DB else texts.decibels(decibel)


def _gradient(room: QRectF) -> QLinearGradient:
    gradient = QLinearGradient(room.topLeft(), room.topRight())
    warm = fraction(WARM_DB)
    gradient.setColorAt(0.0, colour("signal"))
    gradient.setColorAt(warm - 0.05, colour("signal"))
    gradient.setColorAt(warm + 0.05, colour("accent"))
    gradient.setColorAt(1.0, colour("accent"))
    return gradient
