"""The few building blocks of every panel: cards, buttons, words.

In: words and roles.  Out: widgets that the style sheet dresses by their role.  Thread: GUI.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from traumer_live.app.texts.common import Words
from traumer_live.app.theme import GAP, GRID

CARD_PADDING = 16
CARD_EDGE = 14  # above and below; text brings two pixels of its own


class Button(QPushButton):
    """A push button that Enter presses, for Space freezes the picture."""

    def __init__(self, text: str = "", *, role: str = "", checkable: bool = False) -> None:
        super().__init__(text)
        self.setProperty("role", role)
        self.setCheckable(checkable)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802  Qt's name
        """Enter clicks."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def show_checked(self, checked: bool) -> None:
        """Show a state that was decided elsewhere."""
        self.setChecked(checked)


def label(text: str = "", role: str = "") -> QLabel:
    """Words in a role of the style sheet; never taken for markup."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    return made


class Card(QFrame):
    """One topic of the right column: a title, and below it what its maker puts in ``body``."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(CARD_PADDING, CARD_EDGE, CARD_PADDING, CARD_EDGE)
        self.body.setSpacing(GRID)
        self.head = QHBoxLayout()
        self.head.addWidget(label(title, "title"))
        self.head.addStretch()
        self.body.addLayout(self.head)


class Segments(QFrame):
    """One of a few, as a row of buttons."""

    chosen = pyqtSignal(str)

    def __init__(self, choices: Mapping[str, Words]) -> None:
        """``choices`` say what each choice is called."""
        super().__init__()
        self.setProperty("role", "segments")
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, Button] = {}
        for name, words in choices.items():
            button = Button(words.name, checkable=True)
            button.setToolTip(words.tip)
            button.clicked.connect(lambda _, name=name: self.chosen.emit(name))
            self._group.addButton(button)
            self._buttons[name] = button
            row.addWidget(button, 1)

    def show_choice(self, name: str) -> None:
        """Show what was decided elsewhere; nothing is chosen when ``name`` is not offered."""
        self._group.setExclusive(name in self._buttons)
        for key, button in self._buttons.items():
            button.setChecked(key == name)

    def button(self, name: str) -> Button:
        """The button of one choice."""
        return self._buttons[name]


def column(widgets: Sequence[QWidget], *, spacing: int = GAP) -> QVBoxLayout:
    """Widgets below each other, the rest of the room left free."""
    made = QVBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(spacing)
    for widget in widgets:
        made.addWidget(widget)
    made.addStretch()
    return made
