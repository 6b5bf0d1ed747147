"""Between two pictures: how far from the last one to the newest, where drawings are more frequent.

In: when pictures come, host time of a drawing.  Out: 0 (the one before) .. 1 (the newest).
Thread: the drawing one.

A generator that keeps up with a drawing a tick is shown as it is. Where it does not, or a display
has several drawings a tick, pictures are followed up to one late, so that every drawing lies
between two of them and motion is even; the last drawing of a tick shows the newest picture whole.
Key frames, which are rarer still, were faded before they came here (``tween``).
"""

from __future__ import annotations

from traumer_live.core.types import TICK_RATE

FADES_FROM_S = 1.3 / TICK_RATE  # pictures usually farther apart than this are faded
MOST_STEPS = 4  # drawings a tick
LONGEST_S = 0.5  # a pause is no rhythm
_FORGETTING = 0.2  # how much one interval weighs against those before


def steps_for(display_hz: float) -> int:
    """How many drawings a tick a display is worth; 0 Hz is one that nobody knows.

    >>> [steps_for(hz) for hz in (0, 30, 50, 60, 75, 144, 240)]
    [1, 1, 2, 2, 2, 4, 4]
    """
    return min(max(round(display_hz / TICK_RATE), 1), MOST_STEPS)


class Between:
    """Remembers the rhythm in which pictures come."""

    def __init__(self) -> None:
        self.steps = 1  # drawings a tick
        self._came_at: float | None = None
        self._apart_s = 1.0 / TICK_RATE

    def came(self, now_s: float) -> None:
        """A new picture was taken for drawing at ``now_s``."""
        if self._came_at is not None and now_s - self._came_at < LONGEST_S:
            self._apart_s += _FORGETTING * (now_s - self._came_at - self._apart_s)
        self._came_at = now_s

    def share(self, now_s: float) -> float:
        """How much of the newest picture is shown at ``now_s``."""
        if self._came_at is None:
            return 1.0
        step_s = 1.0 / (self.steps * TICK_RATE)
        passed = max(now_s - self._came_at, 0.0)
        if self._apart_s < FADES_FROM_S:
            return min((passed + step_s) * TICK_RATE, 1.0)
        # Half a step on: the drawing is seen until the next one, on average so much later.
        return min((passed + 0.5 * step_s) / self._apart_s, 1.0)
