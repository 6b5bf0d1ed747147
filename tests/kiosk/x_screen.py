"""What really stands on the X screen, and keys that really come through the X server."""

from __future__ import annotations

import ctypes
import ctypes.util
from ctypes import POINTER, Structure, c_char_p, c_int, c_uint, c_ulong, c_void_p

import numpy as np
import pytest

from traumer_live.core.types import Pixels

ALL_PLANES, Z_PIXMAP = 2**32 - 1, 2


class _XImage(Structure):
    _fields_ = [
        ("width", c_int),
        ("height", c_int),
        ("xoffset", c_int),
        ("format", c_int),
        ("data", c_void_p),
        ("byte_order", c_int),
        ("bitmap_unit", c_int),
        ("bitmap_bit_order", c_int),
        ("bitmap_pad", c_int),
        ("depth", c_int),
        ("bytes_per_line", c_int),
        ("bits_per_pixel", c_int),
    ]


class XScreen:
    """A connection of its own to the display, as a second program would have it."""

    def __init__(self, display: str) -> None:
        self._x = ctypes.CDLL(_library("X11"))
        self._x.XOpenDisplay.restype = c_void_p
        self._x.XDefaultRootWindow.restype = c_ulong
        self._x.XDefaultRootWindow.argtypes = [c_void_p]
        self._x.XGetImage.restype = POINTER(_XImage)
        self._x.XGetImage.argtypes = [
            c_void_p,
            c_ulong,
            c_int,
            c_int,
            c_uint,
            c_uint,
            c_ulong,
            c_int,
        ]
        self._x.XDestroyImage.argtypes = [c_void_p]
        self._x.XStringToKeysym.restype = c_ulong
        self._x.XStringToKeysym.argtypes = [c_char_p]
        self._x.XKeysymToKeycode.argtypes = [c_void_p, c_ulong]
        self._x.XSync.argtypes = [c_void_p, c_int]
        self._x.XCloseDisplay.argtypes = [c_void_p]
        self._display = self._x.XOpenDisplay(display.encode())
        assert self._display, f"no X display {display}"

    def close(self) -> None:
        self._x.XCloseDisplay(self._display)

    def pixels(self, width: int = 1280, height: int = 800) -> Pixels:
        """The whole screen, (height, width, 3) RGB."""
        root = self._x.XDefaultRootWindow(self._display)
        image = self._x.XGetImage(self._display, root, 0, 0, width, height, ALL_PLANES, Z_PIXMAP)
        size = image.contents.bytes_per_line * height
        raw = np.frombuffer(ctypes.string_at(image.contents.data, size), np.uint8)
        self._x.XDestroyImage(image)
        return raw.reshape(height, -1, 4)[:, :width, 2::-1].copy()  # BGRX -> RGB

    def press(self, key: str) -> None:
        """Press and release a key, given by its X name, in whichever window has the focus."""
        xtest = ctypes.CDLL(_library("Xtst"))
        xtest.XTestFakeKeyEvent.argtypes = [c_void_p, c_uint, c_int, c_ulong]
        symbol = self._x.XStringToKeysym(key.encode())
        code = self._x.XKeysymToKeycode(self._display, symbol)
        for down in (1, 0):
            xtest.XTestFakeKeyEvent(self._display, code, down, 0)
        self._x.XSync(self._display, 0)


def _library(name: str) -> str:
    found = ctypes.util.find_library(name)
    if found is None:
        pytest.skip(f"lib{name} is not installed")
    return found
