"""The clock under arrivals as real sound systems make them, in made-up time."""

from __future__ import annotations

import numpy as np
import pytest

from traumer_live.core.clock import ShowClock
from traumer_live.core.types import SHOW_RATE

BLOCK = 512


def bursts(seconds: float, *, ppm: float = 0.0, seed: int = 1) -> list[tuple[float, int]]:
    """(host time, index) of blocks that a server sends in bursts: 10..45 ms, one in 200 105."""
    rng = np.random.default_rng(seed)
    rate = SHOW_RATE * (1 + ppm * 1e-6)
    arrivals, host, index = [], 0.0, 0
    while host < seconds:
        host += 0.105 if rng.random() < 0.005 else rng.uniform(0.010, 0.045)
        while index + BLOCK <= host * rate:
            index += BLOCK
            arrivals.append((host, index))
    return arrivals


def watch(clock: ShowClock, arrivals: list[tuple[float, int]], step_s: float = 0.01) -> np.ndarray:
    """Rows (host time, due, arrived) at every step, while the arrivals come in."""
    rows, there, k = [], 0, 0
    for host in np.arange(step_s, arrivals[-1][0], step_s):
        while k < len(arrivals) and arrivals[k][0] <= host:
            clock.arrived(*arrivals[k])
            there = arrivals[k][1]
            k += 1
        rows.append((host, clock.index_at(host), there))
    return np.array(rows)  # (steps, 3)


@pytest.mark.parametrize("ppm", [-1000, 0, 1000])
def test_stays_just_below_what_has_arrived(ppm: int) -> None:
    rows = watch(ShowClock(0.0), bursts(60, ppm=ppm))
    host, due, there = rows[rows[:, 0] > 5].T
    assert np.mean(due > there) < 0.02
    lag_s = (host * SHOW_RATE * (1 + ppm * 1e-6) - due) / SHOW_RATE
    assert np.median(lag_s) < 0.065  # bursts come up to 45 ms apart, and a block takes 11 ms
    assert np.ptp(np.quantile(lag_s, [0.05, 0.95])) < 0.02


@pytest.mark.parametrize("ppm", [-1000, 1000])
def test_learns_the_drift(ppm: int) -> None:
    clock = ShowClock(0.0)
    watch(clock, bursts(40, ppm=ppm))
    assert clock.drift == pytest.approx(ppm * 1e-6, abs=2e-4)


def test_never_runs_backward() -> None:
    arrivals = [a for a in bursts(20) if not 8 < a[0] < 11]
    rows = watch(ShowClock(0.0), arrivals, step_s=0.001)
    assert np.all(np.diff(rows[:, 1]) >= 0)


@pytest.mark.parametrize("offset_s", [-0.1, 0.0, 0.1])
def test_adapts_within_two_seconds(offset_s: float) -> None:
    """The sound lies 0.1 s further ahead of the line than usual, as usual, or behind it."""
    offset = int(offset_s * SHOW_RATE)
    rows = watch(ShowClock(0.0), [(host, index + offset) for host, index in bursts(6)])
    _, due, there = rows[rows[:, 0] > 2].T
    assert np.mean(due > there) < 0.02
    assert np.median(there - due) < 0.06 * SHOW_RATE


def test_goes_on_at_the_nominal_rate_in_a_stall() -> None:
    clock = ShowClock(0.0)
    watch(clock, bursts(10))
    start, end = clock.index_at(11.0), clock.index_at(21.0)
    assert (end - start) / (10 * SHOW_RATE) == pytest.approx(1, abs=5e-4)


def test_a_stall_and_its_burst_do_not_move_the_line() -> None:
    steady, stalled = ShowClock(0.0), ShowClock(0.0)
    arrivals = bursts(12)
    watch(steady, arrivals)
    held_up = [(11.0 if 10 < host < 11 else host, index) for host, index in arrivals]
    watch(stalled, held_up)
    assert abs(steady.index_at(12.5) - stalled.index_at(12.5)) < 0.02 * SHOW_RATE


def test_says_when_an_index_is_due() -> None:
    clock = ShowClock(0.0)
    watch(clock, bursts(10))
    for ahead in (100, 1600, 48_000):
        index = clock.index_at(10.0) + ahead
        assert clock.index_at(clock.host_at(index) + 1e-6) == pytest.approx(index, abs=1)
