"""Picture and sound brought together: the beat foreseen, the disc that flashes with the click."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from traumer_live.audio.clicks import CLICK_PEAK, click_blocks
from traumer_live.core.types import SAMPLES_PER_TICK, SHOW_RATE, TICK_RATE, Pulse
from traumer_live.engine.mind import Heard, Thought
from traumer_live.engine.timing import FLASH_S, FlashDisc, foreseen

NOTHING = np.zeros((1, 1), np.float32)


def flashes(attacks_s, *, seconds, latency_ms=0.0):
    """When the disc lights up, in seconds, if attacks are heard at these moments."""
    disc, lit = FlashDisc(), []
    for tick in range(round(seconds * TICK_RATE)):
        since = min(
            (tick / TICK_RATE - at for at in attacks_s if at <= tick / TICK_RATE), default=9
        )
        onset = float(np.exp(-since / 0.15))
        thought = Thought(
            Heard(tick * SAMPLES_PER_TICK, Pulse(onset=onset), (), NOTHING[0]), NOTHING, 1.0
        )
        lit.append(bool(disc.picture(thought, latency_ms)[180, 320, 0] > 200))
    rises = [tick for tick, (a, b) in enumerate(pairwise([False, *lit])) if b and not a]
    assert sum(lit) <= len(rises) * (round(FLASH_S * TICK_RATE) + 1)
    return [tick / TICK_RATE for tick in rises]


def test_the_beat_is_foreseen_by_its_tempo():
    pulse = Pulse(tempo=120.0, beat_phase=0.9, onset=0.5)
    ahead = foreseen(pulse, 0.1)
    assert ahead.beat_phase == pytest.approx(0.1)
    assert ahead.onset == 0.5
    assert foreseen(pulse, -0.1) is pulse
    assert foreseen(Pulse(), 0.1) == Pulse()


def test_the_disc_flashes_with_each_click():
    assert flashes([1.0, 2.0, 3.0], seconds=4) == pytest.approx([1.0, 2.0, 3.0], abs=1 / TICK_RATE)


def test_below_zero_it_flashes_before_the_next_click():
    seen = flashes([1.0, 2.0, 3.0], seconds=4, latency_ms=-200.0)
    assert seen == pytest.approx([1.8, 2.8, 3.8], abs=1.5 / TICK_RATE)


def test_whatever_plays_it_never_flashes_more_than_three_times_a_second():
    seen = flashes(np.arange(0, 5, 0.2), seconds=5)
    assert len(seen) > 3
    assert min(b - a for a, b in pairwise(seen)) > 1 / 3


def test_a_click_comes_each_second():
    blocks = click_blocks(1.0)
    sound = np.concatenate([next(blocks) for _ in range(300)])[:, 0]
    loud = np.flatnonzero(np.abs(sound) >= CLICK_PEAK)
    assert sorted({int(at) // SHOW_RATE for at in loud}) == [0, 1, 2]
    assert loud[1] - loud[0] == pytest.approx(SHOW_RATE, abs=SHOW_RATE // 40)
