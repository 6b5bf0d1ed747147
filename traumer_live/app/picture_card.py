"""PICTURE: how the square picture fills the screen, its look, and how that is shown.

In: the desk.  Out: changes of the fit, the look, zoom, hue and fade time.  Thread: GUI.
"""

from __future__ import annotations

from traumer_live.app.desk import Desk
from traumer_live.app.looks_button import LooksButton
from traumer_live.app.numbers import Numbers
from traumer_live.app.texts import look as texts
from traumer_live.app.turnable import turnable
from traumer_live.app.widgets import Card, Segments
from traumer_live.core.controls import Controls

NUMBERS = (
    turnable("look_amount", texts.AMOUNT, "%", scale=100.0, digits=0),
    turnable("zoom", texts.ZOOM, "×", in_octaves=True),
    turnable("hue", texts.HUE, "°", digits=0, steps=360),
    turnable("fade_s", texts.FADE, "s", digits=1, in_octaves=True),
)


class PictureCard(Card):
    """How the picture lies on the screen."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(texts.PICTURE)
        self.looks = LooksButton(desk)
        self.head.addWidget(self.looks)
        self.fits = Segments(texts.FITS)
        self.fits.chosen.connect(lambda name: desk.change(fit=name))
        self.body.addWidget(self.fits)
        self.numbers = Numbers(desk, NUMBERS)
        self.rows = self.numbers.rows
        self.body.addWidget(self.numbers)
        desk.controls_changed.connect(self.show_controls)
        self.show_controls(desk.controls)

    def show_controls(self, controls: Controls) -> None:
        """Follow the board."""
        self.fits.show_choice(controls.fit)
