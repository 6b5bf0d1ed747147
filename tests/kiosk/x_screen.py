"""What really stands on the X screen, and keys that really come through the X server."""

from __future__ import annotations

import ctypes
import ctypes.util
from ctypes import POINTER, Structure, c_char_p, c_int, c_uint, c_ulong, c_void_p

import numpy as np
import pytest

from traumer_live.core.types import Pixels

# A window may go while we ask for it; Xlib's own answer to that is to end the process.
_TOLERANT = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p)(lambda _display, _error: 0)
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


class _Attributes(Structure):
    """The beginning of XWindowAttributes, and room for the rest."""

    _fields_ = [
        ("x", c_int),
        ("y", c_int),
        ("width", c_int),
        ("height", c_int),
        ("rest", c_ulong * 32),
    ]
    # border, depth; visual, root; class; two gravities; backing store; planes and pixel; save
    # under; colormap; whether it is installed; map state
    MAP_STATE_AT = 92  # bytes, on 64-bit machines
    VIEWABLE = 2

    @property
    def is_viewable(self) -> bool:
        state = ctypes.string_at(ctypes.addressof(self) + self.MAP_STATE_AT, 4)
        return int.from_bytes(state, "little") == self.VIEWABLE


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
        self._x.XQueryTree.argtypes = [c_void_p, c_ulong, *[c_void_p] * 4]
        self._x.XFetchName.argtypes = [c_void_p, c_ulong, c_void_p]
        self._x.XGetWindowAttributes.argtypes = [c_void_p, c_ulong, c_void_p]
        self._x.XSync.argtypes = [c_void_p, c_int]
        self._x.XCloseDisplay.argtypes = [c_void_p]
        self._display = self._x.XOpenDisplay(display.encode())
        assert self._display, f"no X display {display}"

    def close(self) -> None:
        self._x.XCloseDisplay(self._display)

    def pixels(
        self, width: int = 1280, height: int = 800, *, left: int = 0, top: int = 0
    ) -> Pixels:
        """The whole screen or a part that lies within it, (height, width, 3) RGB."""
        root = self._x.XDefaultRootWindow(self._display)
        image = self._x.XGetImage(
            self._display, root, left, top, width, height, ALL_PLANES, Z_PIXMAP
        )
        size = image.contents.bytes_per_line * height
        raw = np.frombuffer(ctypes.string_at(image.contents.data, size), np.uint8)
        self._x.XDestroyImage(image)
        return raw.reshape(height, -1, 4)[:, :width, 2::-1].copy()  # BGRX -> RGB

    def place(self, title: bytes) -> tuple[int, int, int, int] | None:
        """Left, top, width, height of the window on the screen whose title holds ``title``.

        Only where no window manager puts frames around windows.
        """
        self._x.XSetErrorHandler.restype = c_void_p
        before = self._x.XSetErrorHandler(_TOLERANT)
        found = [self._placed(window, title) for window in self._windows()]
        self._x.XSetErrorHandler(c_void_p(before))
        return next(filter(None, found), None)

    def _windows(self) -> list[int]:
        root, children, count = c_ulong(), POINTER(c_ulong)(), c_uint()
        top = self._x.XDefaultRootWindow(self._display)
        some = ctypes.byref(c_ulong())
        self._x.XQueryTree(
            self._display,
            top,
            ctypes.byref(root),
            some,
            ctypes.byref(children),
            ctypes.byref(count),
        )
        return [children[number] for number in range(count.value)]

    def _placed(self, window: int, title: bytes) -> tuple[int, int, int, int] | None:
        name, attributes = c_char_p(), _Attributes()
        self._x.XFetchName(self._display, window, ctypes.byref(name))
        self._x.XGetWindowAttributes(self._display, window, ctypes.byref(attributes))
        if title not in (name.value or b"") or not attributes.is_viewable:
            return None
        return attributes.x, attributes.y, attributes.width, attributes.height

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
