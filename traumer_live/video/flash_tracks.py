"""Where each cell last turned round, and how often it did within a second.

In: what is shown, per cell.  Out: which cells make a transition.  Thread: one owner.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.types import Array
from traumer_live.video.flash_colour import chromaticity, is_saturated_red

Mask = NDArray[np.bool_]

PERIOD_S = 1.0
BUDGET = 6  # transitions: three flashes
TRANSITION = 0.095  # of luminance, for 0.10: eight bits round
DARKER_BELOW = 0.81  # for 0.80
RED_STEP = 0.195  # in u'v', for 0.2


class Turns:
    """The last six transitions of every cell, newest first."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self._shape = shape
        self._times = np.full((BUDGET, shape[0] * shape[1]), -np.inf)

    def add(self, cells: Mask, time_s: float) -> None:
        """Note a transition in ``cells``."""
        where = np.flatnonzero(cells)
        if len(where) == 0:
            return
        self._times[1:, where] = self._times[:-1, where]
        self._times[0, where] = time_s

    def spent(self, time_s: float, *, allowed: int = BUDGET) -> Mask:
        """Cells that made ``allowed`` transitions within the second before ``time_s``."""
        # A hair less than a second, or rounding would refuse exactly three flashes a second.
        spent: Mask = self._times[allowed - 1] > time_s - PERIOD_S + 1e-6
        return spent.reshape(self._shape)


class LuminanceTrack:
    """Follows luminance from turn to turn; ripples below a transition do not count as turns."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self._low = np.full(shape, np.inf, np.float32)  # since the last transition downward
        self._high = np.full(shape, -np.inf, np.float32)
        self._direction = np.zeros(shape, np.int8)  # of the last transition; 0: none yet

    def turning(self, grid: Array, light: Array) -> tuple[Mask, Mask]:
        """Cells that ``light`` would make rise, and fall, by a transition."""
        up = (self._direction <= 0) & (light - self._low >= TRANSITION) & (self._low < DARKER_BELOW)
        down = (self._direction >= 0) & (self._high - light >= TRANSITION) & (light < DARKER_BELOW)
        return up, down

    def commit(self, grid: Array, light: Array, turning: tuple[Mask, Mask]) -> None:
        """Go on from ``light``."""
        up, down = turning
        self._direction[up], self._direction[down] = 1, -1
        turned = up | down
        self._low = np.where(turned, light, np.minimum(self._low, light))
        self._high = np.where(turned, light, np.maximum(self._high, light))

    def share_within(self, band: float, *, shown: Array, wanted: Array) -> Array:
        """The part of the way from ``shown`` to ``wanted`` that stays within ``band`` of a turn."""
        rising = self._direction > 0
        nearest = np.where(
            rising, np.maximum(wanted, self._high - band), np.minimum(wanted, self._low + band)
        )
        way = wanted - shown
        way = np.where(np.abs(way) < 1e-6, np.inf, way)
        share: Array = np.clip((nearest - shown) / way, 0.0, 1.0).astype(np.float32)
        share[self._direction == 0] = 0.0
        return share


class RedTrack:
    """Follows colour in u'v' from turn to turn, as far as saturated red is one of the ends."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self._turn = np.zeros((2, *shape), np.float32)  # u'v' where the way turned last
        self._origin = np.zeros((2, *shape), np.float32)  # and where it had come from
        self._is_red = np.zeros(shape, bool)  # whether the turn was a saturated red
        self._begun = False
        self._plain: Array | None = None  # the last picture, as long as there is no red in sight

    def turning(self, grid: Array, light: Array) -> tuple[Mask, Mask]:
        """Cells that ``grid`` would make go to red, and from it."""
        red = is_saturated_red(grid)
        if not self._begun or not (red.any() or self._is_red.any()):
            return np.zeros_like(red), np.zeros_like(red)
        self._catch_up()
        far = _squares(np.stack(chromaticity(grid)) - self._turn) > RED_STEP**2
        return far & red, far & self._is_red & ~red

    def commit(self, grid: Array, light: Array, turning: tuple[Mask, Mask]) -> None:
        """Go on from ``grid``."""
        red = is_saturated_red(grid)
        if not self._begun or not (red.any() or self._is_red.any()):
            self._plain, self._is_red, self._begun = grid, red, True
            return
        self._catch_up()
        here = np.stack(chromaticity(grid))
        turned = turning[0] | turning[1]
        # Two colours far apart, neither a red: a new beginning that is no red transition.
        turned |= ~red & ~self._is_red & (_squares(here - self._turn) > RED_STEP**2)
        self._origin = np.where(turned, self._turn, self._origin)
        farther = _squares(here - self._origin) > _squares(self._turn - self._origin)
        self._is_red = np.where(turned, red, self._is_red | (farther & red))
        self._turn = np.where(turned | farther, here, self._turn)

    def _catch_up(self) -> None:
        """Red comes in sight: the way begins where the last picture without it was."""
        if self._plain is not None:
            self._turn = np.stack(chromaticity(self._plain))
            self._origin, self._plain = self._turn.copy(), None


def _squares(difference: Array) -> Array:
    squares: Array = difference[0] ** 2 + difference[1] ** 2
    return squares
