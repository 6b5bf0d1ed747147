"""Real sound through a real server: played into a null sink, captured from its monitor."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.pulse_server import PulseServer, write_wav
from tests.waiting import wait_until
from traumer_live.audio.capture import SourceSpec, choose_source, list_sources, open_capture
from traumer_live.audio.listener import Listener
from traumer_live.core.errors import SourceError

pytestmark = pytest.mark.pulse

RATE = 48_000


@contextmanager
def listening(source: str) -> Iterator[Listener]:
    """A started Listener, pumped by a thread as the ears do."""
    listener = Listener(SourceSpec.parse(source))
    listener.start()
    quit_now = threading.Event()

    def pump() -> None:
        while not quit_now.wait(0.01):
            listener.pump()

    ears = threading.Thread(target=pump)
    ears.start()
    try:
        yield listener
    finally:
        quit_now.set()
        ears.join()
        listener.stop()


def noise(seconds: float, seed: int = 1) -> np.ndarray:
    """Noise below 8 kHz, which every sample rate carries; exact in 16 bits."""
    x = np.random.default_rng(seed).uniform(-0.8, 0.8, (int(seconds * RATE), 2))
    x = np.apply_along_axis(np.convolve, 0, x, np.hanning(8) / np.hanning(8).sum(), "same")
    return np.round(x * 32767) / 32767


def heard(listener: Listener, since: int = 0) -> np.ndarray:
    return listener.ring.read(since, listener.ring.written - since)


def sounds(listener: Listener, seconds: float = 0.1) -> bool:
    """The newest piece of show time is sound."""
    count = int(seconds * RATE)
    end = listener.ring.written
    return end > count and bool(np.mean(listener.ring.read(end - count, count) != 0) > 0.9)


def place(sound: np.ndarray, captured: np.ndarray) -> tuple[int, float]:
    """Where ``sound`` begins in ``captured``, and how alike they are there (0..1)."""
    size = 1 << (len(captured) + len(sound)).bit_length()
    spectrum = np.fft.rfft(captured[:, 0], size) * np.conj(np.fft.rfft(sound[:, 0], size))
    at = int(np.argmax(np.fft.irfft(spectrum)[: len(captured)]))
    piece, wanted = captured[at : at + len(sound), 0], sound[: len(captured) - at, 0]
    alike = piece @ wanted / (np.linalg.norm(piece) * np.linalg.norm(wanted) + 1e-12)
    return at, float(alike)


def test_lists_outputs_and_says_which_is_the_default(pulse: PulseServer) -> None:
    loopbacks = [info for info in list_sources() if info.spec.kind == "loopback"]
    assert {info.spec.name for info in loopbacks} == {"stage", "lounge"}
    assert [info.spec.name for info in loopbacks if info.is_default] == ["stage"]
    spec, reason = choose_source(None, demo_track=Path("demo.opus"))
    assert spec == SourceSpec("loopback")
    assert "loopback" in reason


def test_wrong_names_are_told_with_what_there_is(pulse: PulseServer) -> None:
    with pytest.raises(SourceError, match=r"'garage' is not there.*: stage, lounge"):
        open_capture(SourceSpec("loopback", "garage"))
    with pytest.raises(SourceError, match="'Wrong' is not there"):
        open_capture(SourceSpec("mic", "Wrong"))


def test_captures_every_sample_that_a_sink_plays(pulse: PulseServer) -> None:
    """Without a clock between: on show time, what comes too late would be silence, as it should."""
    song, blocks = noise(1.0), list[np.ndarray]()
    capture = open_capture(SourceSpec.parse("loopback:stage"))
    capture.open(lambda block: blocks.append(block.copy()), pytest.fail)
    try:
        pulse.play(song, "stage")
        assert wait_until(lambda: any(block.any() for block in list(blocks)))
        assert wait_until(lambda: not any(block.any() for block in blocks[-50:]))
    finally:
        capture.close()
    assert "PULSE_SOURCE" not in os.environ
    captured = np.concatenate(blocks)
    at, _ = place(song, captured)
    np.testing.assert_allclose(captured[at : at + len(song)], song, atol=2e-4)


def test_another_rate_is_resampled(pulse: PulseServer) -> None:
    song = noise(1.0, seed=2)
    with listening("loopback:lounge") as listener:
        assert wait_until(lambda: listener.state != "starting")
        pulse.play(song, "lounge")
        assert wait_until(lambda: sounds(listener))
        assert listener.state == "playing"
        assert wait_until(lambda: not sounds(listener))
        pieces = np.split(song, 10)  # on a busy machine some come too late
        alike = max(place(piece, heard(listener))[1] for piece in pieces)
    assert alike > 0.9  # 22 to 24 kHz do not survive 44.1 kHz


def test_a_vanished_sink_is_silence_until_it_is_back(pulse: PulseServer) -> None:
    with listening("loopback:stage") as listener:
        pulse.play(noise(30.0), "stage")
        assert wait_until(lambda: sounds(listener))
        pulse.remove_sink("stage")  # the server silently moves the stream to the other monitor
        assert wait_until(lambda: "was lost" in listener.notice)
        assert listener.state == "source lost, retrying"
        lost_at = listener.ring.written
        assert wait_until(lambda: listener.ring.written > lost_at + RATE)
        pulse.add_sink("stage")
        assert wait_until(lambda: listener.notice.endswith("is back."))
        pulse.play(noise(30.0, seed=3), "stage")
        assert wait_until(lambda: sounds(listener))
        assert listener.state == "playing"


def test_a_suspended_sink_is_silence_and_shows_goes_on(pulse: PulseServer) -> None:
    with listening("loopback:stage") as listener:
        pulse.play(noise(60.0), "stage")
        assert wait_until(lambda: sounds(listener))
        pulse.pactl("suspend-sink", "stage", "1")
        assert wait_until(lambda: listener.state == "no signal")
        before = listener.ring.written
        assert wait_until(lambda: listener.ring.written > before + RATE)
        assert not listener.ring.read(before, RATE).any()
        assert listener.notice == ""  # the stream was kept
        pulse.pactl("suspend-sink", "stage", "0")
        assert wait_until(lambda: sounds(listener))
        assert wait_until(lambda: listener.state == "playing")


def test_opens_a_sink_that_is_suspended(pulse: PulseServer) -> None:
    pulse.pactl("suspend-sink", "stage", "1")
    with listening("loopback:stage") as listener:
        assert wait_until(lambda: listener.ring.written > RATE)
        assert not heard(listener).any()
    pulse.pactl("suspend-sink", "stage", "0")


def test_the_default_loopback_follows_the_default_sink(pulse: PulseServer) -> None:
    with listening("loopback") as listener:
        pulse.play(noise(30.0), "lounge")
        assert wait_until(lambda: listener.state != "starting")
        pulse.pactl("set-default-sink", "lounge")
        assert wait_until(lambda: sounds(listener))


def test_a_server_that_dies_and_comes_back(pulse: PulseServer) -> None:
    with listening("loopback:stage") as listener:
        assert wait_until(lambda: listener.state != "starting")
        pulse.stop()
        assert wait_until(lambda: listener.state == "source lost, retrying")
        pulse.start()
        assert wait_until(lambda: listener.notice.endswith("is back."))
        pulse.play(noise(30.0), "stage")
        assert wait_until(lambda: sounds(listener))


def test_a_microphone_of_the_server_is_opened_by_name(pulse: PulseServer) -> None:
    pulse.pactl("load-module", "module-remap-source", "source_name=desk", "master=stage.monitor")
    assert "desk" in {info.spec.name for info in list_sources() if info.spec.kind == "mic"}
    with listening("mic:desk") as listener:
        pulse.play(noise(30.0), "stage")
        assert wait_until(lambda: sounds(listener))


def test_a_file_is_heard_through_the_speakers(pulse: PulseServer, tmp_path: Path) -> None:
    song = noise(1.0, seed=4)
    write_wav(tmp_path / "song.wav", song, RATE)
    pieces = np.split(song, 10)  # a busy machine drops some; noise is never alike by chance

    def is_heard(listener: Listener) -> bool:
        captured = heard(listener)
        return any(place(piece, captured)[1] > 0.9 for piece in pieces)

    with listening("loopback:stage") as listener:
        assert wait_until(lambda: listener.state != "starting")
        with listening(f"file:{tmp_path / 'song.wav'}") as player:
            assert wait_until(lambda: player.finished)
            assert wait_until(lambda: is_heard(listener))
