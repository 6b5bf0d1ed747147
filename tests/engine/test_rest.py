"""When a show takes it easy, and that it wakes at once."""

from __future__ import annotations

from itertools import pairwise

from tests.waiting import wait_until
from traumer_live.audio.capture import SourceSpec
from traumer_live.core.types import SAMPLES_PER_TICK, SHOW_RATE, TICK_RATE
from traumer_live.engine.rest import DROWSY_AFTER_S, DROWSY_FPS, Rest, is_turn
from traumer_live.engine.show import Show


def test_silence_makes_it_drowsy_only_beside_somebody_and_one_sound_wakes_it():
    rest = Rest()
    later = round((DROWSY_AFTER_S + 1) * SHOW_RATE)
    rest.heard(0.0, later)
    assert rest.effort == "full"  # a gig never rests
    rest.polite = True
    assert rest.effort == "drowsy"
    rest.heard(0.3, later + SAMPLES_PER_TICK)
    assert rest.effort == "full"
    rest.seen = False
    assert rest.effort == "asleep"


def test_a_drowsy_second_has_its_few_pictures():
    ticks = [tick * SAMPLES_PER_TICK for tick in range(TICK_RATE + 1)]
    assert sum(is_turn(a, b) for a, b in pairwise(ticks)) == DROWSY_FPS
    assert is_turn(0, 5 * SHOW_RATE)  # ticks that were heard together


def test_what_nobody_sees_is_not_painted_but_heard_and_painted_again_when_seen(small_models):
    settings = small_models.settings()
    with Show(settings, small_models.load(), SourceSpec("tone")) as show:

        def made():
            return show.stats.counters["frames.made"]

        def heard():
            return show.thought.sample_index if show.thought else 0

        assert wait_until(lambda: made() > 1)
        show.rest.seen = False
        asleep_at = heard() + 5 * SAMPLES_PER_TICK  # those under way are over by then
        assert wait_until(lambda: heard() > asleep_at)
        before, until = made(), asleep_at + TICK_RATE // 2 * SAMPLES_PER_TICK
        assert wait_until(lambda: heard() > until)
        assert made() <= before + 1
        show.rest.seen = True
        assert wait_until(lambda: made() > before + 3)
