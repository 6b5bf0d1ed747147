"""MOTION: how fast each level of the picture follows the music, and how far it strays by itself.

In: the desk.  Out: changes of the speeds and the drift.  Thread: GUI.
"""

from __future__ import annotations

from traumer_live.app.desk import Desk
from traumer_live.app.numbers import Numbers
from traumer_live.app.turnable import Turnable, turnable
from traumer_live.app.widgets import Card
from traumer_live.core.controls import Controls


def _speed(level: str, what: str) -> Turnable:
    return turnable(
        f"{level}_speed",
        level.capitalize(),
        "×",
        f"How fast {what} follow the music; 1 as published, faster is sooner and less calm.",
        steps=80,
        in_octaves=True,
    )


NUMBERS = (
    _speed("coarse", "shapes"),
    _speed("middle", "contents"),
    _speed("fine", "colours and surfaces"),
    turnable(
        "drift",
        "Drift",
        "%",
        "How far a slow walk of its own leads the picture off the music; ignored by Paper.",
        scale=100.0,
        digits=0,
    ),
)


class MotionCard(Card):
    """Speeds and drift."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("MOTION")
        self.numbers = Numbers(desk, NUMBERS)
        self.rows = self.numbers.rows
        self.body.addWidget(self.numbers)
        desk.controls_changed.connect(self.show_controls)
        self.show_controls(desk.controls)

    def show_controls(self, controls: Controls) -> None:
        """Say what the preset leaves without effect."""
        self.rows["drift"].setEnabled(controls.preset != "paper")
