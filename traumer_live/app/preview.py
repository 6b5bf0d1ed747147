"""The live preview: exactly what the audience sees, in the shape in which it sees it.

In: the Projector.  Out: the picture, centred in the room the layout gives.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QResizeEvent
from PyQt6.QtOpenGLWidgets import QOpenGLWidget
from PyQt6.QtWidgets import QSizePolicy, QWidget

from traumer_live.app.canvas import Canvas
from traumer_live.app.projector import Projector
from traumer_live.video.look import letterbox

SMALLEST = QSize(320, 180)


class Picture(QOpenGLWidget):
    """The picture alone."""

    def __init__(self, projector: Projector, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = Canvas(projector)
        projector.drawn.connect(self.update)

    def initializeGL(self) -> None:  # noqa: N802  Qt's name
        """Qt gave us a context."""
        self._canvas.open()

    def paintGL(self) -> None:  # noqa: N802  Qt's name
        """Qt wants the picture."""
        self._canvas.paint(self.width(), self.height(), pixel_ratio=self.devicePixelRatioF())

    def close_canvas(self) -> None:
        """Give the context's things back before the window goes."""
        self.makeCurrent()
        self._canvas.close()
        self.doneCurrent()


class Preview(QWidget):
    """Keeps the Picture in shape, whatever room there is."""

    double_clicked = pyqtSignal()

    def __init__(self, projector: Projector) -> None:
        super().__init__()
        self._shape = projector.size
        self.picture = Picture(projector, self)
        self.picture.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setMinimumSize(SMALLEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setToolTip("Exactly what the audience sees. Double-click: fullscreen output (F)")

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802  Qt's name
        """Fit the picture into the new room."""
        self.picture.setGeometry(*letterbox(self._shape, (self.width(), self.height())))

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802  Qt's name
        """A double-click sends the picture to the audience."""
        self.double_clicked.emit()
