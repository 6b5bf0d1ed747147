"""MOTION: how fast each level of the picture follows the music, and how far it strays by itself.

In: the desk.  Out: changes of the speeds and the drift.  Thread: GUI.
"""

from __future__ import annotations

from traumer_live.app.desk import Desk
from traumer_live.app.numbers import Numbers
from traumer_live.app.texts import dream as texts
from traumer_live.app.turnable import turnable
from traumer_live.app.widgets import Card
from traumer_live.core.controls import Controls
from traumer_live.latent.levels import LEVELS

NUMBERS = (
    *(
        turnable(f"{level}_speed", texts.speed(level), "×", steps=80, in_octaves=True)
        for level in LEVELS
    ),
    turnable("drift", texts.DRIFT, "%", scale=100.0, digits=0),
)


class MotionCard(Card):
    """Speeds and drift."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(texts.MOTION)
        self.numbers = Numbers(desk, NUMBERS)
        self.rows = self.numbers.rows
        self.body.addWidget(self.numbers)
        desk.controls_changed.connect(self.show_controls)
        self.show_controls(desk.controls)

    def show_controls(self, controls: Controls) -> None:
        """Say what the preset leaves without effect."""
        self.rows["drift"].setEnabled(controls.preset != "paper")
