"""DREAM: how the music becomes a picture, and how late each level of it speaks.

In: the desk.  Out: changes of preset, truncation, pulse strength and grain.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtWidgets import QGridLayout

from traumer_live.app.desk import Desk
from traumer_live.app.models_button import ModelsButton
from traumer_live.app.numbers import Numbers
from traumer_live.app.pulse_line import PulseLine
from traumer_live.app.theme import GRID
from traumer_live.app.turnable import turnable
from traumer_live.app.widgets import Card, Segments, label
from traumer_live.core.controls import Controls
from traumer_live.engine.status import ShowStatus
from traumer_live.latent.levels import LEVELS

PRESETS = (
    (
        "paper",
        "As published: plain averages over 3, 2 and 0.3 s, no pulse, no loudness correction.",
    ),
    ("live", "For the stage: newer sound counts more, so the picture follows much sooner."),
)
LAG_TIP = (
    "How late each level of the picture follows the music, in seconds:\n"
    "coarse is shape, middle is content, fine is colour and surface. The pulse answers at once."
)


NUMBERS = (
    turnable(
        "truncation_psi",
        "Variety",
        "ψ",
        "Truncation: 0 is the average picture, 1 the generator's full variety.",
        steps=120,
    ),
    turnable("noise_gain", "Grain", "×", "Strength of the generator's own fine noise.", steps=150),
    turnable(
        "pulse_strength",
        "Pulse",
        "%",
        "How strongly the beat moves the picture; ignored by Paper.",
        scale=100.0,
        digits=0,
    ),
    turnable(
        "energy",
        "Energy",
        "%",
        "How lively all of it is: pulse, grain and the look's own motion together.",
        scale=100.0,
        digits=0,
    ),
)


class DreamCard(Card):
    """The generator's controls."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("DREAM")
        self._desk = desk
        self.models = ModelsButton(desk.models)
        self.head.addWidget(self.models)
        self.presets = Segments(PRESETS)
        self.presets.chosen.connect(lambda name: desk.change(preset=name))
        self.body.addWidget(self.presets)
        self.numbers = Numbers(desk, NUMBERS)
        self.rows = self.numbers.rows
        self.body.addWidget(self.numbers)
        self.pulse_line = PulseLine(desk)
        self.body.addWidget(self.pulse_line)
        self.body.addSpacing(GRID // 2)
        self._lags = {level: label("–", "figure") for level in LEVELS}
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
            shown.setText(f"{status.delay_s[level]:.1f} s")

    def _lag_table(self) -> QGridLayout:
        table = QGridLayout()
        table.setSpacing(0)
        for place, (level, shown) in enumerate(self._lags.items()):
            name = label(f"{level} lag", "caption")
            for row, widget in enumerate((shown, name)):
                widget.setToolTip(LAG_TIP)
                table.addWidget(widget, row, place)
            table.setColumnStretch(place, 1)
        return table
