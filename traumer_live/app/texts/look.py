"""The page Look: how the picture fills the screen, its look, and the look's knobs."""

from __future__ import annotations

from pathlib import Path

from traumer_live.app.texts.common import Words

PICTURE = "PICTURE"
FITS = {
    "mirror": Words("Mirror", "The picture goes on left and right as its own mirror image."),
    "fit": Words("Fit", "The whole picture, black beside it."),
    "crop": Words("Crop", "The picture fills the screen; its top and bottom are cut off."),
}
AMOUNT = Words("Look", "How much of the look is laid over the bare picture.")
ZOOM = Words("Zoom", "Comes closer, or goes further away.")
HUE = Words("Hue", "Turns all colours round the circle.")
FADE = Words("Fade", "How long the slow fade to black and back takes (key D).")

LOOK = "Look"
SAFE = "Safe scene"

KNOBS = "KNOBS"
RESET = Words("Reset", "All knobs of this look back to where its file sets them.")


def looks_tip(own: Path) -> str:
    """What a look is, and where the user's own ones are."""
    return (
        "What the picture goes through before it is shown. Looks of your own are text files\n"
        f"in {own}"
    )


def knob_tip(meaning: str) -> str:
    """What its shader says of a knob, as a sentence."""
    return f"{meaning[0].upper()}{meaning[1:]}."
