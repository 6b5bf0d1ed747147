"""A PulseAudio server of a module's own, with two null sinks: the fixture ``pulse``.

Its socket lies in a temporary folder, its output goes nowhere (a daemon that outlives a test would
keep the pipe open), and it is ended by its process id.
"""

from __future__ import annotations

import shutil
import subprocess
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.waiting import wait_until

SINKS = {"stage": 48_000, "lounge": 44_100}  # Hz; the first one is the default


class PulseServer:
    """A private server with the sinks ``stage`` (48 kHz) and ``lounge`` (44.1 kHz)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server: subprocess.Popen[bytes] | None = None
        self._players: list[subprocess.Popen[bytes]] = []
        self._first: set[str] = set()  # lines that name the modules of the beginning

    def make_ready(self) -> None:
        """Start, or undo what a test did to the modules."""
        if self._server is None or not self._answers():
            self.stop()
            self.start()
        for line in self._modules() - self._first:
            self.pactl("unload-module", line.split("\t")[0])
        for sink in SINKS:
            if not any(f"sink_name={sink} " in line for line in self._modules()):
                self.add_sink(sink)
        self.pactl("set-default-sink", next(iter(SINKS)))

    def start(self) -> None:
        modules = ["module-native-protocol-unix"]
        modules += [f"module-null-sink {' '.join(_words_of(sink))}" for sink in SINKS]
        loads = [word for module in modules for word in ("-L", module)]
        self._server = _quiet(["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", *loads])
        if not wait_until(self._answers):
            self.stop()
            pytest.fail("the private PulseAudio server did not start")
        self._first = self._modules()

    def stop(self) -> None:
        self.silence()
        if self._server is not None:
            _end(self._server)
        self._server = None

    def silence(self) -> None:
        """End whoever still plays."""
        for player in self._players:
            _end(player)
        self._players.clear()

    def play(self, sound: np.ndarray, sink: str, rate: int = 48_000) -> None:
        """Start playing ``sound`` (n, 2) into ``sink``, after 0.3 s of silence.

        A null sink that idled rewinds when a player joins: the first milliseconds differ.
        """
        path = self.folder / f"played{len(self._players)}.wav"
        write_wav(path, np.concatenate([np.zeros((int(0.3 * rate), 2)), sound]), rate)
        self._players.append(_quiet(["paplay", f"--device={sink}", str(path)]))

    def pactl(self, *words: str) -> str:
        done = subprocess.run(["pactl", *words], capture_output=True, text=True, check=True)
        return done.stdout

    def remove_sink(self, sink: str) -> None:
        for line in self._modules():
            if f"sink_name={sink} " in line:
                self.pactl("unload-module", line.split("\t")[0])

    def add_sink(self, sink: str) -> None:
        self.pactl("load-module", "module-null-sink", *_words_of(sink))

    def _modules(self) -> set[str]:
        return set(self.pactl("list", "short", "modules").splitlines())

    def _answers(self) -> bool:
        return subprocess.run(["pactl", "info"], capture_output=True).returncode == 0


def _words_of(sink: str) -> list[str]:
    # Without norewinds an idle null sink looks at its clients only every two seconds.
    return [f"sink_name={sink}", f"rate={SINKS[sink]}", "format=float32le", "norewinds=1"]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def write_wav(path: Path, sound: np.ndarray, rate: int) -> None:
    """16-bit PCM."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(sound.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((sound * 32767).astype("<i2").tobytes())


def _quiet(command: list[str]) -> subprocess.Popen[bytes]:
    nothing = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing)


@pytest.fixture(scope="module")
def pulse_room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PulseServer]:
    """The server of one module's tests; each asks for it by ``pulse``."""
    missing = [tool for tool in ("pulseaudio", "pactl", "paplay") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed, so no sound server can be started")
    folder = tmp_path_factory.mktemp("pulse")
    folder.chmod(0o700)
    server = PulseServer(folder)
    yield server
    server.stop()


@pytest.fixture
def pulse(pulse_room: PulseServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[PulseServer]:
    """A running server that this process and its children reach, silent and as if new."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(pulse_room.folder))
    monkeypatch.setenv("PULSE_SERVER", f"unix:{pulse_room.folder}/pulse/native")
    pulse_room.make_ready()
    yield pulse_room
    pulse_room.silence()
