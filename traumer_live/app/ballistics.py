"""How a level meter moves: up at once, down slowly, the peak stays a moment, clipping stays.

In: levels in dBFS with their time.  Out: where bar, peak mark and clip light stand.  Thread: any.
"""

from __future__ import annotations

FLOOR_DB = -60.0
CEILING_DB = 0.0
RELEASE_DB_S = 24.0  # of the bar
PEAK_HOLD_S = 1.0
PEAK_RELEASE_DB_S = 40.0  # after the hold
CLIP_DB = -0.1  # at full scale, less a rounding


class Ballistics:
    """The state of one meter."""

    def __init__(self) -> None:
        self.bar_db = FLOOR_DB
        self.peak_db = FLOOR_DB
        self.clipped = False
        self._then: float | None = None
        self._peak_at = 0.0

    def push(self, level_db: float, peak_db: float, *, now_s: float) -> None:
        """Move to ``now_s`` with the newest level and peak."""
        passed = 0.0 if self._then is None else max(now_s - self._then, 0.0)
        self._then = now_s
        self.bar_db = max(_bounded(level_db), self.bar_db - RELEASE_DB_S * passed, FLOOR_DB)
        self.clipped = self.clipped or peak_db >= CLIP_DB
        peak_db = _bounded(peak_db)
        if peak_db >= self.peak_db:
            self.peak_db, self._peak_at = peak_db, now_s
        elif now_s - self._peak_at > PEAK_HOLD_S:
            self.peak_db = max(peak_db, self.peak_db - PEAK_RELEASE_DB_S * passed, FLOOR_DB)


def fraction(decibel: float) -> float:
    """Where a level lies between floor (0) and ceiling (1)."""
    return (_bounded(decibel) - FLOOR_DB) / (CEILING_DB - FLOOR_DB)


def _bounded(decibel: float) -> float:
    return min(max(decibel, FLOOR_DB), CEILING_DB)
