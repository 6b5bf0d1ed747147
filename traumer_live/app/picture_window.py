"""A window with nothing but the picture: the preview in the studio, and what the audience sees.

In: the Projector.  Out: its newest picture on the screen; keys pressed there.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6 import sip
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QExposeEvent, QKeyEvent, QOpenGLContext, QScreen
from PyQt6.QtOpenGL import QOpenGLWindow

from traumer_live.app.canvas import Canvas
from traumer_live.app.opengl import surface_format
from traumer_live.app.projector import Projector
from traumer_live.app.texts.window import AUDIENCE_TITLE


class PictureWindow(QOpenGLWindow):
    """The picture, straight to the screen."""

    key_pressed = pyqtSignal(str)
    exposed = pyqtSignal()  # it came onto the desktop, or went

    def __init__(self, projector: Projector, *, swap_interval: int) -> None:
        super().__init__(QOpenGLContext.globalShareContext())
        self.setFormat(surface_format(swap_interval=swap_interval))
        self._canvas = Canvas(projector)
        projector.drawn.connect(self.update)

    def initializeGL(self) -> None:  # noqa: N802  Qt's name
        """Qt gave us a context."""
        self._canvas.open()

    def paintGL(self) -> None:  # noqa: N802  Qt's name
        """Qt wants the picture."""
        self._canvas.paint(self.width(), self.height(), pixel_ratio=self.devicePixelRatio())

    def exposeEvent(self, event: QExposeEvent | None) -> None:  # noqa: N802  Qt's name
        """The desktop shows us, or does not any more."""
        super().exposeEvent(event)
        self.exposed.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802  Qt's name
        """The operator's keys work here too."""
        if event is not None and not event.isAutoRepeat():
            self.key_pressed.emit(_key_name(event))

    def close_canvas(self) -> None:
        """Give the context's things back before the window goes."""
        self.makeCurrent()
        self._canvas.close()
        self.doneCurrent()

    def discard(self) -> None:
        """Close for good; Qt deletes the window between two events.

        Python must not: its garbage collector may come in the midst of a drawing, and a deleted
        window takes the current OpenGL context with it.
        """
        self.close_canvas()
        self.close()
        sip.transferto(self, None)  # type: ignore[arg-type]  # None is meant: C++ owns it now
        self.deleteLater()


def _key_name(event: QKeyEvent) -> str:
    """As the table of keys calls it."""
    if event.key() == Qt.Key.Key_Escape:
        return "Esc"
    if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
        return f"Ctrl+{chr(event.key())}" if event.key() < 128 else ""  # its text means nothing
    name = event.text().upper()
    return "Space" if name == " " else name


def audience_window(projector: Projector) -> PictureWindow:
    """For the audience: no frame, no cursor, in step with the screen."""
    window = PictureWindow(projector, swap_interval=1)
    window.setTitle(AUDIENCE_TITLE)
    window.setFlag(Qt.WindowType.FramelessWindowHint)
    window.setCursor(Qt.CursorShape.BlankCursor)
    return window


def preview_window(projector: Projector) -> PictureWindow:
    """For the studio: mouse and keys are the studio's."""
    window = PictureWindow(projector, swap_interval=0)
    window.setFlag(Qt.WindowType.WindowTransparentForInput)
    return window


def place(window: PictureWindow, screen: QScreen) -> None:
    """Fill ``screen``; a window manager moves no window that is fullscreen already."""
    if window.isVisible() and window.geometry() == screen.geometry():
        return
    window.hide()
    window.setScreen(screen)
    window.setGeometry(screen.geometry())
    window.showFullScreen()
