from __future__ import annotations

import numpy as np
import pytest

from traumer_live.engine.between import Between


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
