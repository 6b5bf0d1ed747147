from __future__ import annotations

import numpy as np
import pytest

from traumer_live.engine.between import Between
from traumer_live.engine.pacing import Pacing


def played(pictures_a_second: float, *, seconds: float = 4.0) -> tuple[list[float], list[float]]:
    """What is seen at thirty drawings a second of pictures whose content is their own time."""
    between, seen, times = Between(), [], []
    newest = previous = 0.0
    count = 0
    for tick in range(round(seconds * 30)):
        now = tick / 30
        if now >= count / pictures_a_second:
            previous, newest, count = newest, now, count + 1
            between.came(now)
        share = between.share(now)
        seen.append(previous + share * (newest - previous))
        times.append(now)
    return times[30:], seen[30:]


def test_a_generator_that_keeps_up_is_shown_as_it_is() -> None:
    times, seen = played(30.0)
    assert seen == times


@pytest.mark.parametrize("rate", [15.0, 10.0, 7.5])
def test_a_slower_one_is_followed_evenly_and_at_most_one_picture_late(rate: float) -> None:
    times, seen = played(rate)
    steps = np.diff(seen)
    assert steps.min() > 0.5 / 30  # never stands still, never goes back
    assert steps.max() < 1.6 / 30
    lag = np.array(times) - seen
    assert lag.max() < 1 / rate + 1e-6


def test_a_pause_ends_with_the_newest_picture() -> None:
    between = Between()
    for k in range(20):
        between.came(k / 10)
    assert between.share(2.5) == 1.0
    between.came(30.0)
    assert between.share(30.0) < 1.0  # the rhythm is remembered
    assert between.share(30.2) == 1.0


def test_a_fast_display_moves_in_even_steps_and_ends_each_tick_with_the_whole_picture() -> None:
    pacing, between, seen = Pacing(), Between(), []
    pacing.steps = between.steps = 2
    taken = -1
    for step in range(2000):  # milliseconds; a picture per tick, made in 3 ms
        now = step / 1000
        tick = int(now * 30)
        picture = tick if now >= tick / 30 + 0.003 and tick != taken else None
        if pacing.is_due(now, thought=tick, picture=picture):
            pacing.drawn(now, thought=tick, with_new_picture=picture is not None)
            if picture is not None:
                taken = picture
                between.came(now)
            seen.append(taken - 1 + between.share(now))
    late = np.array(seen[20:])
    assert len(seen) in (119, 120, 121)  # in two seconds
    np.testing.assert_allclose(np.diff(late), 0.5, atol=0.05)
    assert np.abs(late - np.round(2 * late) / 2).max() < 0.05
