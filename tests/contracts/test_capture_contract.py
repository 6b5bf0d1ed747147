"""What every source of sound promises, run on each that can be had here.

Loopbacks and the microphone belong to a PulseAudio server of the test's own; WASAPI and Core Audio
have no machine here.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.pulse_server import PulseServer, write_wav
from tests.waiting import wait_until
from traumer_live.audio.capture import Capture, Health, SourceSpec, open_capture
from traumer_live.core.errors import SourceError

ENOUGH = 24_000  # samples: half a second
SECONDS = 30  # of the file: longer than any test listens

SOURCES = {
    "file": "file:{folder}/song.wav",
    "tone": "tone",
    "silence": "silence",
    "default loopback": "loopback",
    "loopback": "loopback:stage",
    "loopback at 44.1 kHz": "loopback:lounge",
    "microphone": "mic:desk",
}
OF_THE_SERVER = [name for name in SOURCES if SOURCES[name].startswith(("loopback", "mic"))]
MARKED = [
    pytest.param(name, marks=pytest.mark.pulse) if name in OF_THE_SERVER else name
    for name in SOURCES
]


@pytest.fixture(params=MARKED)
def spec(request: pytest.FixtureRequest, tmp_path: Path) -> SourceSpec:
    name: str = request.param
    if name in OF_THE_SERVER:
        server: PulseServer = request.getfixturevalue("pulse")
        words = ("source_name=desk", "master=stage.monitor")
        server.pactl("load-module", "module-remap-source", *words)
    if name == "file":
        sound = np.random.default_rng(1).uniform(-0.5, 0.5, (SECONDS * 48_000, 2))
        write_wav(tmp_path / "song.wav", sound, 48_000)
    return SourceSpec.parse(SOURCES[name].format(folder=tmp_path))


class Heard:
    """What a capture hands over, and from where."""

    def __init__(self) -> None:
        self.blocks: list[np.ndarray] = []
        self.threads: set[int] = set()
        self.lost: list[str] = []

    def on_block(self, block: np.ndarray) -> None:
        self.threads.add(threading.get_ident())
        self.blocks.append(block.copy())

    @property
    def samples(self) -> int:
        return sum(len(block) for block in list(self.blocks))


@contextmanager
def opened(spec: SourceSpec) -> Iterator[tuple[Capture, Heard]]:
    capture, heard = open_capture(spec), Heard()
    capture.open(heard.on_block, heard.lost.append)
    try:
        yield capture, heard
    finally:
        capture.close()


def test_its_format_is_known_before_it_starts(spec: SourceSpec) -> None:
    capture = open_capture(spec)
    assert capture.info.spec == spec
    assert capture.info.description
    assert capture.sample_rate == (44_100 if spec.name == "lounge" else 48_000)
    assert capture.channels in (1, 2)
    assert not capture.finished
    capture.close()  # without ever having been opened


def test_blocks_are_as_it_said_and_come_on_a_thread_of_its_own(spec: SourceSpec) -> None:
    with opened(spec) as (capture, heard):
        assert wait_until(lambda: heard.samples >= ENOUGH)
        assert isinstance(capture.health(), Health)
        assert capture.health() is not Health.MOVED
        assert not capture.finished
    for block in heard.blocks:
        assert block.dtype == np.float32
        assert block.ndim == 2
        assert block.shape[1] == capture.channels
        assert len(block) > 0
        assert np.isfinite(block).all()
        assert np.abs(block).max() <= 1
    assert len(heard.threads) == 1
    assert threading.get_ident() not in heard.threads
    assert heard.lost == []


def test_after_close_nothing_comes_and_closing_twice_is_fine(spec: SourceSpec) -> None:
    with opened(spec) as (capture, heard):
        assert wait_until(lambda: heard.samples > 0)
        capture.close()
        count = len(heard.blocks)
        capture.close()
        assert not wait_until(lambda: len(heard.blocks) > count, 0.3)
    assert heard.lost == []  # to be closed is not to be lost


def test_it_can_be_closed_at_once(spec: SourceSpec) -> None:
    before = threading.active_count()
    for _ in range(3):
        with opened(spec) as (_, heard):
            pass
        assert heard.lost == []
    assert wait_until(lambda: threading.active_count() <= before)


def test_two_listen_to_the_same(spec: SourceSpec) -> None:
    with opened(spec) as (_, one), opened(spec) as (_, other):
        assert wait_until(lambda: min(one.samples, other.samples) >= ENOUGH)
    assert one.lost == other.lost == []


def test_after_one_another_can_be_opened(spec: SourceSpec) -> None:
    for _ in range(2):
        with opened(spec) as (_, heard):
            assert wait_until(lambda heard=heard: heard.samples > 0)  # type: ignore[misc]


def test_a_consumer_that_is_slow_delays_nobody_else(spec: SourceSpec) -> None:
    """A block that is looked at for long is followed by all others, and closing still ends it."""
    held = threading.Event()
    heard = Heard()

    def slow(block: np.ndarray) -> None:
        if not heard.blocks:
            held.wait(0.5)
        heard.on_block(block)

    capture = open_capture(spec)
    capture.open(slow, heard.lost.append)
    try:
        assert wait_until(lambda: heard.samples >= ENOUGH)
    finally:
        capture.close()
    assert heard.lost == []


@pytest.mark.parametrize("text", ["file:{folder}/none.wav", "file:{folder}", "mic:Nobody"])
def test_what_is_not_there_is_told_at_once(text: str, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    with pytest.raises(SourceError) as refused:
        open_capture(SourceSpec.parse(text.format(folder=tmp_path)))
    assert "\n" not in str(refused.value)


@pytest.mark.pulse
def test_an_output_that_is_not_there_is_told_with_those_that_are(pulse: PulseServer) -> None:
    with pytest.raises(SourceError, match=r"stage, lounge"):
        open_capture(SourceSpec("loopback", "nobody"))
