"""The live show on its own threads: sound in, pictures out, takes kept, errors told once."""

from __future__ import annotations

import time

import av
import numpy as np
import pytest

from tests.music import tune, write_wav
from tests.waiting import PATIENCE_S, wait_until
from traumer_live.audio.capture import SourceSpec
from traumer_live.core.errors import OutputError, SourceError
from traumer_live.engine.headless import run_headless
from traumer_live.engine.show import Show
from traumer_live.engine.status import Notices

pytestmark = pytest.mark.gl
SIZE = (96, 64)


@pytest.fixture
def models(small_models):
    return small_models.load()


@pytest.fixture
def make_show(small_models, models):
    shows = []

    def make(source="tone"):
        shows.append(Show(small_models.settings(), models, SourceSpec.parse(source)))
        return shows[-1]

    yield make
    for show in shows:
        show.stop()


def draw(show, until=lambda: False):
    """Until the song ends, or sooner."""
    end = time.monotonic() + PATIENCE_S
    run_headless(
        show, size=SIZE, until=lambda: until() or time.monotonic() > end, tell=lambda _: None
    )


def test_a_song_becomes_pictures_and_a_take_with_its_sound(make_show, tmp_path):
    song = write_wav(tmp_path / "song.wav", tune(2.5))
    show = make_show(f"file:{song}")
    show.start()
    show.start_recording(tmp_path / "take.mp4", size=SIZE)
    draw(show)
    assert show.finished
    show.stop()
    report = show.report()
    assert report["frames"]["made"] > 0  # how many is a matter of the machine's other work
    assert report["frames"]["shown"] > 0
    assert report["audio"]["overruns"] == 0
    with av.open(str(tmp_path / "take.mp4")) as take:
        frames = [f.to_ndarray(format="rgb24") for f in take.decode(video=0)]
    assert len(frames) >= 60  # a busy machine sees the end late
    assert frames[0].shape == (64, 96, 3)
    with av.open(str(tmp_path / "take.mp4")) as take:
        sound = np.concatenate([f.to_ndarray() for f in take.decode(audio=0)], axis=1)
    assert np.abs(sound).max() > 0.2
    assert abs(sound.shape[1] / 48_000 - len(frames) / 30) < 0.1


def test_the_newest_frame_wins_and_knows_its_time(make_show):
    show = make_show()
    show.start()
    assert wait_until(lambda: show.stats.counters["frames.made"] > 10)
    frame = show.frames.take(1)
    assert frame.pixels.shape == (64, 64, 4)
    assert frame.pixels[..., 3].min() == 255
    assert frame.sample_index % 1600 == 0
    assert show.frames.dropped > 5
    status = show.status()
    assert status.source_state == "playing"
    assert len(status.tags) == 3
    assert -20 < status.pulse.level_dbfs < -8
    assert status.delay_s["coarse"] > status.delay_s["fine"] > 0


def test_a_frozen_show_makes_no_new_pictures(make_show):
    show = make_show()
    show.start()
    assert wait_until(lambda: show.stats.counters["frames.made"] > 2)
    show.controls.change(frozen=True)
    frozen_at = show.thought.sample_index
    assert wait_until(lambda: show.thought.sample_index > frozen_at + 16_000)
    made = show.stats.counters["frames.made"]
    heard = show.thought.sample_index
    assert wait_until(lambda: show.thought.sample_index > heard + 16_000)
    assert show.stats.counters["frames.made"] <= made + 1


def test_a_failing_backend_is_dropped_for_the_next_with_one_notice(make_show, models, monkeypatch):
    show = make_show()
    show.start()
    assert wait_until(lambda: show.stats.counters["frames.made"] > 2)

    def fail(w_plus, *, noise_gain, exit_resolution):
        raise MemoryError("no room")

    monkeypatch.setattr(models.generator, "synthesize", fail)
    made = show.stats.counters["frames.made"]
    assert wait_until(lambda: show.stats.counters["frames.made"] > made + 20)
    (notice,) = show.notices.drain()
    assert "failed (no room); " in notice
    assert notice.endswith("paints instead.")


def test_when_nothing_can_paint_it_is_told_once_and_the_show_goes_on(
    make_show, models, monkeypatch
):
    show = make_show()

    def fail(w_plus, *, noise_gain, exit_resolution):
        raise MemoryError("no room")

    monkeypatch.setattr(models.generator, "synthesize", fail)
    monkeypatch.setattr("traumer_live.synthesis.painter.candidates", lambda info: ())
    show.start()
    assert wait_until(lambda: show.thought is not None and show.thought.sample_index > 48_000)
    (notice,) = show.notices.drain()
    assert "dreams stage failed" in notice
    monkeypatch.undo()
    assert wait_until(lambda: show.frames.take() is not None)


def test_a_source_that_cannot_be_opened_is_refused_and_the_old_one_stays(make_show):
    with pytest.raises(SourceError):
        make_show("file:/nowhere/at/all.wav").start()
    show = make_show()
    show.start()
    with pytest.raises(SourceError):
        show.switch_source(SourceSpec.parse("file:/nowhere/at/all.wav"))
    heard = lambda: show.thought.sample_index if show.thought else 0  # noqa: E731
    before = heard()
    assert wait_until(lambda: heard() > before + 16_000)
    show.switch_source(SourceSpec.parse("silence"))
    assert wait_until(lambda: show.status().pulse.level_dbfs < -90)


def test_an_unwritable_take_is_refused_and_the_show_goes_on(make_show, tmp_path):
    show = make_show()
    show.start()
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        show.start_recording(tmp_path / "file" / "take.mp4", size=SIZE)
    assert show.recorder is None
    assert wait_until(lambda: show.frames.take() is not None)


def test_raw_takes_hold_the_bare_square_frames(make_show, tmp_path):
    show = make_show()
    show.start()
    show.start_recording(tmp_path / "raw.mp4", size=SIZE, raw=True)
    assert not show.wants_pixels
    draw(show, lambda: show.recorder.status().frames > 10)
    show.stop_recording()
    with av.open(str(tmp_path / "raw.mp4")) as take:
        assert next(take.decode(video=0)).to_ndarray(format="rgb24").shape == (64, 64, 3)


def test_notices_are_told_once_until_forgotten():
    notices = Notices()
    notices.tell("lost")
    notices.tell("lost")
    assert notices.drain() == ["lost"]
    notices.tell("lost")
    assert notices.drain() == []
    notices.forget("lost")
    notices.tell("lost")
    assert notices.drain() == ["lost"]
    notices.tell_again("lost")
    assert notices.drain() == ["lost"]
