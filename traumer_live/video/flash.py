"""Keeps the picture below the flash thresholds of WCAG 2.3.1, before it is shown. numpy only.

In: what shall be shown next, as a small grid of linear RGB, and when.  Out: how much of it may be
shown, per cell.  Thread: one owner.

The rule (WCAG 2.2, "general flash and red flash thresholds"), and how it is kept here:

- A flash is a pair of opposing transitions. A general transition changes relative luminance by 10 %
  of the maximum or more, its darker state being below 0.80. A red one goes to or from a state with
  R / (R + G + B) >= 0.8 and moves by more than 0.2 in the CIE 1976 UCS diagram.
- At most three flashes within any second: six transitions. The seventh within a second is refused.
- Unless their area is small: more than a quarter of any window of a third of the picture's width
  and height (341 x 256 of 1024 x 768), at any position. Both readings of "concurrently" are kept:
  cells that flash too often each on its own, and windows in which different cells take turns.

A refused cell is held so near to what was shown that no transition comes of it; for two seconds
more it follows softly and is allowed one flash a second, so that a strobe becomes a slow pulse
rather than three flashes and a pause.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.types import Array
from traumer_live.video.flash_colour import luminance
from traumer_live.video.flash_tracks import PERIOD_S, LuminanceTrack, RedTrack, Turns

Mask = NDArray[np.bool_]

ROWS, COLUMNS = 90, 120  # a cell is a quarter of a degree of the field that WCAG assumes
AREA = 0.21  # of a window, for 0.25: cells at the rim of what flashes are only partly covered
LEVELS = (AREA, 0.235, 0.26)  # whole windows are watched at each: edges at 0.25 show at one of them
BAND = 0.08  # how far a refused cell may still move; a transition needs 0.10
CALM_S = 2.0  # after a refusal
SOFTLY_S = 0.1  # how slowly a calmed cell follows
_NOTICEABLE = 0.03  # of luminance; smaller changes of a calmed cell need no softening
_TOGETHER_S = 1.0 / 15.0  # transitions of two pictures are one event


class FlashLimiter:
    """Decides, picture by picture, how much of the next one may be shown."""

    def __init__(self, rows: int = ROWS, columns: int = COLUMNS) -> None:
        self._shape = (rows, columns)
        self._shown: Array | None = None  # luminance of what is on the screen
        self._then_s = 0.0
        self._judged: tuple[Array, Array, list[tuple[Mask, Mask]]] | None = None
        self._begin()

    def judge(self, grid: Array, time_s: float) -> Array | None:
        """How much of each cell may change to ``grid`` (rows, columns, 3); None: all of it.

        The answer (rows, columns) lies in 0..1, where 0 keeps what is shown. Nothing is remembered
        before ``commit``.
        """
        if self._shown is None or time_s < self._then_s:
            return None
        light = luminance(grid)
        turning = [family.track.turning(grid, light) for family in self._families]
        self._judged = (grid, light, turning)
        general, red = (
            family.refused(turns, time_s)
            for family, turns in zip(self._families, turning, strict=True)
        )
        share = np.ones(self._shape, np.float32)
        calm = (self._calm_until > time_s) & (np.abs(light - self._shown) > _NOTICEABLE)
        if calm.any():
            share[calm] = 1.0 - np.exp(-(time_s - self._then_s) / SOFTLY_S)
        if general is not None:
            within = self._luminance.share_within(BAND, shown=self._shown, wanted=light)
            share[general] = np.minimum(share, within)[general]
            self._calm(general, time_s)
        if red is not None:
            share[red] = 0.0
            self._calm(red, time_s)
        return None if share.min() >= 1.0 else _spread(share)

    def commit(self, grid: Array, time_s: float) -> None:
        """Remember that ``grid`` is shown from ``time_s`` on."""
        if self._shown is None or time_s < self._then_s:  # the first picture, or another clock
            self._begin()
        if self._judged is not None and self._judged[0] is grid:  # shown as it was judged
            _, light, turning = self._judged
        else:
            light = luminance(grid)
            turning = [family.track.turning(grid, light) for family in self._families]
        for family, turns in zip(self._families, turning, strict=True):
            family.commit(grid, light, turns, time_s)
        self._shown, self._then_s = light, time_s

    def _begin(self) -> None:
        self._luminance = LuminanceTrack(self._shape)
        self._families = (
            Family(self._luminance, self._shape),
            Family(RedTrack(self._shape), self._shape),
        )
        self._calm_until = np.full(self._shape, -np.inf)

    def _calm(self, cells: Mask, time_s: float) -> None:
        self._calm_until[cells] = time_s + CALM_S


class Family:
    """General or red flashes: what was counted, and what may not come."""

    def __init__(self, track: LuminanceTrack | RedTrack, shape: tuple[int, int]) -> None:
        self.track = track
        self._window = (max(shape[0] // 3, 1), max(shape[1] // 3, 1))
        places = (shape[0] - self._window[0] + 1, shape[1] - self._window[1] + 1)
        self._cells = Turns(shape)
        self._hot_until = np.full(shape, -np.inf)  # flashes too often, where that is small enough
        self._calm_until = np.full(shape, -np.inf)
        self._calm_windows = np.full(places, -np.inf)
        self._events = [Turns(places) for _ in LEVELS]  # transitions of whole windows
        self._filled = [np.zeros(places), np.zeros(places)]  # how much of each goes up, goes down
        self._recent = [np.full(shape, -np.inf), np.full(shape, -np.inf)]  # last up, last down

    def refused(self, turning: tuple[Mask, Mask], time_s: float) -> Mask | None:
        """Those of the cells ``turning`` (up, down) that must not; None: no cell."""
        if not any(mask.any() for mask in turning):
            return None
        refused = self._too_often(turning[0] | turning[1], time_s)
        refused |= self._taking_turns(turning, time_s)
        if not refused.any():
            return None
        self._calm_until[refused] = time_s + CALM_S
        return refused

    def commit(self, grid: Array, light: Array, turning: tuple[Mask, Mask], time_s: float) -> None:
        """Count the transitions that ``grid`` brings."""
        self.track.commit(grid, light, turning)
        turned = turning[0] | turning[1]
        if turned.any():
            self._hot_until[turned & self._cells.spent(time_s)] = time_s + PERIOD_S
            self._cells.add(turned, time_s)
        for direction in (0, 1):
            self._recent[direction][turning[direction]] = time_s
            filled = self._parts(self._recent[direction] > time_s - _TOGETHER_S)
            for level, events in zip(LEVELS, self._events, strict=True):
                events.add((filled >= level) & (self._filled[direction] < level), time_s)
            self._filled[direction] = filled

    def _too_often(self, turning: Mask, time_s: float) -> Mask:
        """Cells with their budget used up, where together they are too large."""
        spent = self._cells.spent(time_s)
        spent |= (self._calm_until > time_s) & self._cells.spent(time_s, allowed=2)
        over = turning & spent
        if not over.any():
            return over
        large = self._parts(over | (self._hot_until > time_s)) >= AREA
        self._calm_windows[large] = time_s + CALM_S
        return over & self._covered(large)

    def _taking_turns(self, turning: tuple[Mask, Mask], time_s: float) -> Mask:
        """Cells whose transition would be one too many for a window they are in."""
        refused = np.zeros_like(turning[0])
        calm = self._calm_windows > time_s
        spent = [
            events.spent(time_s) | (calm & events.spent(time_s, allowed=2))
            for events in self._events
        ]
        if not any(windows.any() for windows in spent):
            return refused
        for direction, mask in enumerate(turning):
            if not mask.any():
                continue
            filled = self._parts(mask | (self._recent[direction] > time_s - _TOGETHER_S))
            for level, windows in zip(LEVELS, spent, strict=True):
                new = (filled >= level) & (self._filled[direction] < level) & windows
                if new.any():
                    self._calm_windows[new] = time_s + CALM_S
                    refused |= mask & self._covered(new)
        return refused

    def _parts(self, cells: Mask) -> NDArray[np.float64]:
        """How much of every window, by its first cell, ``cells`` fill."""
        if not cells.any():
            return np.zeros(self._filled[0].shape)
        parts: NDArray[np.float64] = _box_sums(cells, self._window) / (
            self._window[0] * self._window[1]
        )
        return parts

    def _covered(self, windows: Mask) -> Mask:
        """The cells that lie in any of ``windows``."""
        rows, columns = self._window
        around = np.pad(windows, ((rows - 1, rows - 1), (columns - 1, columns - 1)))
        covered: Mask = _box_sums(around, self._window) > 0
        return covered


def _box_sums(cells: Mask, window: tuple[int, int]) -> NDArray[np.int32]:
    """How many cells are set in every window that lies inside."""
    rows, columns = window
    sums = np.zeros((cells.shape[0] + 1, cells.shape[1] + 1), np.int32)
    np.cumsum(np.cumsum(cells, 0, dtype=np.int32), 1, out=sums[1:, 1:])
    boxes: NDArray[np.int32] = (
        sums[rows:, columns:] - sums[:-rows, columns:] - sums[rows:, :-columns]
    ) + sums[:-rows, :-columns]
    return boxes


def _spread(share: Array) -> Array:
    """``share`` with soft borders; nowhere larger than it was, since less change is always safe."""
    rows, columns = share.shape
    low = np.pad(_lowest_near(share, 2), 1, mode="edge")
    total = np.zeros_like(share)
    for row in range(3):
        for column in range(3):
            total += low[row : row + rows, column : column + columns]
    return total / np.float32(9.0)


def _lowest_near(values: Array, reach: int) -> Array:
    """Per cell, the lowest value within ``reach`` cells in both directions."""
    for axis in (0, 1):
        around = np.pad(
            values, [(reach, reach) if a == axis else (0, 0) for a in (0, 1)], mode="edge"
        )
        length = values.shape[axis]
        shifted = [np.take(around, range(k, k + length), axis) for k in range(2 * reach + 1)]
        values = np.minimum.reduce(shifted)
    return values
