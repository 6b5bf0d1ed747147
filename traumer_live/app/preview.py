"""The live preview: exactly what the audience sees, in the shape in which it sees it.

In: the Projector, and how much room badges need below.  Out: the picture in the room the layout
gives; it makes way for badges, nothing ever covers it.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from traumer_live.app.badges import BadgeShelf
from traumer_live.app.picture_window import preview_window
from traumer_live.app.projector import Projector
from traumer_live.app.texts import window as texts
from traumer_live.app.theme import GRID
from traumer_live.video.look import Size, letterbox

SMALLEST = QSize(320, 180)


class Preview(QWidget):
    """Picture and badges.

    The picture is a window of its own inside the studio's. As a QOpenGLWidget it made Qt compose
    the whole studio anew for every picture: 65 instead of 31 % of a core on software OpenGL.
    """

    double_clicked = pyqtSignal()

    def __init__(self, projector: Projector) -> None:
        super().__init__()
        self._shape = projector.size
        self.window_inside = preview_window(projector)
        self.picture = QWidget.createWindowContainer(self.window_inside, self)
        self.picture.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.badges = BadgeShelf(self)
        self.badges.changed.connect(self.settle)
        self.setMinimumSize(SMALLEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setToolTip(texts.PREVIEW_TIP)

    def settle(self) -> None:
        """Fit the picture into the room that the badges leave."""
        low = self.badges.sizeHint().height() + GRID if self.badges.sentences else 0
        self.picture.setGeometry(*picture_place(self._shape, (self.width(), self.height()), low))
        self.badges.adjustSize()
        self.badges.move(0, self.height() - self.badges.height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802  Qt's name
        """There is other room now."""
        self.settle()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802  Qt's name
        """A double-click sends the picture to the audience."""
        self.double_clicked.emit()


def picture_place(shape: Size, room: Size, low: int) -> tuple[int, int, int, int]:
    """Where (x, y, width, height) the picture lies when ``low`` pixels below must stay free.

    In the middle as long as there is room, then higher, then smaller.

    >>> picture_place((16, 9), (160, 150), 20)
    (0, 30, 160, 90)
    >>> picture_place((16, 9), (160, 150), 40)
    (0, 20, 160, 90)
    >>> picture_place((16, 9), (160, 100), 55)
    (40, 0, 80, 45)
    """
    x, _, width, height = letterbox(shape, (room[0], max(room[1] - low, 1)))
    return x, max(min((room[1] - height) // 2, room[1] - low - height), 0), width, height
