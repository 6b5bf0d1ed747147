"""A stage for whole-show measurements: an X server, a sound server, a player, a process watched.

In: nothing of the user's; everything is private and goes away.  Out: environments and numbers.
Linux only: /proc is read, and PulseAudio and Xvfb are started.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

SINK = "stage"
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 2**20 if hasattr(os, "sysconf") else 0.0


@contextmanager
def private_stage(*, screen: str = "1280x800") -> Iterator[dict[str, str]]:
    """An environment with a display, a sound server with the null sink ``stage``, own folders."""
    for tool in ("Xvfb", "pulseaudio", "pactl", "paplay"):
        if shutil.which(tool) is None:
            raise SystemExit(
                f"{tool} is not installed; on Debian: apt install xvfb pulseaudio-utils"
            )
    folder = Path(tempfile.mkdtemp(prefix="traumer-stage-"))
    environment = dict(os.environ)
    environment.pop("WAYLAND_DISPLAY", None)
    for name in ("CONFIG_HOME", "DATA_HOME", "RUNTIME_DIR", "VIDEOS_DIR"):
        (folder / name).mkdir(mode=0o700)
        environment[f"XDG_{name}"] = str(folder / name)
    environment["PULSE_SERVER"] = f"unix:{folder / 'RUNTIME_DIR'}/pulse/native"
    running: list[subprocess.Popen[bytes]] = []
    try:
        running.append(_start_sound(environment))
        screen_process, display = start_screen(screen)
        running.append(screen_process)
        environment["DISPLAY"] = display
        yield environment
    finally:
        for process in reversed(running):
            end(process)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def music(song: Path, environment: dict[str, str], *, seconds: float) -> Iterator[None]:
    """``song`` over and over in the null sink, from a wave file of the whole length."""
    from tests.music import write_wav
    from traumer_live.audio.files import open_sound

    sound = np.concatenate(list(open_sound(song).blocks()))
    with tempfile.TemporaryDirectory() as folder:
        wave = write_wav(Path(folder) / "music.wav", sound)
        rounds = int(seconds * 48_000 / len(sound)) + 2
        loop = 'n=0; while [ $n -lt "$2" ]; do paplay --device="$3" "$1"; n=$((n+1)); done'
        command = ["sh", "-c", f"exec 2>/dev/null; {loop}", "sh", str(wave), str(rounds), SINK]
        player = subprocess.Popen(command, env=environment, start_new_session=True)
        try:
            yield
        finally:
            end_group(player)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that we started."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End a process that leads a group of its own, children and all."""
    if process.poll() is None:
        os.killpg(process.pid, 15)
        process.wait(10)


def _start_sound(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    modules = ("module-native-protocol-unix", f"module-null-sink sink_name={SINK} rate=48000")
    loads = [word for module in modules for word in ("-L", module)]
    command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", *loads]
    server = _quiet(command, environment)
    for _ in range(100):
        asked = subprocess.run(["pactl", "info"], env=environment, capture_output=True)
        if asked.returncode == 0:
            return server
        time.sleep(0.1)
    end(server)
    raise SystemExit("The private PulseAudio server did not start.")


def start_screen(size: str) -> tuple[subprocess.Popen[bytes], str]:
    """An X server without a screen, and the name of its display."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24"]
    server = subprocess.Popen(
        [*command, "-nolisten", "tcp"],
        pass_fds=[writing],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as answer:
        number = answer.readline().strip()
    if not number:
        raise SystemExit("Xvfb did not start.")
    return server, f":{number}"


def _quiet(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    nothing = subprocess.DEVNULL
    return subprocess.Popen(command, env=environment, stdin=nothing, stdout=nothing, stderr=nothing)


@dataclass
class Watched:
    """What a running process used, read from /proc now and then."""

    pid: int
    started: float = field(default_factory=time.monotonic)
    memory: list[tuple[float, float]] = field(default_factory=list)  # (s, resident MB)
    threads: dict[str, dict[int, float]] = field(default_factory=dict)  # name, id -> cpu s

    @property
    def seconds(self) -> float:
        """Since we began to watch."""
        return time.monotonic() - self.started

    def look(self) -> None:
        """Note memory and every thread's processor time; nothing when it has ended."""
        base = Path("/proc", str(self.pid))
        try:
            pages = int((base / "statm").read_text(encoding="ascii").split()[1])
            for task in (base / "task").iterdir():
                name, seconds = _thread(task)
                self.threads.setdefault(name, {})[int(task.name)] = seconds
        except (OSError, ValueError, IndexError):
            return
        if pages:  # one that has just ended still has a name, but no memory
            self.memory.append((self.seconds, pages * _PAGE_MB))

    def cpu_seconds(self) -> dict[str, float]:
        """Processor seconds by name of thread; threads that ended count until they were seen."""
        sums = {name: sum(ids.values()) for name, ids in self.threads.items()}
        return {name: round(s, 2) for name, s in sorted(sums.items(), key=lambda item: -item[1])}

    def memory_slope(self, *, skip_s: float) -> float:
        """MB per ten minutes, fitted to what was seen after ``skip_s``; nan with too little."""
        late = np.array([pair for pair in self.memory if pair[0] >= skip_s])
        if len(late) < 10:
            return float("nan")
        return float(np.polyfit(late[:, 0], late[:, 1], 1)[0] * 600)


def _thread(task: Path) -> tuple[str, float]:
    text = (task / "stat").read_text(encoding="utf-8", errors="replace")
    name = text[text.index("(") + 1 : text.rindex(")")]
    fields = text[text.rindex(")") + 2 :].split()
    seconds = (int(fields[11]) + int(fields[12])) / _TICKS
    return name.split("-")[0] if name.startswith("llvmpipe") else name, seconds
