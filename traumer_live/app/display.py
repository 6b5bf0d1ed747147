"""Whether windows can be opened here at all; Qt itself would end the process when they cannot.

In: the environment.  Out: nothing, or a DisplayError that says what to do.
Thread: main, before Qt.
"""

from __future__ import annotations

import ctypes
import os
import sys
from importlib import import_module

from traumer_live.app.texts import trouble as texts
from traumer_live.core.errors import DisplayError


def check_display(instead: str = texts.INSTEAD) -> None:
    """Return when a window can be opened; ``instead`` says what else may be done.

    Raises:
        DisplayError: there is no screen, it does not answer, or Qt's libraries are missing.
    """
    _check_libraries(instead)
    if sys.platform in ("win32", "darwin") or _chosen_platform() not in ("", "xcb"):
        return
    if os.environ.get("WAYLAND_DISPLAY") and _chosen_platform() != "xcb":
        return
    _check_x_server(os.environ.get("DISPLAY", ""), instead)


def _chosen_platform() -> str:
    """The platform that the user asks Qt for, such as ``xcb`` in ``xcb:option``; mostly none."""
    return os.environ.get("QT_QPA_PLATFORM", "").partition(";")[0].partition(":")[0]


def _check_libraries(instead: str) -> None:
    try:
        import_module("PyQt6.QtOpenGLWidgets")
        import_module("PyQt6.QtSvg")
    except ImportError as error:
        raise DisplayError(texts.no_libraries(error, instead)) from error


def _check_x_server(display: str, instead: str) -> None:
    if not display:
        raise DisplayError(texts.no_display(instead))
    if not _answers(display):
        raise DisplayError(texts.display_is_silent(display, instead))
    try:
        ctypes.CDLL("libxcb-cursor.so.0")  # Qt's X11 plugin aborts without it
    except OSError:
        raise DisplayError(texts.no_cursor_library(instead)) from None


def _answers(display: str) -> bool:
    """Knock at the X server as Qt will; True also when there is no xcb to knock with."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(display.encode(), None))
    refused = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not refused
