"""OpenGL contexts: one without any window, or one that lives inside somebody else's window.

In: nothing, or a window library's function that finds OpenGL functions.  Out: a moderngl context.
Thread: a context belongs to the thread that made it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import moderngl

from traumer_live.core.errors import DisplayError

GL_VERSION = 330  # core profile; macOS stops at 4.1
_SOFTWARE = ("llvmpipe", "softpipe", "swrast", "swiftshader", "software", "basic render")

FindFunction = Callable[[str], Any]  # OpenGL function name -> address, or something falsy


class _Loader:
    """The shape in which moderngl wants a foreign context: only its functions are looked up.

    moderngl's own detection picks the wrong platform for the second window of a process
    (GLX while the window is EGL); asking the window library itself is right everywhere.
    """

    def __init__(self, find: FindFunction) -> None:
        self._find = find

    def load_opengl_function(self, name: str) -> int:
        return int(self._find(name) or 0)

    load = load_opengl_function

    def __enter__(self) -> _Loader:
        return self

    def __exit__(self, *reason: object) -> None:
        pass

    def release(self) -> None:
        pass


def standalone_context() -> moderngl.Context:
    """A context without a window or a display server, made current in this thread.

    Raises:
        DisplayError: there is no OpenGL 3.3 on this machine.
    """
    last: Exception | None = None
    platforms: tuple[dict[str, Any], ...] = ({"backend": "egl"}, {})  # EGL needs no display server
    for options in platforms:
        try:
            return moderngl.create_context(standalone=True, require=GL_VERSION, **options)
        except Exception as error:  # noqa: BLE001  moderngl raises bare Exception
            last = error
    raise DisplayError(
        "Pictures cannot be drawn: OpenGL 3.3 is not available here; install a graphics driver "
        f"or Mesa's software one (libegl1 and libgl1-mesa-dri on Debian). ({last})"
    )


def release_standalone(ctx: moderngl.Context) -> None:
    """Give back a standalone context, and with it this thread's hold on EGL.

    A context that is released while current stays so for EGL, and a window of this thread (GLX)
    could then no longer make its own current.
    """
    ctx.release()
    with suppress(OSError, AttributeError):  # no EGL: nothing was held
        ctypes.CDLL("libEGL.so.1").eglReleaseThread()


def window_context(find_function: FindFunction) -> moderngl.Context:
    """The context that is current in this thread, reached through a window library's loader.

    ``find_function`` is for example ``glfw.get_proc_address``.

    Raises:
        DisplayError: the window has no OpenGL 3.3.
    """
    try:
        return moderngl.create_context(
            require=GL_VERSION, context=cast(Any, _Loader(find_function))
        )
    except Exception as error:  # moderngl raises bare Exception
        raise DisplayError(
            f"The window has no OpenGL 3.3 ({error}); update the graphics driver."
        ) from error


def is_software(ctx: moderngl.Context) -> bool:
    """Whether pictures are drawn by the processor, so that every operation per pixel counts."""
    name = str(ctx.info["GL_RENDERER"]).lower()
    return any(word in name for word in _SOFTWARE)
