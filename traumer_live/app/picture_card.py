"""PICTURE: how the square picture fills the screen, and which look it goes through.

In: the desk.  Out: changes of the fit and the look.  Thread: GUI.
"""

from __future__ import annotations

from traumer_live.app.desk import Desk
from traumer_live.app.looks_button import LooksButton
from traumer_live.app.widgets import Card, Segments
from traumer_live.core.controls import Controls

FITS = (
    ("mirror", "The picture goes on left and right as its own mirror image."),
    ("fit", "The whole picture, black beside it."),
    ("crop", "The picture fills the screen; its top and bottom are cut off."),
)

TIGHT = 3  # px below the head: its button is that much higher than a title alone


class PictureCard(Card):
    """How the picture lies on the screen."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("PICTURE")
        self.looks = LooksButton(desk)
        self.head.addWidget(self.looks)
        self.body.setSpacing(TIGHT)
        self.fits = Segments(FITS)
        self.fits.chosen.connect(lambda name: desk.change(fit=name))
        self.body.addWidget(self.fits)
        desk.controls_changed.connect(self.show_controls)
        self.show_controls(desk.controls)

    def show_controls(self, controls: Controls) -> None:
        """Follow the board."""
        self.fits.show_choice(controls.fit)
