"""A machine with too much to do: the show sheds detail, never sound."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from tests.music import tune
from tests.video.movies import SIZE, read_movie, solid
from tests.waiting import wait_until
from traumer_live.audio.capture import SourceSpec
from traumer_live.audio.ring import Ring
from traumer_live.core.priority import BEHIND
from traumer_live.core.types import SAMPLES_PER_TICK, SHOW_RATE
from traumer_live.engine.show import Show
from traumer_live.video.encoders import software_encoder
from traumer_live.video.recorder import Recorder


class Sound:
    """A listener whose sound has all come, and whose clock the test turns."""

    def __init__(self, sound):
        self.ring = Ring(len(sound), 2)
        self.ring.write(sound)
        self.clock = self
        self.notice = ""
        self.due = 0

    def pump(self):
        return self.ring.written

    def index_at(self, host):
        return self.due

    def host_at(self, index):
        return float("-inf")


@pytest.fixture
def late(small_models, monkeypatch):
    """A show that is not started, its sound, and how often the tagger was asked."""
    settings = small_models.settings()
    models = small_models.load()
    show = Show(settings, models, SourceSpec("silence"))
    show.listener = Sound(tune(4.0))
    asked = []
    embedding = models.encoder.embedding
    monkeypatch.setattr(models.encoder, "embedding", lambda: asked.append(1) or embedding())
    return show, show.listener, asked


def test_ticks_that_come_late_together_are_all_heard_and_the_tagger_is_asked_once(late):
    show, sound, asked = late
    sound.due = 5 * SAMPLES_PER_TICK
    show._listen()
    sound.due = 40 * SAMPLES_PER_TICK
    show._listen()
    assert len(asked) == 1 + 2  # once a burst; the very first tick has no older answer to take
    assert show.thought.sample_index == 40 * SAMPLES_PER_TICK
    assert show.thought.pulse.sample_index > 40 * SAMPLES_PER_TICK - 480  # a hop of 10 ms
    assert show.stats.report(delay_s={})["audio"].get("skipped_ticks", 0) == 0


def test_who_is_in_time_asks_the_tagger_at_every_tick(late):
    show, sound, asked = late
    for tick in range(1, 11):
        sound.due = tick * SAMPLES_PER_TICK
        show._listen()
    assert len(asked) == 10


def test_catching_up_hears_the_same_music(late, small_models):
    """After a burst the tagger has heard everything: its next answer is that of an even show."""
    show, sound, _ = late
    settings = small_models.settings()
    even = Show(settings, small_models.load(), SourceSpec("silence"))
    even.listener = Sound(tune(4.0))
    for tick in range(1, 62):
        even.listener.due = tick * SAMPLES_PER_TICK
        even._listen()
    for tick in (30, 60, 61):
        sound.due = tick * SAMPLES_PER_TICK
        show._listen()
    np.testing.assert_allclose(
        show.thought.heard.embedding, even.thought.heard.embedding, rtol=1e-4, atol=1e-5
    )
    assert show.thought.pulse == even.thought.pulse


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives each thread a niceness")
def test_the_painting_thread_stands_back_behind_the_hearing_one(small_models):
    settings = small_models.settings()
    with Show(settings, small_models.load(), SourceSpec("silence")):
        own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

        def niceness():
            found = {}
            for thread in threading.enumerate():
                if thread.name in ("ears", "dreams") and thread.native_id:
                    found[thread.name] = os.getpriority(os.PRIO_PROCESS, thread.native_id)
            return found

        wanted = {"ears": own, "dreams": min(own + BEHIND, 19)}
        assert wait_until(lambda: niceness() == wanted)


def test_a_take_keeps_all_its_sound_when_there_is_time_for_few_pictures(tmp_path: Path) -> None:
    """One picture in eight reaches the recorder, and its queue is full at times."""
    rng = np.random.default_rng(0)
    sound = (0.2 * rng.standard_normal((4 * SHOW_RATE, 2))).astype(np.float32)
    ready = 0
    keeper = Recorder(
        tmp_path / "take.mp4",
        SIZE,
        start_index=0,
        read_sound=lambda start, count: sound[start : start + count],
        sound_ready=lambda: ready,
        encoder=software_encoder(2),
        min_free=0,
    )
    keeper.start()
    for tick in range(120):
        ready = (tick + 1) * SAMPLES_PER_TICK
        for _ in range(20 if tick % 8 == 0 else 0):
            keeper.offer(solid(tick), ready)
    status = keeper.stop()
    assert status.error is None
    movie = read_movie(tmp_path / "take.mp4")
    assert len(movie.times) == 120
    assert len(movie.sound) / SHOW_RATE == pytest.approx(4.0, abs=0.05)
    assert np.abs(movie.sound).mean() > 0.05
