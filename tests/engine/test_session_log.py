"""The session log of a take: the night is thought and painted again to the last bit."""

from __future__ import annotations

from dataclasses import replace

import av
import numpy as np
import pytest

from tests.music import tune
from tests.waiting import wait_until
from traumer_live.audio.capture import SourceSpec
from traumer_live.core.controls import Controls
from traumer_live.core.errors import ModelError, OutputError, SourceError
from traumer_live.core.types import SAMPLES_PER_TICK
from traumer_live.engine import session_log
from traumer_live.engine.ears import Ears
from traumer_live.engine.models import Choice, load_choice
from traumer_live.engine.repaint import Cast, moments, moments_at, repaint
from traumer_live.engine.session_log import (
    Began,
    Header,
    SessionLog,
    end_of,
    events,
    read_header,
    session_of,
)
from traumer_live.engine.show import Show
from traumer_live.synthesis.loading import load_generator

SIZE = (96, 64)


@pytest.fixture(scope="module")
def night(small_models, tmp_path_factory):
    """A short take whose thoughts and pictures were kept on the way, with things turned."""
    folder = tmp_path_factory.mktemp("night")
    choice = Choice(
        str(small_models.generator), "", str(small_models.mapping), backend="onnx", threads=1
    )
    show = Show(small_models.settings(seed=3), load_choice(choice), SourceSpec.parse("tone"))
    thoughts, pictures = {}, {}

    def paint(w_plus, noise_gain, models, now_s, real=show._dreamer.paint):
        pixels = real(w_plus, noise_gain, models, now_s)
        pictures.setdefault(w_plus.tobytes(), (noise_gain, pixels))
        return pixels

    def put(item, real=show._thoughts.put):
        thoughts[item[0].sample_index] = item[0]
        real(item)

    show._dreamer.paint = paint
    show._thoughts.put = put
    with show:
        assert wait_until(lambda: len(pictures) > 20)
        show.start_recording(folder / "take.mp4", size=SIZE)
        for step in (
            lambda: None,  # the log's first moments know the controls as they were
            lambda: show.controls.change(truncation_psi=0.7, pulse_strength=1.0),
            lambda: show.controls.change(preset="paper"),
            lambda: show.change_seed(11),
            lambda: show.controls.change(preset="live", noise_gain=2.0),
            lambda: show.switch_models(load_choice(choice)),
            lambda: None,
        ):
            step()
            heard, painted = show.thought.sample_index, len(pictures)
            assert wait_until(lambda: show.thought.sample_index > heard + 24_000)  # noqa: B023
            assert wait_until(lambda: len(pictures) > painted + 2)  # noqa: B023
        show.stop_recording()
        told = show.notices.drain()
    assert not [sentence for sentence in told if "log" in sentence]
    return folder / "take.mp4", thoughts, pictures


def same(generator):
    return lambda began: Cast(generator)


@pytest.fixture(scope="module")
def generator(small_models):
    return load_generator(small_models.generator, backend="onnx", threads=1)


def test_the_same_generator_thinks_and_paints_the_night_again_exactly(night, generator):
    take, thoughts, pictures = night
    compared = painted = 0
    for moment in moments(session_of(take), same(generator)):
        live = thoughts.get(moment.thought.sample_index)
        if live is None:  # heard late together with the next: nobody painted it
            continue
        np.testing.assert_array_equal(moment.w_plus, live.w_plus)
        assert moment.noise_gain == live.noise_gain
        assert moment.thought.pulse == live.pulse
        compared += 1
        if live.w_plus.tobytes() in pictures and painted < 20:
            gain, pixels = pictures[live.w_plus.tobytes()]
            again = generator.synthesize(moment.w_plus, noise_gain=gain)
            if pixels.shape == again.shape:
                np.testing.assert_array_equal(again, pixels)
                painted += 1
    assert compared > 20
    assert painted > 5


def test_the_log_says_what_played_and_what_was_turned(night, generator):
    log = session_of(night[0])
    header = read_header(log)
    assert (header.take, header.size, header.raw) == ("take.mp4", SIZE, False)
    heard = list(events(log))
    began = [event for event in heard if isinstance(event, Began)]
    assert len(began) == 2  # the models were switched once
    assert began[0].told["generator_sha256"] == generator.info.sha256
    assert len(began[0].told["encoder_sha256"]) == len(began[0].told["transfer_sha256"]) == 64
    told = [event for event in heard if not isinstance(event, Began)]
    assert {event.controls.preset for event in told} == {"live", "paper"}
    assert 11 in {event.seed for event in told}
    with av.open(str(night[0])) as movie:
        frames = sum(1 for _ in movie.decode(video=0))
    assert end_of(log) == header.start_index + 1600 * frames


def test_a_log_that_was_cut_off_is_read_up_to_there(night, tmp_path):
    whole = session_of(night[0]).read_bytes()
    log = tmp_path / "cut.session"
    log.write_bytes(whole[: len(whole) * 2 // 3])
    cut, full = len(list(events(log))), len(list(events(session_of(night[0]))))
    assert 0.4 * full < cut < full
    assert end_of(log) is None
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 0xFF
    log.write_bytes(damaged)
    assert 0 < len(list(events(log))) < full


def test_a_log_that_stopped_keeps_nothing_more_in_memory(small_models, tmp_path, monkeypatch):
    def gone(before, models):
        raise ModelError("The tagger is gone.")

    monkeypatch.setattr(session_log, "_began", gone)
    models, told = small_models.load(), []
    ears = Ears(models, preset="live", seed=0)
    header = Header("take.mp4", 0, SIZE, raw=False)
    log = SessionLog(tmp_path / "take.mp4", header, told.append)
    first, *others = tune(1.0).reshape(-1, SAMPLES_PER_TICK, 2)
    ears.hear(first, Controls())
    log.hear(ears, models)
    assert wait_until(lambda: told)
    waiting = log._records.qsize()
    for tick in others:
        ears.hear(tick, Controls())
        log.hear(ears, models)
    assert log._records.qsize() == waiting
    log.close(30)
    assert told == ["The session log take.session stopped (The tagger is gone.); the take goes on."]


def test_what_is_no_log_is_refused(tmp_path):
    other = tmp_path / "x.session"
    other.write_bytes(b"something else entirely")
    with pytest.raises(SourceError, match="no session log"):
        read_header(other)
    with pytest.raises(SourceError, match="no session log beside"):
        session_of(tmp_path / "take.mp4")


def test_between_ticks_moments_are_blended(night, generator):
    log = session_of(night[0])
    start = read_header(log).start_index
    ticks = list(moments(log, same(generator)))[:30]
    double = list(moments_at(60, iter(ticks), start))
    assert len(double) == 60
    for tick, exact, between in zip(ticks[:29], double[::2], double[1::2], strict=False):
        assert exact is tick
        after = ticks[ticks.index(tick) + 1]
        np.testing.assert_allclose(between.w_plus, (tick.w_plus + after.w_plus) / 2, atol=1e-5)
    assert [m.thought.sample_index for m in moments_at(30, iter(ticks), start)] == [
        m.thought.sample_index for m in ticks
    ]


@pytest.mark.gl
def test_a_night_becomes_a_larger_movie_with_the_takes_sound(night, generator, tmp_path):
    take = night[0]
    movie = tmp_path / "again.mp4"
    repaint(session_of(take), take, movie, same(generator), size=(192, 128), fps=60)
    with av.open(str(take)) as first, av.open(str(movie)) as again:
        frames = sum(1 for _ in first.decode(video=0))
        pictures = [frame.to_ndarray(format="rgb24") for frame in again.decode(video=0)]
    assert len(pictures) == 2 * frames
    assert pictures[0].shape == (128, 192, 3)
    assert np.std(pictures[len(pictures) // 2]) > 1
    with pytest.raises(OutputError, match="exists"):
        repaint(session_of(take), take, movie, same(generator), size=SIZE)
    sounds = []
    for path in (take, movie):
        with av.open(str(path)) as opened:
            sounds.append(np.concatenate([f.to_ndarray() for f in opened.decode(audio=0)], 1))
    assert abs(sounds[0].shape[1] - sounds[1].shape[1]) < 4096
    assert np.abs(sounds[1]).max() == pytest.approx(np.abs(sounds[0]).max(), abs=0.05)


def test_another_mapping_hears_the_logged_embeddings(night, generator):
    log = session_of(night[0])
    began = next(event for event in events(log) if isinstance(event, Began))
    other = replace(began.state.transfer, bias=began.state.transfer.bias + 1)
    usual = next(moments(log, same(generator)))
    changed = next(moments(log, lambda _: Cast(generator, other)))
    assert changed.thought.sample_index == usual.thought.sample_index
    assert not np.array_equal(changed.w_plus, usual.w_plus)
    assert usual.controls == Controls()
