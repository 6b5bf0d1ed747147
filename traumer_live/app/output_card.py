"""OUTPUT: which screen the audience looks at.

In: the screens of this machine.  Out: the chosen one, filled or given back.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QComboBox

from traumer_live.app.output import Output
from traumer_live.app.screens import describe
from traumer_live.app.theme import icon
from traumer_live.app.widgets import Card, label


class OutputCard(Card):
    """The audience's screen."""

    def __init__(self, output: Output) -> None:
        super().__init__("OUTPUT")
        self._output = output
        self._state = label("", "caption")
        self.head.addWidget(self._state)
        self.screens = QComboBox()
        self.screens.setToolTip("The screen that the audience looks at. F fills it, Esc leaves it.")
        self.screens.setAccessibleName("Screen of the audience")
        self.screens.activated.connect(self._chose)
        self.body.addWidget(self.screens)
        output.changed.connect(self.show_output)
        self.show_output()

    def show_output(self) -> None:
        """Follow the screens as they come and go."""
        self._state.setText("on air" if self._output.showing else "off")
        self.screens.clear()
        for screen in QGuiApplication.screens():
            self.screens.addItem(icon("fullscreen"), describe(screen), screen.name())
        self.screens.setCurrentIndex(self.screens.findData(self._output.screen.name()))

    def _chose(self, row: int) -> None:
        self._output.choose(str(self.screens.itemData(row)))
