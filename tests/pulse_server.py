"""A PulseAudio server of a test's own, with two null sinks, as a fixture.

Use it with ``from tests.pulse_server import pulse`` in a test module.  Its socket lies in a
temporary folder, its output goes nowhere (a daemon that outlives a test would keep the pipe open),
and it is ended by its process id.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.waiting import wait_until


class PulseServer:
    """A private server with the sinks ``stage`` (48 kHz) and ``lounge`` (44.1 kHz)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server: subprocess.Popen[bytes] | None = None
        self._players: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        modules = [
            "module-native-protocol-unix",
            "module-null-sink sink_name=stage rate=48000 format=float32le",
            "module-null-sink sink_name=lounge rate=44100 format=float32le",
        ]
        loads = [word for module in modules for word in ("-L", module)]
        self._server = _quiet(["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", *loads])
        if not wait_until(self._answers):
            self.stop()
            pytest.fail("the private PulseAudio server did not start")

    def stop(self) -> None:
        for process in [*self._players, self._server]:
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
        self._players, self._server = [], None

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
        for line in self.pactl("list", "short", "modules").splitlines():
            if f"sink_name={sink} " in line:
                self.pactl("unload-module", line.split("\t")[0])

    def add_sink(self, sink: str, rate: int = 48_000) -> None:
        words = ["sink_name=" + sink, f"rate={rate}", "format=float32le"]
        self.pactl("load-module", "module-null-sink", *words)

    def _answers(self) -> bool:
        return subprocess.run(["pactl", "info"], capture_output=True).returncode == 0


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


@pytest.fixture
def pulse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PulseServer]:
    """A running server that this process and its children reach."""
    missing = [tool for tool in ("pulseaudio", "pactl", "paplay") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed, so no sound server can be started")
    folder = tmp_path_factory.mktemp("pulse")
    folder.chmod(0o700)
    before = {name: os.environ.get(name) for name in ("XDG_RUNTIME_DIR", "PULSE_SERVER")}
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    os.environ["PULSE_SERVER"] = f"unix:{folder}/pulse/native"
    server = PulseServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
