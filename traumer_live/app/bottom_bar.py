"""The bottom strip: the switches that must be hit in the dark, and what the machine does.

In: the desk and the output.  Out: blackout, freeze, fullscreen, a take, HUD.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy

from traumer_live.app.desk import Desk
from traumer_live.app.output import Output
from traumer_live.app.record_card import clock
from traumer_live.app.screens import short_name
from traumer_live.app.small import Small
from traumer_live.app.texts import bottom_bar as texts
from traumer_live.app.texts.common import Words
from traumer_live.app.theme import GAP, GRID, icon
from traumer_live.app.widgets import Button, label
from traumer_live.core.controls import Controls
from traumer_live.engine.status import RecordingStatus, ShowStatus

HEIGHT = 64
ROOMY, NARROW = 1240, 1060  # px; below them the screen's name goes, then all words
RECORD_WIDTH = 140  # px; the word and the time take the same room


class BottomBar(QFrame):
    """One line below everything."""

    def __init__(self, desk: Desk, output: Output, small: Small) -> None:
        super().__init__()
        self.setObjectName("bottomBar")
        self.setFixedHeight(HEIGHT)
        self._desk = desk
        self._output, self._small = output, small
        self.blackout = _switch(texts.BLACKOUT, "blackout")
        self.freeze = _switch(texts.FREEZE, "freeze")
        self.safe = _switch(texts.SAFE, "safe")
        self.record = _switch(texts.RECORD, "record")
        self.hud = _switch(texts.HUD, "hud")
        self.small = _switch(texts.SMALL, "small")
        self.fullscreen = _switch(Words(texts.FULLSCREEN, ""), "fullscreen")
        self._machine = label("", "caption")
        self._facts: tuple[str, ...] = ()
        named = (self.blackout, self.freeze, self.safe, self.small, self.hud)
        self._words = {button: button.text().strip() for button in named}
        self._target = texts.FULLSCREEN
        self._connect()
        self._arrange()
        self.show_controls(desk.controls)
        self.show_output()

    def show_controls(self, controls: Controls) -> None:
        """Follow the board."""
        self.blackout.setChecked(controls.blackout)
        self.freeze.setChecked(controls.frozen)
        self.safe.setChecked(controls.safe)
        self.hud.setChecked(controls.hud)

    def show_output(self) -> None:
        """Follow the output window."""
        name = short_name(self._output.screen)
        self._target = texts.fullscreen_on(name)
        self._fit()
        self.fullscreen.setChecked(self._output.showing)
        self.fullscreen.setToolTip(texts.fullscreen_tip(name))

    def show_status(self, status: ShowStatus) -> None:
        """Follow the machine."""
        self._show_take(status.recording)
        first = texts.LIMITING if status.limiting else status.device
        self._facts = (first, texts.smoothness(status.p95_ms, status.dropped))
        self._tell_facts()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802  Qt's name
        """Words go before switches do."""
        super().resizeEvent(event)
        self._fit()
        self._tell_facts()

    def _fit(self) -> None:
        """Say as much as there is room for; the sign of a switch always stays."""
        words = {**self._words, self.fullscreen: self._target}
        if self.width() < ROOMY:
            words[self.fullscreen] = texts.FULLSCREEN
        for button, said in words.items():
            button.setText(f"  {said}" if self.width() >= NARROW else "")

    def _tell_facts(self) -> None:
        room, measure = self._machine.width(), self._machine.fontMetrics()
        right = Qt.TextElideMode.ElideRight
        self._machine.setText("\n".join(measure.elidedText(f, right, room) for f in self._facts))

    def _show_take(self, take: RecordingStatus | None) -> None:
        """Whichever page of cards is open, the operator sees whether the take runs."""
        self.record.setChecked(take is not None)
        self.record.setIcon(icon("stop", "window") if take else icon("record", "danger"))
        self.record.setText(f"  {clock(take.seconds)}" if take else f"  {texts.RECORD.name}")

    def _clicked_record(self) -> None:
        self.record.setChecked(self._desk.recording)  # until the take has really begun or ended
        self._desk.toggle_recording()

    def _clicked_small(self) -> None:
        self.small.setChecked(False)  # this window is gone as long as that one is there
        self._small.show()

    def _connect(self) -> None:
        self.blackout.clicked.connect(lambda: self._desk.toggle("blackout"))
        self.freeze.clicked.connect(lambda: self._desk.toggle("frozen"))
        self.safe.clicked.connect(self._desk.toggle_safe)
        self.small.clicked.connect(self._clicked_small)
        self.hud.clicked.connect(lambda: self._desk.toggle("hud"))
        self.record.clicked.connect(self._clicked_record)
        self.fullscreen.clicked.connect(self._output.toggle)
        self._desk.controls_changed.connect(self.show_controls)
        self._desk.status_changed.connect(self.show_status)
        self._output.changed.connect(self.show_output)

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(GAP, 0, GAP + 4, 0)
        row.setSpacing(GRID)
        self.record.setProperty("danger", True)  # red while a take runs
        self.record.setMinimumWidth(RECORD_WIDTH)
        for button in (self.blackout, self.freeze, self.safe, self.fullscreen, self.record):
            row.addWidget(button)
        for button in (self.small, self.hud):
            row.addWidget(button)
        self._machine.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._machine.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._machine.setToolTip(texts.MACHINE_TIP)
        row.addWidget(self._machine, 1)


def _switch(words: Words, symbol: str) -> Button:
    button = Button(f"  {words.name}", role="bar", checkable=True)
    button.setIcon(icon(symbol, "text", on="window"))
    button.setIconSize(QSize(16, 16))
    button.setToolTip(words.tip)
    button.setAccessibleName(words.name.capitalize())
    return button
