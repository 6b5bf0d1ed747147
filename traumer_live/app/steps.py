"""Steps that are done one after the other: a mark, a name, a sentence.

In: how far each is.  Out: rows.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from traumer_live.app.theme import GAP, GRID, colour
from traumer_live.app.widgets import label


class StepMark(QWidget):
    """A number in a ring: waiting, on its way, or done."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._share = 0.0
        self.setFixedSize(QSize(28, 28))

    def show_share(self, share: float) -> None:
        """0 waits, 1 is done."""
        self._share = share
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802  Qt's name
        """The ring fills clockwise; a check when it is full."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        painter.setPen(QPen(colour("line"), 2))
        painter.drawEllipse(ring)
        painter.setPen(QPen(colour("accent"), 2))
        painter.drawArc(ring, 90 * 16, -round(360 * 16 * self._share))
        if self._share >= 1:
            painter.setPen(QPen(colour("text"), 2))
            painter.drawPolyline(QPointF(9.5, 14.5), QPointF(12.5, 17.5), QPointF(18.5, 11))
        else:
            painter.setPen(colour("text" if self._share else "quiet"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, str(self._number))


class Step(QWidget):
    """One step: its mark, its name, one sentence, and what belongs to it."""

    def __init__(self, number: int, name: str, sentence: str, *more: QWidget) -> None:
        super().__init__()
        self.mark = StepMark(number)
        self._sentence = label(sentence, "quiet")
        self._sentence.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(GRID)
        words.addWidget(label(name, "figure"))
        words.addWidget(self._sentence)
        for widget in more:
            words.addWidget(widget)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    @property
    def sentence(self) -> str:
        """What it says now."""
        return self._sentence.text()

    def say(self, sentence: str, share: float) -> None:
        """Show ``sentence`` and how far the step is."""
        self._sentence.setText(sentence)
        self.mark.show_share(share)
