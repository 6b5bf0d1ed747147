"""Other models while the show runs: no gap, no black picture, nothing of the old ones left."""

from __future__ import annotations

import gc
import threading
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.embedding.random_taggers import write_tagger
from tests.models import E_DIM
from tests.music import tune, write_wav
from tests.waiting import wait_until
from traumer_live.audio.capture import SourceSpec
from traumer_live.core.errors import ModelError
from traumer_live.core.types import SAMPLES_PER_TICK
from traumer_live.embedding import load_encoder
from traumer_live.engine.dreamer import Dreamer
from traumer_live.engine.ears import Ears
from traumer_live.engine.models import WIDE, Choice, Models
from traumer_live.engine.show import Show
from traumer_live.engine.switching import FADE_S, Crossfade, Following, catch_up
from traumer_live.engine.tween import resized
from traumer_live.latent.transfer import Transfer
from traumer_live.synthesis import load_generator

GOLDEN = Path(__file__).parents[1] / "golden" / "synthesis"


def transfer(e_dim: int, w_dim: int) -> Transfer:
    weight = 0.05 * np.random.default_rng(1).standard_normal((w_dim, e_dim))
    zero, one = np.zeros(w_dim, np.float32), np.ones(w_dim, np.float32)
    return Transfer(weight.astype(np.float32), zero, zero, one)


def alias_free() -> Models:
    """Another generator with other rows and sizes; the same kind of encoder."""
    generator = load_generator(GOLDEN / "stylegan3-r.safetensors")
    weights = transfer(E_DIM, generator.info.w_dim)
    return Models(load_encoder(), weights, generator, Choice(backend="onnx"))


@pytest.fixture
def show(small_models, tmp_path):
    song = write_wav(tmp_path / "song.wav", tune(30))
    running = Show(
        small_models.settings(),
        small_models.load(),
        SourceSpec.parse(f"file:{song}"),
    )
    yield running
    running.stop()


class Watcher:
    """Takes every frame on a thread of its own, as a window would."""

    def __init__(self, show: Show) -> None:
        self.frames = []
        self._show, self._end = show, threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

    def _watch(self):
        while not self._end.is_set():
            frame = self._show.frames.take(timeout=0.1)
            if frame is not None:
                self.frames.append(frame)


def made(show: Show, more: int) -> bool:
    enough = show.stats.counters["frames.made"] + more
    return wait_until(lambda: show.stats.counters["frames.made"] >= enough)


def test_a_switch_leaves_no_gap_and_fades(show):
    show.start()
    with Watcher(show) as watcher:
        assert made(show, 10)
        show.switch_models(alias_free())
        assert made(show, 60)
    assert show.notices.drain() == []
    shapes = [frame.pixels.shape for frame in watcher.frames]
    assert (64, 64, 4) in shapes
    assert shapes[-1] == (32, 32, 4)
    assert all(frame.pixels[..., :3].max() > 30 for frame in watcher.frames)
    report = show.report()
    assert report["audio"].get("skipped_ticks", 0) == 0
    assert report["audio"]["overruns"] == 0
    first_new = shapes.index((32, 32, 4))
    last_old = resized(watcher.frames[first_new - 1].pixels, (32, 32)).astype(float)
    first = watcher.frames[first_new].pixels.astype(float)
    settled = watcher.frames[-1].pixels.astype(float)
    assert np.abs(first - last_old).mean() < np.abs(settled - last_old).mean()


def test_the_ears_go_on_at_the_same_time_and_with_the_same_beat(show):
    show.start()
    assert made(show, 10)
    seen = []
    show.switch_models(alias_free())
    assert wait_until(lambda: show.thought.w_plus.shape[1] == 13)
    for _ in range(20):
        seen.append(show.thought.sample_index)
        assert made(show, 1)
    assert all(index % SAMPLES_PER_TICK == 0 for index in seen)
    thought = show.thought  # one reference: the next tick may come between two looks
    assert 0 <= thought.sample_index - thought.pulse.sample_index < SAMPLES_PER_TICK
    assert seen == sorted(seen)


def test_ears_that_follow_have_heard_the_past(show):
    """What they think first is what ears that ran all along think."""
    show.start()
    assert wait_until(lambda: show.thought and show.thought.sample_index > 4 * 48_000)
    before = show.thought.heard
    show.switch_models(alias_free())
    assert wait_until(lambda: show.thought.w_plus.shape[1] == 13)
    after, fresh = show.thought.heard, fresh_embedding()
    apart = np.linalg.norm(after.embedding - before.embedding)
    assert apart < 0.5 * np.linalg.norm(fresh - before.embedding)


def fresh_embedding():
    """What the shipped tagger says before it has heard anything."""
    encoder = load_encoder()
    encoder.push(np.zeros((8, encoder.mel_spec.n_mels), np.float32))
    return encoder.embedding()[0]


def test_ears_that_follow_have_heard_the_past_as_it_was_amplified(show):
    """Behind a gate or a gain the past is not what the source delivered."""
    show.controls.change(gain_db=-20.0)
    show.start()
    assert wait_until(lambda: show.thought and show.thought.sample_index > 4 * 48_000)
    start = show._heard - 48_000 // SAMPLES_PER_TICK * SAMPLES_PER_TICK
    read = show._read_again()
    read(start)  # the gain slides in over the first block
    loud, quiet = (
        np.abs(sound).max()
        for sound in (
            show.listener.ring.read(start + SAMPLES_PER_TICK, SAMPLES_PER_TICK),
            read(start + SAMPLES_PER_TICK),
        )
    )
    assert quiet == pytest.approx(0.1 * loud, rel=0.05)


def test_a_wish_that_follows_a_switch_builds_upon_it(show):
    """Between two ticks the former models still play, though others were switched to."""
    show.start()
    assert made(show, 5)
    first = show.models
    show._take_up = lambda: None  # as if the ears slept through this moment
    new = alias_free()
    show.switch_models(new)
    assert show.models is first
    assert show.next_models is new
    other = replace(new, transfer=transfer(E_DIM, 32))
    show.change_mapping(other)
    assert show.next_models is other
    show.change_mapping(first)  # by somebody who had not heard of the switch
    assert show.next_models is other
    del show._take_up
    assert wait_until(lambda: show.models is other)


def test_the_old_models_are_let_go(show, small_models):
    show.start()
    assert made(show, 10)
    old = weakref.ref(show._models.generator)
    new = small_models.load(aspect=WIDE)
    show.switch_models(new)
    assert wait_until(lambda: show._models is new)
    assert made(show, 40)
    show.frames.take()
    gc.collect()
    assert old() is None
    assert show.status().device.startswith(("onnx", "torch"))


def test_another_encoder(show, tmp_path, small_models):
    encoder = load_encoder(write_tagger("fcn-128-0.5s", tmp_path / "fcn.safetensors"))
    show.start()
    assert made(show, 10)
    before = show.delay_s["coarse"]
    generator = show._models.generator  # the same one paints on
    show.switch_models(Models(encoder, transfer(64, generator.info.w_dim), generator))
    assert wait_until(lambda: show.thought.heard.embedding.shape == (64,))
    assert show.delay_s["coarse"] < before


def test_what_cannot_take_over_is_refused(show, tmp_path):
    show.start()
    with pytest.raises(ModelError, match="in use"):
        show.switch_models(show._models)
    assert made(show, 5)
    show.start_recording(tmp_path / "raw.mp4", size=(64, 64), raw=True)
    with pytest.raises(ModelError, match="stop the take first"):
        show.switch_models(alias_free())
    show.stop_recording()
    assert made(show, 5)


def test_models_begin_with_the_picture_that_was_painted_before_the_cut():
    """However long a large network takes, there is one of it at the first thought."""
    dreamer, models = Dreamer(print), alias_free()
    start = dreamer.start_of(models)
    assert dreamer.first_of(models) is None  # nobody expects them yet
    start.first = first = np.zeros((32, 32, 4), np.uint8)
    dreamer.expect(start)
    assert dreamer.first_of(models) is first
    assert dreamer.first_of(models) is None  # the next one is painted
    assert dreamer.info.name == models.generator.info.name


def test_ears_that_cannot_catch_up_go_on_now(show):
    """A machine slower than the sound must not hand a minute of listening to the ears' thread."""
    now = 100 * SAMPLES_PER_TICK
    models = alias_free()

    def read(start):
        nonlocal now
        now += 3 * SAMPLES_PER_TICK  # three ticks pass while one is heard
        return np.zeros((SAMPLES_PER_TICK, 2), np.float32)

    following = Following(models, Ears(models, preset="live", seed=0), read)
    following.ears.start_at(0)
    catch_up(following, lambda: now, lambda: show.controls.played)
    assert following.ears.heard == now


def test_two_switches_in_a_row(show):
    show.start()
    assert made(show, 5)
    for _ in range(2):
        show.switch_models(alias_free())
    assert wait_until(lambda: show.thought.w_plus.shape[1] == 13)
    assert made(show, 10)
    assert show.notices.drain() == []


def test_a_crossfade_begins_with_the_old_and_ends_with_the_new():
    old, new = np.full((4, 4, 4), 200, np.uint8), np.full((8, 12, 4), 100, np.uint8)
    old[..., 3] = new[..., 3] = 255
    fade = Crossfade(old, 48_000)
    assert (fade.mix(new, 48_000)[..., :3] == 200).all()
    half = fade.mix(new, round(48_000 * (1 + FADE_S / 2)))
    assert (half[..., :3] == 150).all()
    assert (half[..., 3] == 255).all()
    assert half.shape == new.shape
    assert fade.done(round(48_000 * (1 + FADE_S)))
    np.testing.assert_array_equal(fade.mix(new, 48_000 * 3), new)
