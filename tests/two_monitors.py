"""A real X server with two monitors that can be unplugged: Xorg with its dummy driver.

Xvfb has one monitor for ever, so windows that follow monitors are tested here. Tests that want it
skip where Xorg, that driver or xrandr are not installed, or may not be started.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.kiosk.x_screen import XScreen
from tests.waiting import PATIENCE_S, wait_until

XORG = "/usr/lib/xorg/Xorg"  # the one on PATH is a wrapper that asks for a console
FIRST, SECOND = "DUMMY0", "DUMMY1"
FIRST_SIZE, SECOND_SIZE = (800, 600), (640, 480)
LIVELY = 8  # grey levels of deviation; a bare screen has none
CONFIGURATION = f"""
Section "Device"
  Identifier "dummy"
  Driver "dummy"
  VideoRam 64000
EndSection
Section "Monitor"
  Identifier "monitor"
  HorizSync 5.0-1000.0
  VertRefresh 5.0-200.0
EndSection
Section "Screen"
  Identifier "screen"
  Device "dummy"
  Monitor "monitor"
  DefaultDepth 24
  SubSection "Display"
    Depth 24
    Virtual 1440 600
    Modes "{FIRST_SIZE[0]}x{FIRST_SIZE[1]}" "{SECOND_SIZE[0]}x{SECOND_SIZE[1]}"
  EndSubSection
EndSection
Section "ServerFlags"
  Option "AutoAddDevices" "false"
  Option "AutoAddGPU" "false"
  Option "DontVTSwitch" "true"
EndSection
"""


class TwoMonitors:
    """The second monitor right of the first, until it is unplugged."""

    def __init__(self, number: str) -> None:
        self.display = f":{number}"
        self.environment = {**os.environ, "DISPLAY": self.display}
        self._xrandr("--addmode", SECOND, f"{SECOND_SIZE[0]}x{SECOND_SIZE[1]}")
        self.plug_in()
        self._xrandr("--query")  # the server looks for monitors only when somebody asks
        self.screen = XScreen(self.display)

    def plug_in(self) -> None:
        mode = f"{SECOND_SIZE[0]}x{SECOND_SIZE[1]}"
        self._xrandr("--output", SECOND, "--mode", mode, "--right-of", FIRST)

    def unplug(self) -> None:
        self._xrandr("--output", SECOND, "--off")

    def first_is_filled(self) -> bool:
        """A picture reaches the edges of the first monitor."""
        return self._is_filled((0, 0), FIRST_SIZE)

    def second_is_filled(self) -> bool:
        return self._is_filled((FIRST_SIZE[0], 0), SECOND_SIZE)

    def close(self) -> None:
        self.screen.close()

    def _is_filled(self, at: tuple[int, int], size: tuple[int, int]) -> bool:
        """Something lively in the middle, and in the strip at either side of it."""
        (left, top), (width, height) = at, size
        pixels = self.screen.pixels(width, height, left=left, top=top)
        strip = pixels[height // 4 : 3 * height // 4]
        parts = (strip[:, : width // 8], strip[:, -width // 8 :], strip)
        return all(part.std() > LIVELY for part in parts)

    def _xrandr(self, *words: str) -> None:
        subprocess.run(["xrandr", *words], env=self.environment, check=True, capture_output=True)


@contextmanager
def two_monitors(folder: Path) -> Iterator[TwoMonitors]:
    """Such a server, with nothing on its monitors."""
    if not Path(XORG).exists() or not shutil.which("xrandr"):
        pytest.skip("Xorg or xrandr is not installed, so no monitor can be unplugged")
    configuration = folder / "xorg.conf"
    configuration.write_text(CONFIGURATION)
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [XORG, "-displayfd", str(writing), "-config", str(configuration), "-noreset",
         "-novtswitch", "-sharevts", "-nolisten", "tcp", "-logfile", str(folder / "xorg.log")],
        pass_fds=[writing],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    try:
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()  # empty when the server ended
        if not number:
            pytest.skip("Xorg with its dummy driver cannot be started here")
        monitors = TwoMonitors(number)
        yield monitors
        monitors.close()
    finally:
        server.terminate()
        server.wait(PATIENCE_S)


@contextmanager
def window_manager(monitors: TwoMonitors, folder: Path) -> Iterator[None]:
    """openbox, which moves no window that is fullscreen."""
    if not shutil.which("openbox"):
        pytest.skip("openbox is not installed, so no window manager can be in the way")
    ready = folder / "managed"
    manager = subprocess.Popen(
        ["openbox", "--startup", f"touch {ready}"],
        env=monitors.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert wait_until(ready.exists), "openbox never took over"
        yield
    finally:
        manager.terminate()
        manager.wait(PATIENCE_S)
