"""Every key of the labelling window, in one table: the legend, the sheet, the bindings.

In: actions.  Out: shortcuts, and widgets that show them.  Thread: GUI.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QShortcut
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QWidget

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
    """The most used keys, on one line."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        for key in texts.KEYS:
            if key.short:
                middle = Qt.AlignmentFlag.AlignVCenter
                row.addWidget(_cap(key.shown, small=True), 0, middle)
                row.addWidget(label(key.short, "caption"), 0, middle)
                row.addSpacing(GRID)
        row.addStretch()


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


def _cap(words: str, *, small: bool = False) -> QWidget:
    cap = label(words, "cap" if small else "key")
    cap.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return cap
