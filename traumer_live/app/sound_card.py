"""SOUND: what is listened to, how loud, the gate against the room, a tone that proves the chain.

In: the desk's status.  Out: changes of gain and gate, the test tone.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtWidgets import QHBoxLayout

from traumer_live.app.ballistics import FLOOR_DB
from traumer_live.app.desk import Desk
from traumer_live.app.meter import LevelMeter, level_text
from traumer_live.app.slider_row import SliderRow
from traumer_live.app.sound_desk import SoundDesk
from traumer_live.app.texts import sound as texts
from traumer_live.app.texts.common import Words
from traumer_live.app.theme import GRID
from traumer_live.app.turnable import turnable
from traumer_live.app.widgets import Button, Card, label
from traumer_live.audio.preamp import PreampState
from traumer_live.core.controls import Controls
from traumer_live.engine.status import ShowStatus

METER_WIDTH = 212  # px; with its number it fills the card
GAIN_WIDTH = 40  # px, of the word
GAIN = turnable("gain_db", texts.GAIN, "dB", digits=1, steps=120)


class SoundCard(Card):
    """The source and the preamp."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(texts.SOUND)
        self._desk = desk
        self.sound = SoundDesk(desk)
        self.tone = _button(texts.TONE, checkable=True)
        self.head.addWidget(self.tone)
        self._source = label()
        self._state = label("", "caption")
        self.meter = LevelMeter(desk, bar_width=METER_WIDTH)
        self.gain = SliderRow(GAIN, name_width=GAIN_WIDTH)
        self.auto = _button(texts.AUTO, checkable=True)
        self.gate = _button(texts.GATE, checkable=True)
        self.learn = _button(texts.LEARN)
        self._gate_state = label("", "caption")
        self._gate_state.setWordWrap(True)
        self._arrange()
        self._connect()
        self.show_controls(desk.controls)

    def show_controls(self, controls: Controls) -> None:
        """Follow the board."""
        self.auto.setChecked(controls.auto_gain)
        self.gate.setChecked(controls.gate)
        if not controls.auto_gain and not self.gain.edit.hasFocus():
            self.gain.show_value(controls.gain_db)

    def show_status(self, status: ShowStatus) -> None:
        """Follow what is heard."""
        self._source.setText(status.source)
        testing = self.sound.is_testing
        self._state.setText(verdict(status) if testing else source_words(status))
        controls = self._desk.controls
        if controls.auto_gain and not self.gain.slider.isSliderDown():
            self.gain.show_value(status.preamp.gain_db)
        self._gate_state.setText(gate_words(controls, status.preamp))
        self.learn.setEnabled(status.preamp.learning is None)

    def _connect(self) -> None:
        desk = self._desk
        self.tone.clicked.connect(self.sound.toggle_tone)
        self.sound.testing.connect(self.tone.setChecked)
        self.gain.turned.connect(lambda value: desk.change(gain_db=value, auto_gain=False))
        self.auto.clicked.connect(self._switch_auto)
        self.gate.clicked.connect(self._switch_gate)
        self.learn.clicked.connect(self.sound.learn)
        desk.controls_changed.connect(self.show_controls)
        desk.status_changed.connect(self.show_status)

    def _switch_auto(self, on: bool) -> None:
        if on:
            self._desk.change(auto_gain=True)
        else:
            self.sound.take_gain_over()

    def _switch_gate(self, on: bool) -> None:
        """A gate that has learned nothing learns first; then it closes by itself."""
        self.gate.setChecked(self._desk.controls.gate)
        if on and not self._desk.controls.noise_floor:
            self.sound.learn()
        else:
            self._desk.change(gate=on)

    def _arrange(self) -> None:
        self.body.addWidget(self._source)
        self.body.addWidget(self._state)
        self.body.addWidget(self.meter)
        gain = QHBoxLayout()
        gain.setSpacing(GRID)
        gain.addWidget(self.gain, 1)
        gain.addWidget(self.auto)
        self.body.addLayout(gain)
        gate = QHBoxLayout()
        gate.setSpacing(GRID)
        gate.addWidget(self.gate)
        gate.addWidget(self.learn)
        gate.addStretch()
        self.body.addLayout(gate)
        self.body.addWidget(self._gate_state)


def verdict(status: ShowStatus) -> str:
    """What the test tone has proved so far."""
    if status.pulse.level_dbfs <= FLOOR_DB:
        return texts.TONE_NOT_HEARD
    level = level_text(status.pulse.level_dbfs)
    if status.fps <= 0:
        return texts.tone_without_picture(level)
    return texts.tone_works(level, status.fps)


def source_words(status: ShowStatus) -> str:
    """The state of the source, and what the limiter does to it."""
    held = status.preamp.held_back_db
    if held < 1:
        return status.source_state
    return f"{status.source_state} · {texts.limiting(held)}"


def gate_words(controls: Controls, preamp: PreampState) -> str:
    """What the gate does, or what it needs."""
    if preamp.learning is not None:
        return texts.listening_to_room(preamp.learning)
    if not controls.noise_floor:
        return texts.NO_ROOM
    if not controls.gate:
        return texts.GATE_OFF
    return texts.GATE_OPEN if preamp.gate_open else texts.GATE_CLOSED


def _button(words: Words, *, checkable: bool = False) -> Button:
    made = Button(words.name, role="small", checkable=checkable)
    made.setToolTip(words.tip)
    return made
