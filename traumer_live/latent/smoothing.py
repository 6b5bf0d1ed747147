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

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.types import SHOW_RATE, TICK_RATE, Array
from traumer_live.latent.levels import LEVELS, Level, level_rows

PAPER_SPANS_S: Mapping[Level, float] = {"coarse": 3.0, "middle": 2.0, "fine": 0.3}
ATTACK = 0.15  # share of a recency kernel's span in which it rises; see RecencyKernel
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


def recency(span_s: float) -> Kernel:
    """A trailing average that forgets: a short rise, then a square-law fall to zero.

    Weighing the newest tick most would be quickest but lets its jitter through; a rise over the
    first ATTACK of the span costs little delay and takes most of the jitter away
    (benchmarks/smoothing_kernels.py prints both for each kernel).
    """

    def weigh(ages: Ages) -> Ages:
        age = np.maximum(ages, 0.0) / span_s
        return np.asarray(np.minimum((age + 1 / 64) / ATTACK, 1.0) * np.square(1.0 - age))

    return Kernel(weigh, 0.0, span_s)


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
        return {level: recency(span) for level, span in PAPER_SPANS_S.items()}
    if preset == "centred":
        return {
            level: centred(span, shift_s=encoder_delay_s) for level, span in PAPER_SPANS_S.items()
        }
    raise ValueError(f"there is no smoothing preset {preset!r}")


class StyleSmoother:
    """Averages w per style level over its kernel; the elapsed part only, at the start."""

    def __init__(self, kernels: Mapping[Level, Kernel], *, num_ws: int, w_dim: int) -> None:
        self._rows = level_rows(num_ws)
        self._kernels = dict(kernels)
        self._shape = (num_ws, w_dim)
        self._fading_from: dict[Level, Kernel] | None = None
        self._fade_start = 0
        self._allocate()

    def _allocate(self) -> None:
        kept_s = max(k.oldest for k in self._kernels.values())
        self.lookahead = max(0, *(-_ticks(k.youngest) for k in self._kernels.values()))
        # Room for the longest span, what is looked ahead, and a tick of slack for rounding.
        self._capacity = _ticks(max(kept_s, *PAPER_SPANS_S.values())) + self.lookahead + 2
        self._ws = np.zeros((self._capacity, *self._shape), dtype=np.float32)
        self._indices = np.full(self._capacity, np.iinfo(np.int64).min // 2, dtype=np.int64)
        self._count = 0

    @property
    def delay_s(self) -> dict[Level, float]:
        """How late each level speaks, in seconds, beside the lag of its input."""
        return {level: self._kernels[level].delay_s for level in LEVELS}

    def reset(self) -> None:
        """Back to before the first tick."""
        self._fading_from = None
        self._allocate()

    def change(self, kernels: Mapping[Level, Kernel]) -> None:
        """Use other trailing kernels from now on, with a crossfade of FADE_S seconds.

        Raises:
            ValueError: a kernel needs the future; that can't be entered while running.
        """
        if any(kernel.youngest < 0 for kernel in kernels.values()):
            raise ValueError("a centred kernel needs the future; use it offline from the start")
        self._fading_from, self._kernels = self._kernels, dict(kernels)
        self._fade_start = int(self._indices.max())

    def push(self, w: Array, sample_index: int) -> Array | None:
        """w_plus of the tick ``lookahead`` ticks ago, or None while that is before the first.

        Args:
            w: (w_dim,), the same for all rows, or (num_ws, w_dim).
            sample_index: show time of this tick; must increase from push to push.
        """
        slot = self._count % self._capacity
        self._ws[slot] = w
        self._indices[slot] = sample_index
        self._count += 1
        if self._count <= self.lookahead:
            return None
        return self._average(int(self._indices[(slot - self.lookahead) % self._capacity]))

    def finish(self) -> list[Array]:
        """What is still owed when the input has ended: the last ``lookahead`` ticks."""
        owed = min(self.lookahead, self._count)
        slots = (self._count - owed + np.arange(owed)) % self._capacity
        return [self._average(int(self._indices[slot])) for slot in slots]

    def _average(self, now: int) -> Array:
        ages = (now - self._indices) / SHOW_RATE  # (capacity,) seconds
        w_plus = np.empty(self._shape, dtype=np.float32)
        for level, rows in self._rows.items():
            weights = self._weights(level, ages, now)
            if not weights.any():  # a look ahead past the end: the last there is
                weights = (self._indices == self._indices.max()).astype(np.float64)
            used = np.flatnonzero(weights)
            share = (weights[used] / weights[used].sum()).astype(np.float32)
            w_plus[rows] = np.tensordot(share, self._ws[used, rows], axes=1)
        return w_plus

    def _weights(self, level: Level, ages: Ages, now: int) -> Ages:
        weights = self._kernels[level].weights(ages)
        if self._fading_from is None:
            return weights
        progress = (now - self._fade_start) / SHOW_RATE / FADE_S
        if progress >= 1:
            return weights
        before = self._fading_from[level].weights(ages)
        return np.asarray(
            progress * weights / weights.sum() + (1 - progress) * before / before.sum()
        )


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


def _ticks(seconds: float) -> int:
    return round(seconds * TICK_RATE)
