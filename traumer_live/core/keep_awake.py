"""Keeps machine and screen awake while a show is on.

In: a reason, for those who ask what keeps the machine up.  Out: nothing.  Thread: one of its own
where the system wants to be reminded; ``start`` and ``stop`` belong to one thread.

Only ways that end with the program are used, so that nothing stays switched off after a crash:
child processes that live on a pipe from us, and reminders. Linux was tried here; Windows and macOS
were written from their documentation and never run.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence

REMIND_S = 50.0  # the shortest screen saver is a minute
_GIVE_UP_S = 5.0
_MOST_SLOW = 3
_ES_CONTINUOUS = 0x80000000
_ES_SYSTEM_REQUIRED = 0x00000001
_ES_DISPLAY_REQUIRED = 0x00000002

Find = Callable[[str], str | None]  # program name -> where it is


def holding_commands(
    why: str, *, platform: str, screen: bool = True, find: Find = shutil.which
) -> list[list[str]]:
    """Programs that keep the machine (and the screen) awake for as long as they run."""
    if platform == "darwin" and find("caffeinate"):
        return [["caffeinate", *["-d"] * screen, "-i", "-s", "-w", str(os.getpid())]]
    if platform.startswith("linux") and find("systemd-inhibit"):
        # `cat` ends with our end of its pipe, even when we are killed.
        # Without a screen of ours "idle" stays in: idle machines are put to sleep.
        return [
            ["systemd-inhibit", "--what=idle:sleep", "--who=traumer-live", f"--why={why}", "cat"]
        ]
    return []


def reminding_command(*, platform: str, find: Find = shutil.which) -> list[str]:
    """A program that starts the screen saver's clock anew each time it is run, or nothing."""
    if not platform.startswith("linux"):
        return []
    if find("xdg-screensaver"):
        return ["xdg-screensaver", "reset"]
    return ["xset", "s", "reset"] if find("xset") else []


class KeepAwake:
    """Awake from ``start`` to ``stop``; does what this machine offers and never complains."""

    def __init__(self, why: str = "a show is on", *, screen: bool = True) -> None:
        self._why = why
        self._screen = screen  # False: nobody looks, it may go dark
        self._holders: list[subprocess.Popen[bytes]] = []
        self._stopping = threading.Event()
        self._reminder: threading.Thread | None = None

    def start(self) -> None:
        """Keep awake from now on."""
        if sys.platform == "win32":
            shown = _ES_DISPLAY_REQUIRED if self._screen else 0
            _windows_state(_ES_CONTINUOUS | _ES_SYSTEM_REQUIRED | shown)
            return
        for command in holding_commands(self._why, platform=sys.platform, screen=self._screen):
            self._hold(command)
        command = reminding_command(platform=sys.platform)
        if command and self._screen:
            self._reminder = threading.Thread(
                target=self._remind, args=(command,), name="keep-awake", daemon=True
            )
            self._reminder.start()

    def stop(self) -> None:
        """The machine may sleep again; may be called twice."""
        if sys.platform == "win32":
            _windows_state(_ES_CONTINUOUS)
            return
        self._stopping.set()
        while self._holders:
            _end(self._holders.pop())
        if self._reminder is not None:
            self._reminder.join(timeout=_GIVE_UP_S)
            self._reminder = None

    def __enter__(self) -> KeepAwake:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _hold(self, command: Sequence[str]) -> None:
        try:
            holder = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            return  # found, but it does not start: then it cannot help
        self._holders.append(holder)

    def _remind(self, command: Sequence[str]) -> None:
        slow = 0  # times in a row; a busy machine is slow once, a program that hangs always is
        while slow < _MOST_SLOW:
            try:
                if not _run_quietly(command):
                    return
                slow = 0
            except subprocess.TimeoutExpired:
                slow += 1
            if self._stopping.wait(REMIND_S):
                return


def _run_quietly(command: Sequence[str]) -> bool:
    """Whether the program did its work; one that fails is not asked again.

    Raises:
        subprocess.TimeoutExpired: it took too long, and was ended.
    """
    quiet = subprocess.DEVNULL
    try:
        done = subprocess.run(
            command, stdin=quiet, stdout=quiet, stderr=quiet, timeout=_GIVE_UP_S, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


def _end(holder: subprocess.Popen[bytes]) -> None:
    if holder.stdin is not None:
        holder.stdin.close()
    holder.terminate()
    try:
        holder.wait(timeout=_GIVE_UP_S)
    except subprocess.TimeoutExpired:
        holder.kill()
        holder.wait()


def _windows_state(flags: int) -> None:
    windll = getattr(ctypes, "windll", None)
    if windll is not None:
        windll.kernel32.SetThreadExecutionState(flags)
