"""Badges of what lasts: what is the matter, and what to do about it."""

from __future__ import annotations

from traumer_live.app.texts.common import frames_per_second

BADGE_TIP = "A click or Enter shows all of it, the next one takes it away."
Advice = tuple[str, str]  # what is the matter, and what to do

SOURCES: dict[str, Advice] = {  # by the state of the source
    "source lost, retrying": (
        "Source lost, retrying",
        "Check its cable; the show goes on and takes it back by itself.",
    ),
    "ended": ("The sound file has ended", "Choose another source at the top left."),
}
ONLY_THE_ROOM: Advice = (
    "Only the room is heard",
    "Play something louder, or learn the room anew (F3).",
)


def no_signal(seconds: float) -> Advice:
    """Nothing is heard."""
    return (
        f"No signal for {seconds:.0f} s",
        "Play something, choose another source at the top left, or turn up the gain.",
    )


def slow(fps: float) -> Advice:
    """Pictures come slowly."""
    return (
        f"Slow dreams: {frames_per_second(fps, digits=0 if fps >= 10 else 1)}",
        "Close other programs, or choose a smaller generator.",
    )


def disk(minutes: float) -> Advice:
    """A take will end soon."""
    return (
        f"Disk: {minutes:.0f} min left",
        "Free some space or end the take; what is recorded stays whole.",
    )
