"""DREAM: how the music becomes a picture, and how late each level of it speaks.

In: the desk.  Out: changes of preset, truncation, pulse strength and grain.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtWidgets import QGridLayout

from traumer_live.app.desk import Desk
from traumer_live.app.models_button import ModelsButton
from traumer_live.app.numbers import Numbers
from traumer_live.app.pulse_line import PulseLine
from traumer_live.app.texts import dream as texts
from traumer_live.app.texts.common import NOTHING_YET, lag_of, seconds
from traumer_live.app.theme import GRID
from traumer_live.app.turnable import turnable
from traumer_live.app.widgets import Card, Segments, label
from traumer_live.core.controls import Controls
from traumer_live.engine.status import ShowStatus
from traumer_live.latent.levels import LEVELS

NUMBERS = (
    turnable("truncation_psi", texts.VARIETY, "ψ", steps=120),
    turnable("noise_gain", texts.GRAIN, "×", steps=150),
    turnable("pulse_strength", texts.PULSE, "%", scale=100.0, digits=0),
    turnable("energy", texts.ENERGY, "%", scale=100.0, digits=0),
)


class DreamCard(Card):
    """The generator's controls."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(texts.DREAM)
        self._desk = desk
        self.models = ModelsButton(desk.models)
        self.head.addWidget(self.models)
        self.presets = Segments(texts.PRESETS)
        self.presets.chosen.connect(lambda name: desk.change(preset=name))
        self.body.addWidget(self.presets)
        self.numbers = Numbers(desk, NUMBERS)
        self.rows = self.numbers.rows
        self.body.addWidget(self.numbers)
        self.pulse_line = PulseLine(desk)
        self.body.addWidget(self.pulse_line)
        self.body.addSpacing(GRID // 2)
        self._lags = {level: label(NOTHING_YET, "figure") for level in LEVELS}
        self.body.addLayout(self._lag_table())
        desk.controls_changed.connect(self.show_controls)
        desk.status_changed.connect(self.show_status)
        self.show_controls(desk.controls)

    def show_controls(self, controls: Controls) -> None:
        """Follow the board."""
        self.presets.show_choice(controls.preset)
        self.rows["pulse_strength"].setEnabled(controls.preset != "paper")

    def show_status(self, status: ShowStatus) -> None:
        """Follow the models and the lags of the preset."""
        self.models.show_status(status)
        for level, shown in self._lags.items():
            shown.setText(seconds(status.delay_s[level]))

    def _lag_table(self) -> QGridLayout:
        table = QGridLayout()
        table.setSpacing(0)
        for place, (level, shown) in enumerate(self._lags.items()):
            name = label(lag_of(level), "caption")
            for row, widget in enumerate((shown, name)):
                widget.setToolTip(texts.LAG_TIP)
                table.addWidget(widget, row, place)
            table.setColumnStretch(place, 1)
        return table
