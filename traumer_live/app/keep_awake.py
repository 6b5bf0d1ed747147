"""Keeps the screens from going dark while the audience watches.

In: whether it shall be awake.  Out: a request to the desktop.  Thread: GUI; nothing here waits.
Linux is tested; the requests to Windows and macOS are written from their documentation, untested.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
from typing import Protocol, cast

from PyQt6.QtCore import QMetaType, QObject, pyqtSlot
from PyQt6.QtDBus import QDBusArgument, QDBusConnection, QDBusError, QDBusMessage

NAME = "TräumerAI Live"
REASON = "Showing pictures to an audience"
_ES_CONTINUOUS = 0x80000000
_ES_SYSTEM_REQUIRED = 0x00000001
_ES_DISPLAY_REQUIRED = 0x00000002


class KeepAwake(Protocol):
    """Holds the screens awake between hold and release; both may be called twice."""

    def hold(self) -> None:
        """From now on stay awake."""
        ...

    def release(self) -> None:
        """The desktop may sleep again."""
        ...


def keep_awake() -> KeepAwake:
    """The way of this platform."""
    if sys.platform == "win32":
        return _Windows()
    if sys.platform == "darwin":
        return _Mac()
    return ScreenSaverInhibitor()


class ScreenSaverInhibitor(QObject):
    """Linux desktops: org.freedesktop.ScreenSaver on the session bus, where there is one."""

    SERVICE = "org.freedesktop.ScreenSaver"
    PATH = "/org/freedesktop/ScreenSaver"

    def __init__(self, bus: QDBusConnection | None = None) -> None:
        super().__init__()
        self._bus = bus or QDBusConnection.sessionBus()
        self._wanted = False
        self._asking = False
        self.cookie: int | None = None  # by which the desktop knows our request

    def hold(self) -> None:
        """Ask the desktop; the answer comes later."""
        self._wanted = True
        if self.cookie is None and not self._asking and self._bus.isConnected():
            message = self._message("Inhibit", NAME, REASON)
            self._asking = self._bus.callWithCallback(message, self._answered, self._refused)

    def release(self) -> None:
        """Take the request back."""
        self._wanted = False
        if self.cookie is not None:
            self._bus.asyncCall(self._message("UnInhibit", _unsigned(self.cookie)))
            self.cookie = None

    @pyqtSlot(QDBusMessage)
    def _answered(self, answer: QDBusMessage) -> None:
        self._asking = False
        if answer.arguments():
            self.cookie = int(answer.arguments()[0])
        if not self._wanted:
            self.release()

    @pyqtSlot(QDBusError, QDBusMessage)
    def _refused(self, error: QDBusError, call: QDBusMessage) -> None:
        self._asking = False  # no screen saver, then nothing to hold back

    def _message(self, method: str, *arguments: object) -> QDBusMessage:
        message = QDBusMessage.createMethodCall(self.SERVICE, self.PATH, self.SERVICE, method)
        message.setArguments(list(arguments))
        return message


def _unsigned(number: int) -> QDBusArgument:
    """Python's numbers travel as signed ones; a cookie is unsigned, and the service insists."""
    argument = QDBusArgument()
    argument.add(number, cast(int, QMetaType.Type.UInt.value))
    return argument


class _Windows:
    """Untested: the thread's execution state."""

    def hold(self) -> None:
        self._set(_ES_CONTINUOUS | _ES_SYSTEM_REQUIRED | _ES_DISPLAY_REQUIRED)

    def release(self) -> None:
        self._set(_ES_CONTINUOUS)

    def _set(self, state: int) -> None:
        ctypes.windll.kernel32.SetThreadExecutionState(state)  # type: ignore[attr-defined]


class _Mac:
    """Untested: the system's own ``caffeinate`` as long as the show is on."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def hold(self) -> None:
        if self._process is None:
            self._process = subprocess.Popen(["/usr/bin/caffeinate", "-d", "-i"])

    def release(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=1)
            self._process = None
