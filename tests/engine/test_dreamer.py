"""A generator that is too much for the machine: smaller pictures, key frames, and never a jump."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from tests.music import tune, write_wav
from tests.synthesis.random_generator import random_generator
from tests.waiting import wait_until
from traumer_live.audio.capture import SourceSpec
from traumer_live.core.types import SAMPLES_PER_TICK, TICK_RATE
from traumer_live.engine.dreamer import Dreamer
from traumer_live.engine.screen import hud_reading
from traumer_live.engine.show import Show
from traumer_live.engine.tween import resized
from traumer_live.synthesis import load_generator, painter
from traumer_live.synthesis.config import GeneratorConfig
from traumer_live.synthesis.generator import Generator
from traumer_live.video.hud import cells_of

THIN = GeneratorConfig(resolution=256, channel_base=512, channel_max=8, w_dim=64, z_dim=48)


class Watch:
    """Made-up seconds, which pass only while pictures are painted."""

    now_s = 0.0

    def perf_counter(self):
        return self.now_s


class Burdened:
    """A real generator on a machine where each size takes as long as a test says."""

    def __init__(self, generator: Generator, ms, spend):
        self._generator = generator
        self.ms = ms  # of a picture, by its size
        self._spend = spend  # that many seconds

    def __getattr__(self, name):
        return getattr(self._generator, name)

    def synthesize(self, w_plus, *, exit_resolution=None, **asked):
        size = exit_resolution or THIN.resolution
        self._spend(self.ms(size) / 1000)
        return self._generator.synthesize(w_plus, exit_resolution=size, **asked)


@pytest.fixture(scope="module")
def thin(tmp_path_factory) -> Generator:
    path = random_generator(tmp_path_factory.mktemp("weights") / "thin.safetensors", THIN)
    return load_generator(path, backend="onnx")


class Night:
    """A Dreamer on a machine with made-up time."""

    def __init__(self, models, thin, monkeypatch):
        self.watch = Watch()
        monkeypatch.setattr(painter, "time", self.watch)
        self.generator = Burdened(thin, lambda size: 10.0, self._spend)
        self.models = replace(models, generator=self.generator)
        self.told = []
        self.dreamer = Dreamer(self.told.append)
        self.w_plus = np.tile(thin.w_avg, (THIN.num_ws, 1))

    def _spend(self, seconds):
        self.watch.now_s += seconds

    def paint_for(self, seconds):
        """Paint at every tick, or as often as pictures come; the last picture."""
        end = self.watch.now_s + seconds
        while self.watch.now_s < end:
            began = self.watch.now_s
            pixels = self.dreamer.paint(self.w_plus, 1.0, self.models, began)
            self.watch.now_s = max(self.watch.now_s, began + 1 / TICK_RATE)
        return pixels

    def settle_at(self, size, *, keyed):
        """Whether it comes to paint this size; graphs are opened on a thread in real time."""

        def settled():
            shape = self.paint_for(0.5).shape
            return shape == (size, size, 4) and self.dreamer.keyed == keyed

        return wait_until(settled)


@pytest.fixture
def night(small_models, thin, monkeypatch):
    return Night(small_models.load(), thin, monkeypatch)


def test_a_machine_with_room_paints_the_whole(night):
    assert night.paint_for(10).shape == (256, 256, 4)
    assert night.dreamer.rung == "256 px"
    assert not night.dreamer.keyed


def test_other_load_makes_pictures_small_and_its_end_makes_them_whole(night):
    night.paint_for(5)
    night.generator.ms = {256: 60.0, 128: 25.0, 64: 10.0}.get
    assert night.settle_at(128, keyed=False)
    assert night.dreamer.rung == "128 px"
    night.generator.ms = lambda size: 5.0
    assert night.settle_at(256, keyed=False)
    assert night.told == []


def test_where_no_size_holds_the_rate_pictures_are_key_frames(night):
    night.paint_for(5)
    night.generator.ms = lambda size: 100.0
    assert wait_until(lambda: night.paint_for(0.5) is not None and night.dreamer.keyed)
    night.paint_for(10)
    assert re.fullmatch(r"\d+ px · 10 keys/s", night.dreamer.rung)


def test_the_rung_is_that_of_the_picture_and_not_of_a_graph_that_still_opens(night):
    night.paint_for(5)
    opened = []
    night.generator.prepare = lambda size: opened.append(wait_until(lambda: night.may_open))
    night.may_open = False
    night.generator.ms = {256: 60.0, 128: 25.0, 64: 10.0}.get
    assert night.paint_for(10).shape == (256, 256, 4)  # late, but nothing stands still
    assert night.dreamer.rung == "256 px"
    night.may_open = True
    del night.generator.prepare
    assert night.settle_at(128, keyed=False)


def test_a_size_that_cannot_be_had_leaves_the_pictures_as_they_are(night):
    def refuse(size):
        raise MemoryError("bad allocation")

    night.paint_for(5)
    night.generator.prepare = refuse
    night.generator.is_ready = lambda size=None: size == 256
    night.generator.ms = {256: 60.0, 128: 25.0, 64: 10.0}.get
    assert wait_until(lambda: night.paint_for(0.5).shape == (256, 256, 4) and night.told)
    night.paint_for(5)
    assert night.told == [
        "Pictures of 128 pixels cannot be made now (bad allocation); they keep their size."
    ]
    del night.generator.prepare, night.generator.is_ready  # there is memory again
    assert night.settle_at(128, keyed=False)


def test_a_size_that_cannot_be_had_does_not_stop_the_ladder(night):
    """Load grows while a smaller picture is refused: those that there are become key frames."""
    night.paint_for(5)

    def refuse(size):
        raise MemoryError("bad allocation")

    night.generator.prepare = refuse
    night.generator.is_ready = lambda size=None: size == 256
    night.generator.ms = {256: 60.0, 128: 25.0, 64: 10.0}.get
    assert wait_until(lambda: night.paint_for(0.5) is not None and night.dreamer.keyed)
    assert night.dreamer.rung.startswith("256 px · 1")
    night.generator.ms = lambda size: 5.0
    assert night.settle_at(256, keyed=False)


def test_key_frames_of_a_running_show_fade_at_every_tick(small_models, thin, tmp_path):
    """Real time, real sound: each picture takes several ticks, and nothing jumps or is lost."""
    models = replace(small_models.load(), generator=Burdened(thin, lambda size: 200.0, time.sleep))
    song = write_wav(tmp_path / "song.wav", tune(40))
    show = Show(small_models.settings(), models, SourceSpec.parse(f"file:{song}"))
    frames, readings, made = [], [], []

    def watched():
        frame = show.frames.take(timeout=0.1)
        if frame is not None and "keys/s" in show.status().rung:
            frames.append(frame)
            made.append(show.stats.counters["frames.made"])
            readings.append(hud_reading(show.status()))
        return len(frames) >= 45

    with show:
        assert wait_until(watched)
        report = show.report()
    assert show.notices.drain() == []
    assert report["audio"].get("skipped_ticks", 0) == 0
    assert report["audio"]["overruns"] == 0
    words = [cell.value for cell in cells_of(readings[-1], tags=0, names=False)]
    assert any(re.fullmatch(r"\d+ px · \d+ keys/s", word) for word in words)
    indices = [frame.sample_index for frame in frames]
    assert indices == sorted(indices)
    assert all(index % SAMPLES_PER_TICK == 0 for index in indices)
    # More frames than pictures were painted, all on the way from one picture to the next.
    seen = [resized(frame.pixels, (64, 64)).astype(int) for frame in frames]
    changes = [np.abs(after - before).mean() for before, after in pairwise(seen)]
    assert sum(change > 0 for change in changes) > made[-1] - made[0]


def test_a_change_of_size_fades(small_models, thin, tmp_path):
    """Even where a smaller picture were far lighter, no two frames in a row would say so."""

    class Lighter(Burdened):
        def synthesize(self, w_plus, *, exit_resolution=None, **asked):
            pixels = super().synthesize(w_plus, exit_resolution=exit_resolution, **asked)
            return pixels if exit_resolution in (None, 256) else np.maximum(pixels, 200)

    slow = {256: 60.0, 128: 5.0, 64: 5.0}
    models = replace(small_models.load(), generator=Lighter(thin, slow.get, time.sleep))
    song = write_wav(tmp_path / "song.wav", tune(40))
    show = Show(small_models.settings(), models, SourceSpec.parse(f"file:{song}"))
    light, sizes, moments = [], [], []

    def settled():
        frame = show.frames.take(timeout=0.1)
        if frame is not None:
            light.append(frame.pixels[..., :3].mean())
            sizes.append(len(frame.pixels))
            moments.append(frame.sample_index / SAMPLES_PER_TICK)
        return sizes.count(128) >= 45

    with show:
        assert wait_until(settled)
    change = sizes.index(128)
    assert light[-1] - light[change - 1] > 50
    steps = np.diff(light[change - 1 :]) / np.maximum(np.diff(moments[change - 1 :]), 1)
    assert np.abs(steps).max() < 25


def test_exits_of_the_shipped_generator_show_the_same_picture():
    """A change of rung costs detail and nothing else: a smaller picture is the whole, shrunk."""
    generator = load_generator(backend="onnx")
    generator.prepare(128)
    z = np.random.default_rng(2).standard_normal((16, generator.info.z_dim)).astype(np.float32)
    errors, likeness = [], []
    for w in generator.map(z):
        w_plus = np.tile(w, (generator.info.num_ws, 1))
        whole, half = (
            generator.synthesize(w_plus, exit_resolution=size)[..., :3].astype(float)
            for size in (256, 128)
        )
        shrunk = whole.reshape(128, 2, 128, 2, 3).mean((1, 3))
        errors.append(half - shrunk)
        likeness.append(np.corrcoef(half.ravel(), shrunk.ravel())[0, 1])
    assert np.median(likeness) > 0.97
    assert np.abs(np.mean(errors, (0, 1, 2))).max() < 8  # of 255: no lighter and no darker
    assert np.abs(errors).mean() < 12
