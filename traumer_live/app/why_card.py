"""WHY THIS PICTURE?: what is heard, how well it is known, whose labels speak, how late and smooth.

In: the desk's status.  Out: words and bars, a few times a second while they are looked at.
Thread: GUI.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from traumer_live.app.desk import Desk
from traumer_live.app.texts import why as texts
from traumer_live.app.texts.common import NOTHING_YET, Words, milliseconds, seconds
from traumer_live.app.theme import GRID, colour
from traumer_live.app.widgets import Card, label
from traumer_live.engine.status import ShowStatus
from traumer_live.engine.why import NEIGHBOURS, TAGS, Why

ROW = 22  # px
BAR, NUMBER = 64, 44  # px at the right of a row
KNOWN_WELL, KNOWN_PARTLY = 0.66, 0.33


class ShareRow(QWidget):
    """A name, how much of it there is as a bar, and as a number."""

    def __init__(self) -> None:
        super().__init__()
        self._name, self._share = "", 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def told(self) -> tuple[str, float]:
        """What stands there; an empty name: nothing."""
        return self._name, self._share

    def tell(self, name: str, share: float) -> None:
        """Show ``name`` and ``share`` (0..1); without a name the row stays empty."""
        share = round(min(max(share, 0.0), 1.0), 2)
        if (name, share) != self.told:
            self._name, self._share = name, share
            self.setAccessibleName(f"{name} {share:.0%}" if name else "")
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802  Qt's name
        """As high as a line of text."""
        return QSize(200, ROW)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802  Qt's name
        """Qt wants the row."""
        if not self._name:
            return
        painter = QPainter(self)
        middle = Qt.AlignmentFlag.AlignVCenter
        left = self.width() - BAR - NUMBER
        painter.setPen(colour("text"))
        words = painter.fontMetrics().elidedText(
            self._name, Qt.TextElideMode.ElideMiddle, left - GRID
        )
        painter.drawText(QRectF(0, 0, left, self.height()), middle, words)
        bar = QRectF(left, self.height() / 2 - 2, BAR, 4)
        painter.fillRect(bar, colour("line"))
        bar.setWidth(BAR * self._share)
        painter.fillRect(bar, colour("accent"))
        number = QRectF(left + BAR, 0, NUMBER, self.height())
        painter.setPen(colour("quiet"))
        painter.drawText(number, middle | Qt.AlignmentFlag.AlignRight, f"{self._share:.0%}")
        painter.end()


class WhyCard(Card):
    """The show's account of itself."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(texts.TITLE)
        self.tags = [ShareRow() for _ in range(TAGS)]
        self.known = ShareRow()
        self.neighbours = [ShareRow() for _ in range(NEIGHBOURS)]
        self.meaning = label("", "caption")
        self.meaning.setWordWrap(True)
        self.figures = {name: label(NOTHING_YET, "figure") for name in texts.FIGURES}
        self._arrange()
        desk.status_changed.connect(self.show_status)

    def show_status(self, status: ShowStatus) -> None:
        """Follow the show, while somebody looks."""
        if not self.isVisible():
            return
        why = status.why
        tell_all(self.tags, why.tags)
        tell_all(
            self.neighbours, [(_piece(n.piece, n.start_s), n.likeness) for n in why.neighbours]
        )
        self.known.setVisible(why.confidence is not None)
        self.known.tell("" if why.confidence is None else texts.CONFIDENCE, why.confidence or 0.0)
        self.meaning.setText(meaning(why))
        self.meaning.setToolTip(origin(why))
        for level, late in status.delay_s.items():
            self.figures[str(level)].setText(seconds(late))
        self.figures["fps"].setText(f"{status.fps:.1f}")
        self.figures["p95"].setText(milliseconds(status.p95_ms))
        self.figures["dropped"].setText(str(status.dropped))

    def _arrange(self) -> None:
        self._section(texts.HEARD, self.tags)
        self._section(texts.KNOWN, [self.known, self.meaning])
        self._section(texts.NEIGHBOURS, self.neighbours)
        self._section(texts.SMOOTHNESS, [self._figures()])

    def _section(self, words: Words, rows: Sequence[QWidget]) -> None:
        part = QWidget()
        part.setToolTip(words.tip)
        stack = QVBoxLayout(part)
        stack.setContentsMargins(0, GRID // 2, 0, GRID // 2)
        stack.setSpacing(0)
        head = QHBoxLayout()
        head.addWidget(label(words.name, "caption"))
        stack.addLayout(head)
        for row in rows:
            stack.addWidget(row)
        self.body.addWidget(part)

    def _figures(self) -> QWidget:
        made = QWidget()
        grid = QGridLayout(made)
        grid.setContentsMargins(0, GRID // 2, 0, 0)
        grid.setVerticalSpacing(0)
        for number, (name, figure) in enumerate(self.figures.items()):
            row, place = divmod(number, 3)
            grid.addWidget(figure, 3 * row, place)
            grid.addWidget(label(texts.FIGURES[name], "caption"), 3 * row + 1, place)
            grid.setRowMinimumHeight(3 * row + 2, GRID)
            grid.setColumnStretch(place, 1)
        return made


def tell_all(rows: Sequence[ShareRow], told: Sequence[tuple[str, float]]) -> None:
    """As many as there are; the other rows stay empty, so that nothing jumps."""
    for number, row in enumerate(rows):
        row.tell(*(told[number] if number < len(told) else ("", 0.0)))


def meaning(why: Why) -> str:
    """The confidence in words."""
    if why.confidence is None:
        words = texts.CANNOT_SAY
    elif why.confidence >= KNOWN_WELL:
        words = texts.KNOWN_WELL
    elif why.confidence >= KNOWN_PARTLY:
        words = texts.KNOWN_PARTLY
    else:
        words = texts.HARDLY_KNOWN
    if why.starter_share >= 0.01:
        words += f" {texts.starter_paints(why.starter_share)}"
    return words


def origin(why: Why) -> str:
    """Whose labels speak, line by line; empty where the pack does not say."""
    lines = [texts.labels_by(why.labels_by)] if why.labels_by else []
    if why.translated_from:
        lines.append(texts.translated_from(why.translated_from))
    return "\n".join(lines)


def _piece(name: str, start_s: float) -> str:
    minutes, seconds = divmod(int(start_s), 60)
    return f"{PurePath(name).stem or texts.SOME_CLIP} · {minutes}:{seconds:02d}"
