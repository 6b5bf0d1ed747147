"""How much effort a moment is worth: all of it, a picture now and then, or listening alone.

In: loudness by show time; whether anybody sees the picture, from the windows.  Out: an effort.
Thread: ``heard`` belongs to the ears; the wishes are set and the effort is asked by any.

A show at a gig never rests. One that accompanies somebody's day does: when no window shows it, no
picture is made, and when nothing plays for a while, its walk goes on in a few pictures a second.
The pulse is followed at every tick all the same, so the first sound wakes it within that tick.
"""

from __future__ import annotations

from typing import Literal

from traumer_live.core.types import SAMPLES_PER_TICK, SHOW_RATE, TICK_RATE
from traumer_live.latent.idle import SILENCE_LOUDNESS

Effort = Literal["full", "drowsy", "asleep"]

DROWSY_AFTER_S = 20.0  # of silence; the walk has begun and was looked at
DROWSY_FPS = 3
TURN = TICK_RATE // DROWSY_FPS * SAMPLES_PER_TICK  # samples from one drowsy picture to the next
ASLEEP_NAP_S = 0.1  # ears then hear what came meanwhile at once, and ask the tagger once for it


class Rest:
    """Knows whether anybody looks and for how long it has been silent."""

    def __init__(self) -> None:
        self.seen = True  # some window shows the picture; windows say so
        self.polite = False  # it accompanies a person: silence is a reason to rest
        self._sounded_at = 0  # show index of the newest sound
        self._heard_at = 0

    def heard(self, loudness: float, sample_index: int) -> None:
        """What the tick that ends at ``sample_index`` sounded like."""
        self._heard_at = sample_index
        if loudness >= SILENCE_LOUDNESS:
            self._sounded_at = sample_index

    @property
    def silent_s(self) -> float:
        """Seconds since the last sound, by show time."""
        return (self._heard_at - self._sounded_at) / SHOW_RATE

    @property
    def effort(self) -> Effort:
        """What this moment is worth."""
        if not self.seen:
            return "asleep"
        return "drowsy" if self.polite and self.silent_s > DROWSY_AFTER_S else "full"


def is_turn(before: int, after: int) -> bool:
    """Whether a drowsy show is to make a picture between two show indices."""
    return before // TURN != after // TURN
