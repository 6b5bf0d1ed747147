"""The studio window itself, the audience's and the small one: titles, badges, menus."""

from __future__ import annotations

from traumer_live.app.texts.common import PROGRAM

AUDIENCE_TITLE = f"{PROGRAM} · output"
PREVIEW_TIP = "Exactly what the audience sees. Double-click: fullscreen output (F)"
NO_TITLE = "No music player tells what it plays."

SHOW_TITLE = "What plays\tN"
RECORD = "Record\tR"
QUIT = "Quit\tQ"
BACK_TO_STUDIO = "Back to the studio\tM"
ABOVE_OTHERS = "Above other windows"

SCREEN_LOST = "The audience's screen was unplugged; the picture returns with it, or press F."


def stumbled(error: object) -> str:
    """A mistake of ours, in a window."""
    return f"The studio stumbled ({error!r}); the show goes on."


def went_wrong(error: object) -> str:
    """A mistake of ours, beside the windows."""
    return f"Something went wrong ({error!r}); the show goes on."
