"""OpenGL as Qt gives it: the format of every window, and contexts that moderngl can use.

In: a QOpenGLContext.  Out: a moderngl context on it.  Thread: GUI.
"""

from __future__ import annotations

import os

import moderngl
from PyQt6.QtCore import QCoreApplication, Qt
from PyQt6.QtGui import QOffscreenSurface, QOpenGLContext, QSurfaceFormat

from traumer_live.app.texts import trouble as texts
from traumer_live.core.errors import DisplayError
from traumer_live.video.gl import window_context


def prepare_opengl() -> None:
    """What Qt must know before the QApplication is made: one shared world, core 3.3."""
    os.environ.setdefault("QT_QPA_UPDATE_IDLE_TIME", "0")  # Qt waits 5 ms otherwise
    QSurfaceFormat.setDefaultFormat(surface_format(swap_interval=0))
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)


def surface_format(*, swap_interval: int) -> QSurfaceFormat:
    """Core 3.3; only the output waits for the screen (1), or two windows would halve the rate."""
    wanted = QSurfaceFormat()
    wanted.setVersion(3, 3)
    wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    wanted.setSwapInterval(swap_interval)
    return wanted


def current_context() -> moderngl.Context:
    """The context that Qt made current in this thread."""
    context = QOpenGLContext.currentContext()
    if context is None:
        raise DisplayError(texts.NO_CONTEXT)
    return window_context(lambda name: context.getProcAddress(name.encode()))


class EngineContext:
    """A context without a window, sharing its textures with every window of the studio."""

    def __init__(self) -> None:
        self._surface = QOffscreenSurface()
        self._surface.setFormat(QSurfaceFormat.defaultFormat())
        self._surface.create()
        self._context = QOpenGLContext()
        self._context.setFormat(QSurfaceFormat.defaultFormat())
        self._context.setShareContext(QOpenGLContext.globalShareContext())
        if not self._context.create() or not self.make_current():
            raise DisplayError(texts.NO_OPENGL)
        self.gl = current_context()

    def make_current(self) -> bool:
        """Direct OpenGL at this context until another one is made current."""
        return self._context.makeCurrent(self._surface)

    def done(self) -> None:
        """Let go of the context, so that what was drawn reaches the other ones."""
        self._context.doneCurrent()

    def close(self) -> None:
        """Give the context back."""
        self.make_current()
        self.gl.release()
        self.done()
        self._surface.destroy()
