"""Every key of the studio, in one table, and the sheet that shows it.

In: keys pressed in any window of the studio.  Out: actions.  Thread: GUI.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QShortcut
from PyQt6.QtWidgets import QFrame, QGridLayout, QWidget

from traumer_live.app.texts import keys as texts
from traumer_live.app.theme import GRID
from traumer_live.app.widgets import label

SHEET_WIDTH = 416


class Keys:
    """Binds the table to actions, in the studio and in the audience's window."""

    def __init__(self, studio: QWidget, actions: Mapping[str, Callable[[], None]]) -> None:
        self._actions = dict(actions)
        for name in self._actions:
            shortcut = QShortcut(QKeySequence(name), studio)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(self._actions[name])

    def press(self, name: str) -> None:
        """Do what the key ``name`` does; unknown keys do nothing."""
        if name in self._actions:
            self._actions[name]()


class KeySheet(QFrame):
    """All keys, in the middle of the studio; any key or click closes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)  # a picture inside would cover a child
        self.setProperty("role", "sheet")
        self.setFixedWidth(SHEET_WIDTH)
        table = QGridLayout(self)
        table.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 3 * GRID)
        table.setHorizontalSpacing(2 * GRID)
        table.setVerticalSpacing(GRID)
        table.setColumnStretch(1, 1)
        table.addWidget(label(texts.TITLE, "title"), 0, 0, 1, 2)
        for row, (key, meaning) in enumerate(texts.KEYS, start=1):
            cap = label(key, "key")
            cap.setAlignment(Qt.AlignmentFlag.AlignCenter)
            table.addWidget(cap, row, 0)
            table.addWidget(label(meaning), row, 1)
        self.hide()

    def toggle(self) -> None:
        """Show in the middle of the studio, or close."""
        parent = self.parentWidget()
        if not self.isVisible() and parent is not None:
            self.adjustSize()
            middle = parent.rect().center() - self.rect().center()
            self.move(parent.mapToGlobal(middle))
        self.setVisible(not self.isVisible())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802  Qt's name
        """Seen."""
        self.hide()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802  Qt's name
        """Seen."""
        self.hide()
