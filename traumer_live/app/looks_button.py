"""Which look the picture goes through: a button that names it, and the menu of all there are.

In: the desk.  Out: changes of the look.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu

from traumer_live.app.desk import Desk
from traumer_live.app.texts import look as texts
from traumer_live.app.widgets import Button
from traumer_live.core.controls import Controls
from traumer_live.core.errors import TraumerError
from traumer_live.video.looks import Library

WIDTH, HEIGHT = 140, 20  # px, beside the card's title


class LooksButton(Button):
    """Names the look and opens the menu."""

    def __init__(self, desk: Desk, library: Library | None = None) -> None:
        super().__init__(role="models")
        self._desk = desk
        self._library = library or Library()
        self.setFixedSize(WIDTH, HEIGHT)
        self.setAccessibleName(texts.LOOK)
        self.menu_of_looks = QMenu(self)
        self.menu_of_looks.setToolTipsVisible(True)
        self.menu_of_looks.aboutToShow.connect(self.fill)
        self.setMenu(self.menu_of_looks)
        desk.controls_changed.connect(self.show_controls)
        self.show_controls(desk.controls)

    def show_controls(self, controls: Controls) -> None:
        """Follow the board; in the safe scene say what is really played."""
        self.setText(texts.SAFE if controls.safe else self._title(controls.look))
        self.setToolTip(texts.looks_tip(self._library.own))

    def fill(self) -> None:
        """Build the menu from the files as they are now."""
        self.menu_of_looks.clear()
        for name in self._library.names():
            self.menu_of_looks.addAction(self._entry(name))

    def _entry(self, name: str) -> QAction:
        action = QAction(self._title(name).replace("&", "&&"), self.menu_of_looks)
        action.setToolTip(self._says(name))
        action.setCheckable(True)
        action.setChecked(name == self._desk.controls.look)
        action.setData(name)
        action.triggered.connect(lambda _checked=False: self._desk.change(look=name))
        return action

    def _title(self, name: str) -> str:
        try:
            return self._library.look(name).title
        except TraumerError:
            return name  # its mistake is told in the menu, and by a badge when it is chosen

    def _says(self, name: str) -> str:
        try:
            return self._library.look(name).says
        except TraumerError as error:
            return str(error)
