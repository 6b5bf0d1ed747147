"""Show time: which sample of the show is due at a moment of host time.

In: arrivals (host time, show index), which come in bursts.  Out: an index that grows smoothly,
stays just below what has arrived, and never runs backward.  Thread: arrivals from one thread;
``index_at`` from any.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from traumer_live.core.types import SHOW_RATE

host_time: Callable[[], float] = time.perf_counter  # s; the clock that sound is timed by

_BUCKET_S = 0.1  # s; of each stretch only the longest wait counts
_FIT_BUCKETS = 300  # 30 s for the slope: its error is about 50 ppm
_OFFSET_BUCKETS = 100  # 10 s for the offset
_MISSED = 0.04  # share of buckets that may reach below the line
_STALL_S = 0.2  # s; a longer wait is no burst and says nothing about bursts
_CATCH_UP_S = 0.1  # s after a stall in which the burst that follows says nothing either
_SLOPE_PRIOR = 150.0  # s^2; how hard the slope is held at the nominal rate while little is known
_MAX_DRIFT = 0.002  # of the rate; sound cards stay within 0.001
_YOUNG_S = 3.0  # s after a start in which the line may hurry
_SLEW_YOUNG = 0.1  # of the rate
_SLEW = 0.02
_GUARD_S = 0.001  # s below the longest waits


@dataclass(frozen=True)
class _Line:
    """``index`` at ``host``, from there by ``slew`` until it meets the line aimed at."""

    host: float  # s
    index: float
    slew: float  # samples a second until the goal is met
    goal: float  # the line aimed at, at ``host``
    slope: float  # samples a second on that line

    def at(self, host: float) -> float:
        since = host - self.host
        on_the_way = self.index + self.slew * since
        on_the_line = self.goal + self.slope * since
        pick = min if self.index <= self.goal else max
        return pick(on_the_way, on_the_line)


class ShowClock:
    """A line through host time and show index, fitted from below to what arrives.

    Each arrival tells how far the sound had got *just before* it: the clock keeps the worst of
    these every 0.1 s, fits a slope through 30 s of them and lays the line under all but 4 % of
    the last 10 s.  The line moves there by running a few per cent faster or slower.  While
    nothing arrives it goes on at the last slope, so the show does.
    """

    def __init__(self, host: float, index: int = 0) -> None:
        self._line = _Line(host, index, SHOW_RATE, index, SHOW_RATE)
        self._newest_query = host
        self.restart()

    def restart(self) -> None:
        """Forget the bursts of an earlier source; the line itself goes on."""
        self._waits: deque[tuple[float, float]] = deque(maxlen=_FIT_BUCKETS)
        self._worst: tuple[float, float] | None = None
        self._bucket = 0
        self._first: float | None = None
        self._last: tuple[float, int] | None = None
        self._resumes = -np.inf

    def index_at(self, host: float) -> int:
        """The show index due at ``host``; later questions never get smaller answers."""
        self._newest_query = max(self._newest_query, host)
        return int(self._line.at(host))

    def host_at(self, index: int) -> float:
        """When ``index`` is due, as far as is known now; for sleeping until a tick."""
        line = self._line
        late = (index - line.goal) / line.slope
        on_the_way = (index - line.index) / line.slew
        return line.host + (max if line.index <= line.goal else min)(late, on_the_way)

    @property
    def drift(self) -> float:
        """How much faster than nominal the source runs, as a fraction (0.001 = 1000 ppm)."""
        return self._line.slope / SHOW_RATE - 1

    def arrived(self, host: float, index: int) -> None:
        """At ``host`` all sound before ``index`` had come."""
        last, self._last = self._last, (host, index)
        if last is None or self._first is None:
            self._first = host
            return
        if host - last[0] > _STALL_S:
            self._resumes = host + _CATCH_UP_S
        if host >= self._resumes:
            self._note_wait(host, last[1])

    def _note_wait(self, host: float, index: int) -> None:
        """Until ``host`` only ``index`` was there: the line should pass below this point."""
        bucket = int(host / _BUCKET_S)
        if bucket != self._bucket and self._worst is not None:
            self._waits.append(self._worst)
            self._worst = None
            self._fit()
        self._bucket = bucket
        if self._worst is None or _lead(host, index) < _lead(*self._worst):
            self._worst = (host, index)

    def _fit(self) -> None:
        hosts, indices = np.array(self._waits).T  # (buckets,) each
        now = max(self._newest_query, hosts[-1])
        since = hosts - now
        slope = _slope(since, indices)
        below = np.sort((indices - slope * since)[-_OFFSET_BUCKETS:])
        goal = below[int(_MISSED * len(below))] - _GUARD_S * SHOW_RATE
        self._aim(now, float(goal), slope)

    def _aim(self, now: float, goal: float, slope: float) -> None:
        assert self._first is not None
        index = self._line.at(now)
        limit = _SLEW_YOUNG if now - self._first < _YOUNG_S else _SLEW
        hurry = limit if goal > index else -limit
        self._line = _Line(now, index, slope * (1 + hurry), goal, slope)


def _lead(host: float, index: float) -> float:
    """How far a point lies above a line of nominal rate."""
    return index - SHOW_RATE * host


def _slope(since: np.ndarray, indices: np.ndarray) -> float:
    """Samples a second: least squares, held at the nominal rate while the points span little."""
    centred = since - since.mean()
    excess = indices - SHOW_RATE * since  # what a nominal source would leave constant
    drift = centred @ (excess - excess.mean()) / (centred @ centred + _SLOPE_PRIOR)
    return SHOW_RATE * (1 + float(np.clip(drift / SHOW_RATE, -_MAX_DRIFT, _MAX_DRIFT)))
