"""Rendering offline: right length, right sound, the same every time, playable when interrupted."""

from __future__ import annotations

import av
import numpy as np
import pytest

from tests.music import tune, write_wav
from traumer_live.core.controls import Controls
from traumer_live.core.errors import OutputError, SourceError
from traumer_live.engine.offline import RenderPlan, render

pytestmark = pytest.mark.gl
SIZE = (96, 64)
SECONDS = 1.55


@pytest.fixture
def song(tmp_path):
    return write_wav(tmp_path / "song.wav", tune(SECONDS))


@pytest.fixture
def models(small_models):
    return small_models.load()


def pictures(movie):
    with av.open(str(movie)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def duration(movie, kind):
    with av.open(str(movie)) as container:
        stream = next(s for s in container.streams if s.type == kind)
        return float(stream.duration * stream.time_base)


@pytest.mark.parametrize(("fps", "frames"), [(30, 47), (24, 38), (60, 94)])
def test_the_movie_is_as_long_as_the_song(song, models, tmp_path, fps, frames):
    movie = tmp_path / "m.mp4"
    render(song, movie, RenderPlan(size=SIZE, fps=fps), models)
    assert len(pictures(movie)) == pytest.approx(frames, abs=1)
    assert duration(movie, "video") == pytest.approx(SECONDS, abs=0.05)
    assert duration(movie, "audio") == pytest.approx(SECONDS, abs=0.05)


@pytest.mark.parametrize("preset", ["live", "centred"])
def test_a_seed_gives_the_same_movie_and_the_pictures_move(song, models, tmp_path, preset):
    plan = RenderPlan(size=SIZE, seed=3, controls=Controls(preset=preset))
    for name in ("a.mp4", "b.mp4"):
        render(song, tmp_path / name, plan, models)
    first, second = pictures(tmp_path / "a.mp4"), pictures(tmp_path / "b.mp4")
    np.testing.assert_array_equal(first, second)
    assert np.abs(first[-1].astype(int) - first[20]).mean() > 1


def test_the_sound_is_the_song(song, models, tmp_path):
    render(song, tmp_path / "m.mp4", RenderPlan(size=SIZE), models)
    with av.open(str(tmp_path / "m.mp4")) as container:
        sound = np.concatenate([f.to_ndarray() for f in container.decode(audio=0)], axis=1)[0]
    reference = tune(SECONDS)[:, 0]
    n = min(len(sound), len(reference))
    assert np.corrcoef(sound[:n], reference[:n])[0, 1] > 0.98


def test_an_interrupt_leaves_the_part_made_so_far(song, models, tmp_path):
    def interrupt(done_s, total_s):
        assert total_s == pytest.approx(SECONDS, abs=0.01)
        if done_s > 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render(song, tmp_path / "m.mp4", RenderPlan(size=SIZE), models, progress=interrupt)
    assert 28 <= len(pictures(tmp_path / "m.mp4")) <= 32


def test_nothing_is_overwritten_unasked(song, models, tmp_path):
    movie = tmp_path / "m.mp4"
    movie.write_bytes(b"precious")
    with pytest.raises(OutputError, match="--force"):
        render(song, movie, RenderPlan(size=SIZE), models)
    assert movie.read_bytes() == b"precious"
    render(song, movie, RenderPlan(size=SIZE), models, force=True)
    assert len(pictures(movie)) > 40


def test_a_missing_song_leaves_no_movie(models, tmp_path):
    with pytest.raises(SourceError):
        render(tmp_path / "none.wav", tmp_path / "m.mp4", RenderPlan(size=SIZE), models)
    assert not (tmp_path / "m.mp4").exists()
