"""What can be captured where there is no sound system, and how sources are named and chosen."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tests.pulse_server import write_wav
from tests.waiting import wait_until
from traumer_live.audio.capture import (
    SourceSpec,
    choose_source,
    list_sources,
    open_capture,
    portaudio,
)
from traumer_live.audio.capture.file import FileCapture, rechunk
from traumer_live.audio.capture.portaudio import open_speakers
from traumer_live.audio.listener import Listener
from traumer_live.core.errors import SettingsError, SourceError


@pytest.fixture
def no_sound_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nowhere")
    if os.path.exists("/dev/snd"):
        pytest.skip("this machine has a sound card")


class Collected:
    """Keeps what a capture delivers."""

    def __init__(self) -> None:
        self.blocks: list[np.ndarray] = []
        self.threads: set[str] = set()
        self.lost: list[str] = []

    def on_block(self, block: np.ndarray) -> None:
        self.blocks.append(block.copy())
        self.threads.add(threading.current_thread().name)

    @property
    def sound(self) -> np.ndarray:
        return np.concatenate(self.blocks)


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("mic", "mic", ""),
        ("mic:USB Audio: Line 1", "mic", "USB Audio: Line 1"),
        ("loopback", "loopback", ""),
        ("Loopback:speakers", "loopback", "speakers"),
        ("file:C:/music/a song.mp3", "file", "C:/music/a song.mp3"),
        ("tone", "tone", ""),
        (" silence ", "silence", ""),
    ],
)
def test_a_source_is_a_word_and_a_name(text: str, kind: str, name: str) -> None:
    spec = SourceSpec.parse(text)
    assert (spec.kind, spec.name) == (kind, name)
    assert SourceSpec.parse(str(spec)) == spec


@pytest.mark.parametrize("text", ["", "radio", "file", "file:", "tone:440", "mike:usb"])
def test_nonsense_is_told_in_one_sentence(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        SourceSpec.parse(text)
    assert "\n" not in str(caught.value)


def test_the_tone_is_440_hz_at_minus_12_dbfs() -> None:
    got = Collected()
    capture = open_capture(SourceSpec("tone"))
    capture.open(got.on_block, got.lost.append)
    assert wait_until(lambda: len(got.blocks) >= 50)
    capture.close()
    count = len(got.blocks)
    sound = got.sound[:24_000, 0]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    assert np.argmax(spectrum) * 2 == 440
    assert 20 * np.log10(sound.max()) == pytest.approx(-12, abs=0.05)
    assert got.threads == {"capture"}
    assert len(got.blocks) == count
    assert not got.lost


def test_silence_is_silent() -> None:
    got = Collected()
    capture = open_capture(SourceSpec("silence"))
    capture.open(got.on_block, got.lost.append)
    assert wait_until(lambda: len(got.blocks) >= 3)
    capture.close()
    assert not got.sound.any()


def test_a_file_is_delivered_whole_and_then_finished(tmp_path: Path) -> None:
    sound = np.random.default_rng(1).uniform(-0.5, 0.5, (20_001, 2))
    write_wav(tmp_path / "noise.wav", sound, 48_000)
    got = Collected()
    capture = FileCapture(SourceSpec("file", str(tmp_path / "noise.wav")), aloud=False)
    capture.open(got.on_block, got.lost.append)
    assert wait_until(lambda: capture.finished)
    capture.close()
    capture.close()
    np.testing.assert_allclose(got.sound, sound, atol=1e-4)
    assert {len(block) for block in got.blocks[:-1]} == {480}


def test_a_looped_file_starts_again(tmp_path: Path) -> None:
    sound = np.random.default_rng(1).uniform(-0.5, 0.5, (5_000, 2))
    write_wav(tmp_path / "noise.wav", sound, 48_000)
    got = Collected()
    spec = SourceSpec("file", str(tmp_path / "noise.wav"), loop=True)
    capture = FileCapture(spec, aloud=False)
    capture.open(got.on_block, got.lost.append)
    assert wait_until(lambda: len(got.blocks) >= 25)
    capture.close()
    np.testing.assert_allclose(got.sound[5_000:10_000], sound, atol=1e-4)
    assert not capture.finished


@pytest.mark.parametrize("how", ["gone", "empty"])
def test_a_looped_file_that_cannot_be_read_again_is_lost_and_not_finished(
    tmp_path: Path, how: str
) -> None:
    """It is on a disk that was away for a moment, or written anew: whoever listens tries again."""
    path, sound = tmp_path / "short.wav", np.random.default_rng(1).uniform(-0.5, 0.5, (5_000, 2))
    write_wav(path, sound, 48_000)
    capture = FileCapture(SourceSpec("file", str(path), loop=True), aloud=False)
    if how == "empty":
        write_wav(path, sound[:0], 48_000)
    else:
        path.unlink()
    lost: list[str] = []
    capture.open(lambda block: None, lost.append)
    assert wait_until(lambda: lost)
    assert not capture.finished
    capture.close()


def test_speakers_that_ask_for_nothing_any_more_are_opened_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened, closed = [], []

    class Deaf:
        def close(self) -> None:
            closed.append(self)

    library = SimpleNamespace(OutputStream=None, PortAudioError=RuntimeError)
    monkeypatch.setattr(portaudio, "_portaudio", lambda: library)
    monkeypatch.setattr(portaudio, "refresh", lambda: True)
    monkeypatch.setattr(portaudio, "_started", lambda *_, **__: opened.append(Deaf()) or opened[-1])
    speakers, block = portaudio.Speakers(), np.zeros((480, 2), np.float32)
    speakers.open()
    speakers.play(block)
    assert len(opened) == 1
    speakers._asked_s -= 10  # for so long nobody wanted any
    speakers.play(block)
    assert wait_until(lambda: len(opened) == 2)
    assert closed == opened[:1]
    speakers.close()
    assert closed == opened


def test_rechunk_keeps_every_sample() -> None:
    x = np.arange(1000, dtype=np.float32)[:, None]
    blocks = list(rechunk(np.split(x, [3, 500, 501, 999]), 64))
    np.testing.assert_array_equal(np.concatenate(blocks), x)
    assert {len(block) for block in blocks[:-1]} == {64}


def test_importing_the_room_loads_no_sound_library() -> None:
    code = (
        "import sys, traumer_live.audio.listener\n"
        "print([m for m in ('sounddevice', 'pulsectl', 'av', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.usefixtures("no_sound_system")
def test_without_a_sound_system_nothing_is_listed() -> None:
    assert list_sources() == []
    assert open_speakers() is None


@pytest.mark.usefixtures("no_sound_system")
@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("loopback", "no PulseAudio or PipeWire server"),
        ("loopback:tv", "no PulseAudio or PipeWire server"),
        ("mic", "no default microphone"),
        ("mic:Wrong", "microphone 'Wrong' is not there"),
        ("file:/no/such.mp3", "does not exist"),
    ],
)
def test_what_is_not_there_is_told_in_one_sentence(source: str, says: str) -> None:
    with pytest.raises(SourceError, match=says) as caught:
        Listener(SourceSpec.parse(source)).start()
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("no_sound_system")
def test_the_demo_track_is_the_last_resort(tmp_path: Path) -> None:
    demo = tmp_path / "demo.opus"
    spec, reason = choose_source(None, demo_track=demo)
    assert spec == SourceSpec("file", str(demo), loop=True)
    assert reason.startswith("Playing the demo track")
    spec, reason = choose_source(SourceSpec("mic", "Old"), demo_track=demo)
    assert spec.name == str(demo)
    assert "mic:Old cannot be used" in reason
    spec, reason = choose_source(SourceSpec("tone"), demo_track=demo)
    assert spec == SourceSpec("tone")
    assert "tone" in reason


@pytest.mark.usefixtures("no_sound_system")
def test_a_file_plays_through_the_listener_without_speakers(tmp_path: Path) -> None:
    sound = np.random.default_rng(1).uniform(0.1, 0.5, (24_000, 2))
    write_wav(tmp_path / "noise.wav", sound, 48_000)
    listener = Listener(SourceSpec("file", str(tmp_path / "noise.wav")))
    listener.start()
    try:
        assert wait_until(lambda: listener.pump() and listener.finished)
    finally:
        listener.stop()
    heard = listener.ring.read(0, listener.ring.written)
    start = int(np.argmax(heard[:, 0] > 0))
    np.testing.assert_allclose(heard[start : start + 24_000], sound, atol=1e-4)
    assert listener.state == "ended"
