"""Every key of the labelling window, in one table: the legend, the sheet, the bindings.

In: actions.  Out: shortcuts, and widgets that show them.  Thread: GUI.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent, QShortcut
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from traumer_live.app.texts import labelling as texts
from traumer_live.app.theme import GRID
from traumer_live.app.widgets import label

SHEET_WIDTH = 560
REPEATING = ("Left", "Right", "Up", "Down", "B", "W", "C", "V")


def bind(window: QWidget, actions: Mapping[str, Callable[[], object]]) -> None:
    """Let keys of ``window`` do the actions."""
    for name, action in actions.items():
        shortcut = QShortcut(QKeySequence(name), window)
        shortcut.setAutoRepeat(name.removeprefix("Shift+") in REPEATING)
        shortcut.activated.connect(action)


class Legend(QWidget):
    """The most used keys on one line, as many as there is room for; the key of the sheet stays."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(1)  # the keys themselves ask for no room
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * GRID)
        *self._keys, self._sheet = (_explained(key) for key in texts.KEYS if key.short)
        for key in (*self._keys, self._sheet):
            row.addWidget(key, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802  Qt's name
        """The least used ones go first."""
        super().resizeEvent(event)
        room = self.width() - self._sheet.sizeHint().width()
        for key in self._keys:
            room -= key.sizeHint().width() + 2 * GRID
            key.setVisible(room >= 0)


class Sheet(QFrame):
    """All keys, in the middle of the window; any key or click closes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "sheet")
        self.setFixedWidth(SHEET_WIDTH)
        table = QGridLayout(self)
        table.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 3 * GRID)
        table.setHorizontalSpacing(2 * GRID)
        table.setVerticalSpacing(GRID // 2)
        table.setColumnStretch(1, 1)
        table.addWidget(label(texts.KEYS_TITLE, "title"), 0, 0, 1, 2)
        for row, key in enumerate(texts.KEYS, start=1):
            table.addWidget(_cap(key.shown), row, 0)
            table.addWidget(label(key.meaning), row, 1)
        self.hide()

    def toggle(self) -> None:
        """Show in the middle of the window, or close."""
        parent = self.parentWidget()
        if not self.isVisible() and parent is not None:
            self.adjustSize()
            self.move(parent.mapToGlobal(parent.rect().center() - self.rect().center()))
        self.setVisible(not self.isVisible())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802  Qt's name
        """Seen."""
        self.hide()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802  Qt's name
        """Seen."""
        self.hide()


def _explained(key: texts.Key) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(5)
    row.addWidget(_cap(key.shown, small=True))
    row.addWidget(label(key.short, "caption"))
    return made


def _cap(words: str, *, small: bool = False) -> QWidget:
    cap = label(words, "cap" if small else "key")
    cap.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return cap
