"""What every test stands on: a display of its own, folders of its own, the excerpts if present.

The suite starts its own Xvfb, so windows are real and nobody's desktop flickers; a sound server
is started for the modules that need one (tests/pulse_server.py).
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from benchmarks._stage import start_screen
from tests.models import small_models
from tests.pulse_server import pulse, pulse_room
from traumer_live.core.leaving import leave

__all__ = ["pulse", "pulse_room", "small_models"]  # fixtures for all

ROOT = Path(__file__).resolve().parent.parent
SHARED_AUDIO = ROOT.parent / "shared" / "audio"

# One thread per operation of torch, here and in children: on a busy machine its threads wait for
# each other far longer than they work.
os.environ.setdefault("OMP_NUM_THREADS", "1")

_xvfb: subprocess.Popen[bytes] | None = None
_home: str | None = None
_exit_code = 0


def pytest_sessionfinish(exitstatus: int) -> None:
    global _exit_code
    _exit_code = int(exitstatus)


# A painter that still compares runtimes must not turn a green run into an abort at its very end.
# What is registered first is called last.
atexit.register(lambda: leave(_exit_code))


def pytest_configure(config: pytest.Config) -> None:
    _use_private_folders()
    _start_display()


def pytest_unconfigure(config: pytest.Config) -> None:
    if _xvfb is not None:
        _xvfb.terminate()
        _xvfb.wait()
    if _home is not None:
        shutil.rmtree(_home, ignore_errors=True)


def _use_private_folders() -> None:
    """Settings, caches and sockets of the person who runs the tests stay untouched."""
    global _home
    _home = tempfile.mkdtemp(prefix="traumer-tests-")
    for name in ("CONFIG_HOME", "CACHE_HOME", "DATA_HOME", "RUNTIME_DIR", "VIDEOS_DIR"):
        folder = Path(_home, name.lower())
        folder.mkdir(mode=0o700)
        os.environ[f"XDG_{name}"] = str(folder)
    os.environ.pop("PULSE_SERVER", None)
    os.environ.pop("DBUS_SESSION_BUS_ADDRESS", None)
    os.environ.pop("WAYLAND_DISPLAY", None)


def _start_display() -> None:
    """A real X server without a screen; tests that need one skip when it can't be had."""
    global _xvfb
    os.environ.pop("DISPLAY", None)
    if shutil.which("Xvfb") is None:
        return
    _xvfb, os.environ["DISPLAY"] = start_screen("1280x800")


@pytest.fixture(scope="session")
def shared_audio() -> Path:
    """The folder of real excerpts; tests that want music skip without it."""
    if not SHARED_AUDIO.is_dir():
        pytest.skip("the music excerpts are not beside this checkout")
    return SHARED_AUDIO


@pytest.fixture(scope="session")
def display() -> str:
    """The X display for windows."""
    if "DISPLAY" not in os.environ:
        pytest.skip("Xvfb is not installed, so no window can be opened")
    return os.environ["DISPLAY"]
