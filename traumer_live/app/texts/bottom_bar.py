"""The bottom strip: switches that are hit in the dark, and what the machine does."""

from __future__ import annotations

from traumer_live.app.texts.common import Words, with_key

BLACKOUT = Words("BLACKOUT", with_key("Fade the output to black and back.", "B"))
FREEZE = Words("FREEZE", with_key("Hold the picture; listening goes on.", "Space"))
SAFE = Words(
    "SAFE SCENE",
    with_key(
        "A calm, known picture, out of any blackout or freeze; again: back to yours.",
        "S",
    ),
)
RECORD = Words("RECORD", with_key("Begin a take, or end it.", "R"))
HUD = Words("HUD", with_key("Lay a line of numbers over the picture.", "H"))
SMALL = Words(
    "SMALL",
    with_key(
        "Listen along: the picture alone, small and above other windows.\n"
        "Drag it, resize it by its edges, double-click it to come back.",
        "M",
    ),
)
FULLSCREEN = "FULLSCREEN"
LIMITING = "FLASH LIMITER ACTS"
MACHINE_TIP = (
    "What runs the generator; the interval that 19 of 20 pictures keep; pictures made but\n"
    "never shown, for a newer one was there."
)


def fullscreen_on(screen: str) -> str:
    """The switch, with the screen that it fills."""
    return f"{FULLSCREEN} → {screen}"


def fullscreen_tip(screen: str) -> str:
    """What the switch does."""
    return with_key(f"Show the picture on {screen}, alone.", "F, back with Esc")


def smoothness(p95_ms: float, dropped: int) -> str:
    """How evenly pictures come."""
    return f"p95 {p95_ms:.0f} ms · {dropped} dropped"
