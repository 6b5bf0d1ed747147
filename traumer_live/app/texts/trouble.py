"""Why no window can be opened here, and what to do instead."""

from __future__ import annotations

INSTEAD = "use --headless to run without a window, or render to make a movie"
INSTEAD_OF_LABELLING = "label on a machine with a screen"
NO_CONTEXT = "The window has no OpenGL context; update the graphics driver."
NO_OPENGL = (
    "Windows cannot draw here: OpenGL 3.3 is not available; install a graphics driver "
    "or Mesa's software one (libgl1-mesa-dri on Debian)."
)


def no_libraries(error: object, instead: str) -> str:
    """PyQt6 or what it needs is missing."""
    return (
        f"The studio needs PyQt6 and OpenGL libraries ({error}); on Debian install libegl1 "
        f"and libgl1, or {instead}."
    )


def no_display(instead: str) -> str:
    """No X server is named."""
    return f"There is no display to open a window on; {instead}."


def display_is_silent(display: str, instead: str) -> str:
    """The X server does not answer."""
    return f"The display {display} does not answer; check DISPLAY and who may use it, or {instead}."


def no_cursor_library(instead: str) -> str:
    """Qt's X11 plugin would abort."""
    return f"Qt cannot open windows without libxcb-cursor0; install it, or {instead}."
