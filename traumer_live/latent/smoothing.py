"""Multi-level smoothing: every style level is averaged over its own span of the past.

In: one w (w_dim,) or w_plus (num_ws, w_dim) per tick with its sample index.  Out: w_plus
(num_ws, w_dim).  Thread: ears; the same object runs live and offline.

TräumerAI averages w over 3 s (coarse), 2 s (middle) and 0.3 s (fine) with kernels centred on the
frame. Live there is no future: *Paper* keeps the published spans as trailing boxes, *Live* weighs
the recent past more and so lags a fraction, *Centred* (offline only) waits for the future and
has no lag. Each average is one weighted sum over what is kept, never a running sum, so rounding
cannot accumulate however long the show runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.types import SAMPLES_PER_TICK, SHOW_RATE, TICK_RATE, Array
from traumer_live.latent.levels import LEVELS, Level, level_rows

PAPER_SPANS_S: Mapping[Level, float] = {"coarse": 3.0, "middle": 2.0, "fine": 0.3}
# Composition and form may tremble a little and should follow; on the fine rows a tremble is a
# flicker of colour, and the lag is short anyway.
LIVE_POWERS: Mapping[Level, float] = {"coarse": 2.0, "middle": 2.0, "fine": 1.0}
SPEEDS = (0.25, 4.0)  # slowest and fastest that a level can be asked to follow
OCTAVES_PER_S = 2.0  # how fast a speed changes: a turned slider never makes a step
FADE_S = 1.0  # changing kernels while running is a crossfade of this length

Ages = NDArray[np.float64]  # seconds before the moment shown; negative is the future


@dataclass(frozen=True)
class Kernel:
    """Weights by age. ``weigh`` is defined from ``youngest`` to ``oldest`` seconds."""

    weigh: Callable[[Ages], Ages]
    youngest: float  # seconds; below 0 needs the future
    oldest: float  # seconds

    def weights(self, ages: Ages) -> Ages:
        """One non-negative weight per age; zero outside the kernel."""
        # Ages come from sample indices that were divided: half a sample decides what is inside.
        margin = 0.5 / SHOW_RATE
        inside = (ages > self.youngest - margin) & (ages < self.oldest - margin)
        return np.where(inside, self.weigh(ages), 0.0)

    def at_speed(self, speed: float) -> Kernel:
        """The same kernel, so many times faster; one that needs the future stays as it is."""
        if speed == 1.0 or self.youngest < 0:
            return self
        return Kernel(
            lambda ages: self.weigh(ages * speed), self.youngest / speed, self.oldest / speed
        )

    @property
    def delay_s(self) -> float:
        """How late the average speaks: the weighted mean age, on the grid of ticks."""
        first, last = round(self.youngest * TICK_RATE), round(self.oldest * TICK_RATE)
        ages = np.arange(first, last + 1) / TICK_RATE
        weights = self.weights(ages)
        return float(weights @ ages / weights.sum())


def box(span_s: float) -> Kernel:
    """A plain trailing average over ``span_s`` seconds, as published."""
    return Kernel(lambda ages: np.ones_like(ages), 0.0, span_s)


def recency(span_s: float, *, power: float) -> Kernel:
    """A trailing average that forgets: weights fall to zero at ``span_s`` as a power of age.

    Against the box, a square law halves the lag for 1.6 times the jitter, a straight line takes a
    third off for 1.2 times; letting the weights rise first cost more lag than the calm it brought
    (benchmarks/smoothing_kernels.py).
    """
    return Kernel(lambda ages: np.power(np.maximum(1.0 - ages / span_s, 0.0), power), 0.0, span_s)


def centred(span_s: float, *, shift_s: float) -> Kernel:
    """A triangle around the moment ``shift_s`` seconds ahead; the origin's kernel, offline only.

    ``shift_s`` is the lag of what is being smoothed: looking that far ahead cancels it.
    """
    half = span_s / 2

    def weigh(ages: Ages) -> Ages:
        return np.asarray(1.0 - np.abs(ages + shift_s) / (half + 1 / TICK_RATE))

    return Kernel(weigh, -half - shift_s, half - shift_s + 1 / TICK_RATE)


def preset_kernels(preset: str, *, encoder_delay_s: float = 0.0) -> dict[Level, Kernel]:
    """The kernel of each level for the presets "paper", "live" and "centred"."""
    if preset == "paper":
        return {level: box(span) for level, span in PAPER_SPANS_S.items()}
    if preset == "live":
        return {
            level: recency(span, power=LIVE_POWERS[level]) for level, span in PAPER_SPANS_S.items()
        }
    if preset == "centred":
        return {
            level: centred(span, shift_s=encoder_delay_s) for level, span in PAPER_SPANS_S.items()
        }
    raise ValueError(f"there is no smoothing preset {preset!r}")


class StyleSmoother:
    """Averages w per style level over its kernel; the elapsed part only, at the start."""

    def __init__(
        self,
        kernels: Mapping[Level, Kernel],
        *,
        num_ws: int,
        w_dim: int,
        level_sizes: Sequence[int] | None = None,
    ) -> None:
        self._rows = level_rows(num_ws, level_sizes)
        self._kernels = dict(kernels)
        self._shape = (num_ws, w_dim)
        self._speeds: dict[Level, float] = dict.fromkeys(LEVELS, 1.0)
        self.reset()

    def reset(self) -> None:
        """Back to before the first tick."""
        youngest = min(kernel.youngest for kernel in self._kernels.values())
        oldest = max(*(k.oldest for k in self._kernels.values()), *PAPER_SPANS_S.values())
        self.lookahead = max(0, -round(youngest * TICK_RATE))  # ticks of future that are waited for
        # Room for the longest span, what is looked ahead, and two ticks of slack for rounding.
        self._kept = round(oldest / SPEEDS[0] * TICK_RATE) + self.lookahead + 2
        self._history = _History(self._kept, self._shape)
        self._shares: dict[Level, Array] = {}  # weights by age while ticks come regularly
        self._fading_from: dict[Level, Kernel] | None = None
        self._fade_start = 0

    @property
    def delay_s(self) -> dict[Level, float]:
        """How late each level speaks, in seconds, beside the lag of its input."""
        return {
            level: self._kernels[level].at_speed(s).delay_s for level, s in self._speeds.items()
        }

    def hurry(self, wanted: Mapping[Level, float]) -> None:
        """Go towards these speeds by one tick; at once before anything was pushed."""
        step = 2.0 ** (OCTAVES_PER_S / TICK_RATE)
        for level, speed in wanted.items():
            now = self._speeds[level]
            if self._history.count:
                speed = min(max(speed, now / step), now * step)
            if speed != now:
                self._speeds[level] = speed
                self._shares = {}

    def change(self, kernels: Mapping[Level, Kernel]) -> None:
        """Use other trailing kernels from now on, with a crossfade of FADE_S seconds.

        Raises:
            ValueError: a kernel needs the future; that can't be entered while running.
        """
        if any(kernel.youngest < 0 for kernel in kernels.values()):
            raise ValueError("a centred kernel needs the future; use it offline from the start")
        self._fading_from, self._kernels = self._kernels, dict(kernels)
        self._fade_start = self._history.newest
        self._shares = {}

    def push(self, w: Array, sample_index: int) -> Array | None:
        """w_plus of the tick ``lookahead`` ticks ago, or None while that is before the first.

        Args:
            w: (w_dim,), the same for all rows, or (num_ws, w_dim).
            sample_index: show time of this tick; must increase from push to push.
        """
        self._history.append(w, sample_index)
        if self._history.count <= self.lookahead:
            return None
        return self._average(self.lookahead)

    def finish(self) -> list[Array]:
        """What is still owed when the input has ended: the last ``lookahead`` ticks."""
        owed = min(self.lookahead, self._history.count)
        self._shares = {}  # the future ends here, so the weights are no longer the usual ones
        return [self._average(back - 1) for back in range(owed, 0, -1)]

    def _average(self, back: int) -> Array:
        """w_plus of the tick ``back`` ticks before the newest."""
        indices, ws = self._history.window()  # oldest first
        shares = self._shares
        if not shares or indices[-1] - indices[0] != (self._kept - 1) * SAMPLES_PER_TICK:
            now = int(indices[-1 - back])
            shares = {level: self._share(level, indices, now) for level in LEVELS}
        # A steady show has the same ages at every tick, so their weights are kept.
        steady = len(indices) == self._kept and self._fading_from is None
        self._shares = shares if steady and back == self.lookahead else {}
        w_plus = np.empty(self._shape, dtype=np.float32)
        for level, rows in self._rows.items():
            share = shares[level]
            used = ws[-len(share) :, rows] if ws.shape[1] > 1 else ws[-len(share) :]
            w_plus[rows] = np.tensordot(share, used, axes=1)
        return w_plus

    def _share(self, level: Level, indices: NDArray[np.int64], now: int) -> Array:
        """What part of the average the newest ticks make at show time ``now``, oldest first."""
        share = self._whole_share(level, indices, now)
        return share[np.argmax(share > 0) :].astype(np.float32)

    def _whole_share(self, level: Level, indices: NDArray[np.int64], now: int) -> Ages:
        ages = (now - indices) / SHOW_RATE  # seconds
        speed = self._speeds[level]
        share = _normalised(self._kernels[level].at_speed(speed).weights(ages))
        if self._fading_from is None:
            return share
        progress = (now - self._fade_start) / SHOW_RATE / FADE_S
        if progress >= 1:
            self._fading_from = None
            return share
        before = _normalised(self._fading_from[level].at_speed(speed).weights(ages))
        return np.asarray(progress * share + (1 - progress) * before)


class _History:
    """The last ticks, each stored twice so that any window of them is one slice."""

    def __init__(self, kept: int, shape: tuple[int, int]) -> None:
        self._kept = kept
        self._shape = shape
        self._indices = np.zeros(2 * kept, dtype=np.int64)
        self._ws = np.zeros((2 * kept, 1, shape[1]), dtype=np.float32)
        self.count = 0

    @property
    def newest(self) -> int:
        """Sample index of the newest tick; 0 before the first."""
        return int(self._indices[(self.count - 1) % self._kept]) if self.count else 0

    def append(self, w: Array, sample_index: int) -> None:
        if w.ndim == 2 and self._ws.shape[1] == 1:
            self._ws = np.repeat(self._ws, self._shape[0], axis=1)
        slot = self.count % self._kept
        for copy in (slot, slot + self._kept):
            self._ws[copy] = w
            self._indices[copy] = sample_index
        self.count += 1

    def window(self) -> tuple[NDArray[np.int64], Array]:
        """Sample indices (n,) and ws (n, 1 or num_ws, w_dim) of all kept ticks, oldest first."""
        n = min(self.count, self._kept)
        stop = (self.count - 1) % self._kept + 1 + self._kept
        return self._indices[stop - n : stop], self._ws[stop - n : stop]


def _normalised(weights: Ages) -> Ages:
    """Weights that sum to one; a look past the end of the music sees the last there is."""
    total = weights.sum()
    if total == 0:
        weights = np.zeros_like(weights)
        weights[-1] = total = 1.0
    return np.asarray(weights / total)


def smooth_offline(
    ws: Array, kernels: Mapping[Level, Kernel], *, num_ws: int
) -> Array:  # (ticks, w_dim) -> (ticks, num_ws, w_dim)
    """The plain definition, all ticks at once: the twin that StyleSmoother must equal."""
    ticks, w_dim = ws.shape
    times = np.arange(ticks) / TICK_RATE
    result = np.empty((ticks, num_ws, w_dim), dtype=np.float32)
    for level, rows in level_rows(num_ws).items():
        weights = kernels[level].weights(times[:, None] - times[None, :])  # (ticks, ticks)
        weights[~weights.any(1), -1] = 1.0  # a look ahead past the end: the last there is
        average = (weights / weights.sum(1, keepdims=True)) @ ws.astype(np.float64)
        result[:, rows] = average[:, None, :]
    return result
