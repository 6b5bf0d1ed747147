"""OUTPUT: which screen the audience looks at.

In: the screens of this machine.  Out: the chosen one, filled or given back.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QComboBox, QHBoxLayout

from traumer_live.app.desk import Desk
from traumer_live.app.output import Output
from traumer_live.app.screens import describe
from traumer_live.app.texts import take as texts
from traumer_live.app.theme import icon
from traumer_live.app.widgets import Button, Card, label
from traumer_live.core.controls import Controls


class ScreenChoice(QComboBox):
    """Names the audience's screen, and lets another one be chosen."""

    def __init__(self, output: Output) -> None:
        super().__init__()
        self._output = output
        self.setToolTip(texts.SCREEN.tip)
        self.setAccessibleName(texts.SCREEN.name)
        self.activated.connect(self._chose)
        output.changed.connect(self.show_output)
        self.show_output()

    def show_output(self) -> None:
        """Follow the screens as they come and go."""
        self.clear()
        for screen in QGuiApplication.screens():
            self.addItem(icon("fullscreen"), describe(screen), screen.name())
        self.setCurrentIndex(self.findData(self._output.screen.name()))

    def _chose(self, row: int) -> None:
        self._output.choose(str(self.itemData(row)))


class OutputCard(Card):
    """The audience's screen."""

    def __init__(self, output: Output, desk: Desk) -> None:
        super().__init__(texts.OUTPUT)
        self._output = output
        self._state = label("", "caption")
        self.head.addWidget(self._state)
        self.screens = ScreenChoice(output)
        self.fill = Button(texts.FILL.name, role="small", checkable=True)
        self.fill.setToolTip(texts.FILL.tip)
        self.fill.clicked.connect(lambda on: desk.change(screen="fill" if on else "bars"))
        row = QHBoxLayout()
        row.addWidget(self.screens, 1)
        row.addWidget(self.fill)
        self.body.addLayout(row)
        desk.controls_changed.connect(self.show_controls)
        self.show_controls(desk.controls)
        output.changed.connect(self.show_output)
        self.show_output()

    def show_controls(self, controls: Controls) -> None:
        """Follow the board."""
        self.fill.setChecked(controls.screen == "fill")

    def show_output(self) -> None:
        """Follow the screens as they come and go."""
        self._state.setText(texts.ON_AIR if self._output.showing else texts.OFF)
