"""The ladder of detail: down when pictures are late, up again carefully; and what fades between."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from traumer_live.core.types import SAMPLES_PER_TICK, Frame
from traumer_live.engine.ladder import FEW_KEYS_MS, LIVE_MS, Ladder, Rung, described
from traumer_live.engine.tween import Tween, resized
from traumer_live.synthesis.config import GeneratorConfig
from traumer_live.synthesis.exits import exit_resolutions, work

SHIPPED = GeneratorConfig()
LARGE = GeneratorConfig(resolution=1024, channel_base=32768, channel_max=512)


def ladder_of(config):
    return Ladder(exit_resolutions(config), work(config))


class Machine:
    """Paints on a ladder, with the time that the work takes here."""

    def __init__(self, config, *, per_work_ms):
        self.work = dict(zip(exit_resolutions(config), work(config), strict=True))
        self.ladder = ladder_of(config)
        self.per_work_ms = per_work_ms
        self.now_s = 0.0
        self.changes = []

    def paint_for(self, seconds):
        end = self.now_s + seconds
        while self.now_s < end:
            before = self.ladder.rung
            ms = self.per_work_ms * self.work[before.resolution]
            self.now_s += max(ms / 1000, 1 / 30)
            self.ladder.painted(ms, self.now_s)
            if self.ladder.rung != before:
                self.changes.append((self.now_s, self.ladder.rung))
        return self.ladder.rung


def test_a_machine_that_carries_everything_stays_at_the_top():
    machine = Machine(SHIPPED, per_work_ms=25)  # 15 ms a picture
    assert machine.paint_for(60) == Rung(256, LIVE_MS)
    assert machine.changes == []


def test_one_late_picture_changes_nothing():
    machine = Machine(SHIPPED, per_work_ms=25)
    machine.paint_for(5)
    machine.ladder.painted(120, machine.now_s)
    assert machine.ladder.rung == Rung(256, LIVE_MS)


def test_a_hiccup_and_a_slow_start_change_nothing():
    machine = Machine(SHIPPED, per_work_ms=120)  # 70 ms a picture, while windows open
    machine.paint_for(1.8)
    machine.per_work_ms = 25
    machine.paint_for(5)
    machine.per_work_ms = 100  # another program begins
    machine.paint_for(0.4)
    machine.per_work_ms = 25
    assert machine.paint_for(5) == Rung(256, LIVE_MS)
    assert machine.changes == []


def test_lateness_is_no_time_of_seeming_able():
    """Now able, now late, never long enough for either: nothing changes."""
    machine = Machine(SHIPPED, per_work_ms=25)
    machine.paint_for(5)
    machine.per_work_ms = 70
    machine.paint_for(3)
    assert machine.ladder.rung == Rung(128, LIVE_MS)
    calm = len(machine.changes)
    for _ in range(20):
        machine.per_work_ms = 25
        machine.paint_for(1.5)
        machine.per_work_ms = 150
        machine.paint_for(0.3)
    assert len(machine.changes) == calm


def test_a_slow_generator_does_not_stay_at_the_top_for_long():
    machine = Machine(LARGE, per_work_ms=5)  # 360 ms the whole
    machine.paint_for(4)
    assert machine.ladder.rung.keyed


def test_other_load_sheds_detail_and_it_comes_back_when_the_load_goes():
    machine = Machine(SHIPPED, per_work_ms=25)
    machine.paint_for(5)
    machine.per_work_ms = 70  # 41 ms the whole picture, 22 ms half of it
    started = machine.now_s
    assert machine.paint_for(3) == Rung(128, LIVE_MS)
    assert machine.changes[0][0] - started < 1.5
    machine.per_work_ms = 25
    calm = machine.now_s
    assert machine.paint_for(20) == Rung(256, LIVE_MS)
    assert machine.changes[-1][0] - calm > 3  # not at once


def test_a_climb_that_fails_is_tried_ever_more_seldom():
    """Half the picture seems to leave room for the whole, but the whole is always late."""
    machine = Machine(SHIPPED, per_work_ms=40)
    machine.work[256] *= 1.7  # this machine is worse at large planes than the guess
    machine.paint_for(300)
    falls = [at for at, rung in machine.changes if rung.resolution == 128]
    waits = np.diff(falls)
    assert len(falls) >= 3
    assert all(later > 1.5 * sooner for sooner, later in pairwise(waits))


def test_a_large_generator_on_a_small_machine_paints_key_frames():
    machine = Machine(LARGE, per_work_ms=22)  # 360 ms at 64 pixels, 1.7 s the whole
    machine.ladder.start_at(64, 360)
    rung = machine.paint_for(30)
    assert rung.keyed
    assert rung.limit_ms == FEW_KEYS_MS
    assert rung.resolution == 64
    machine.per_work_ms = 5  # a faster one: 156 ms at 128, 231 at 256, 310 at 512
    assert machine.paint_for(60).resolution == 1024
    assert machine.ladder.rung.keyed


def test_where_even_the_smallest_is_late_dreams_are_slow():
    machine = Machine(LARGE, per_work_ms=100)
    rung = machine.paint_for(30)
    assert rung == Rung(64, float("inf"))
    assert described(rung, 1600) == "64 px · slow dreams"


def test_networks_without_exits_have_fewer_rungs():
    machine = Machine(GeneratorConfig(architecture="resnet"), per_work_ms=60)
    machine.work = {256: 1.0}
    assert machine.paint_for(5) == Rung(256, 125.0)
    assert described(machine.ladder.rung, 60) == "256 px · 17 keys/s"
    assert described(Rung(256, LIVE_MS), 15) == "256 px"


def test_a_known_speed_decides_where_to_begin():
    ladder = ladder_of(LARGE)
    ladder.start_at(256, 450)
    assert ladder.rung == Rung(256, FEW_KEYS_MS)
    ladder.start_at(512, 20)
    assert ladder.rung == Rung(512, LIVE_MS)


def test_a_speed_that_was_found_on_small_pictures_does_not_keep_them_small():
    """A busy hour had made them small; what they cost says that the whole holds the rate."""
    ladder = ladder_of(LARGE)
    ladder.start_at(64, 4.0)  # 16 units of work; the whole has 79
    assert ladder.rung == Rung(1024, LIVE_MS)
    assert 15 < ladder.average_ms < 25
    ladder.start_at(64, 30.0)  # the whole would be late
    assert ladder.rung.resolution < 1024 or ladder.rung.keyed


# -- between key frames ------------------------------------------------------------------------


def frame(value, index, size=4):
    pixels = np.full((size, size, 4), value, np.uint8)
    return Frame(pixels, index)


def seen(tween, now):
    return float(tween.at(now).pixels.mean())


def test_key_frames_fade_along_show_time():
    tween = Tween()
    assert tween.at(0) is None
    tween.key(frame(0, 0), 0)
    tween.key(frame(100, 9600), 9600)  # six ticks later
    shades = [seen(tween, 9600 + k * SAMPLES_PER_TICK) for k in range(8)]
    np.testing.assert_allclose(shades[:7], np.linspace(0, 100, 7), atol=1)
    assert shades[7] == 100
    indices = [tween.at(9600 + k * SAMPLES_PER_TICK).sample_index for k in range(8)]
    assert indices == sorted(indices)
    assert indices[-1] == 9600
    assert all(index % SAMPLES_PER_TICK == 0 for index in indices)


def test_an_early_key_frame_starts_from_what_is_seen():
    tween = Tween()
    for k, value in enumerate((0, 200)):
        tween.key(frame(value, k * 16_000), k * 16_000)
    before = seen(tween, 24_000)
    tween.key(frame(40, 24_000), 24_000)
    assert seen(tween, 24_000) == pytest.approx(before, abs=1)
    assert seen(tween, 24_000 + 4 * 48_000) == 40


def test_the_first_key_frame_fades_in_from_the_last_live_picture():
    tween = Tween()
    tween.key(frame(100, 48_000), 48_000, seen=frame(0, 46_400))
    assert seen(tween, 48_000) == 0
    assert 0 < seen(tween, 56_000) < 100
    tween.forget()
    assert tween.at(60_000) is None


def test_key_frames_of_another_size_come_smoothly():
    tween = Tween()
    ramp = np.broadcast_to(np.linspace(0, 255, 32).astype(np.uint8)[None, :, None], (32, 32, 4))
    tween.key(Frame(ramp.copy(), 0), 0)
    whole = resized(ramp.copy(), (64, 64))
    tween.key(Frame(whole, 16_000), 16_000)
    mixed = tween.at(20_000).pixels
    assert mixed.shape == (64, 64, 4)
    assert np.abs(mixed.astype(int) - whole.astype(int)).max() <= 1
