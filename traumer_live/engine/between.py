"""Where pictures come more seldom than drawings: how far from the last picture to the newest.

In: when pictures come, host time of a drawing.  Out: 0 (the one before) .. 1 (the newest).
Thread: the drawing one.

A generator that keeps up is shown as it is. One that does not is followed one picture late, so that
every drawing lies between two pictures and motion is even. Key frames, which are rarer still, were
faded before they came here (``tween``).
"""

from __future__ import annotations

from traumer_live.core.types import TICK_RATE

FADES_FROM_S = 1.3 / TICK_RATE  # pictures usually farther apart than this are faded
LONGEST_S = 0.5  # a pause is no rhythm
_FORGETTING = 0.2  # how much one interval weighs against those before


class Between:
    """Remembers the rhythm in which pictures come."""

    def __init__(self) -> None:
        self._came_at: float | None = None
        self._apart_s = 1.0 / TICK_RATE

    def came(self, now_s: float) -> None:
        """A new picture was taken for drawing at ``now_s``."""
        if self._came_at is not None and now_s - self._came_at < LONGEST_S:
            self._apart_s += _FORGETTING * (now_s - self._came_at - self._apart_s)
        self._came_at = now_s

    def share(self, now_s: float) -> float:
        """How much of the newest picture is shown at ``now_s``."""
        if self._came_at is None or self._apart_s < FADES_FROM_S:
            return 1.0
        # Half a tick on: the drawing is seen until the next one, on average so much later.
        passed = now_s - self._came_at + 0.5 / TICK_RATE
        return min(max(passed / self._apart_s, 0.0), 1.0)
