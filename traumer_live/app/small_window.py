"""The small window for listening along: a picture without a frame, above all others.

In: the Projector; the mouse.  Out: a window that is moved by its middle, resized by its edges and
keeps the picture's shape; signals for the rest.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtCore import QPoint, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QGuiApplication, QMouseEvent

from traumer_live.app.picture_window import PictureWindow
from traumer_live.app.projector import Projector
from traumer_live.app.texts.common import PROGRAM
from traumer_live.video.look import Size

GRIP = 12  # px from an edge that still take hold of it
SMALLEST_WIDTH = 160
NO_EDGE = Qt.Edge(0)
_LEFT, _RIGHT = Qt.Edge.LeftEdge, Qt.Edge.RightEdge
_TOP, _BOTTOM = Qt.Edge.TopEdge, Qt.Edge.BottomEdge
_ACROSS = Qt.CursorShape.SizeHorCursor
_ALONG = Qt.CursorShape.SizeVerCursor
_DOWN = Qt.CursorShape.SizeFDiagCursor
_UP = Qt.CursorShape.SizeBDiagCursor
_CURSORS = {
    _LEFT: _ACROSS,
    _RIGHT: _ACROSS,
    _TOP: _ALONG,
    _BOTTOM: _ALONG,
    _LEFT | _TOP: _DOWN,
    _RIGHT | _BOTTOM: _DOWN,
    _RIGHT | _TOP: _UP,
    _LEFT | _BOTTOM: _UP,
}


class SmallWindow(PictureWindow):
    """The picture beside somebody's work."""

    double_clicked = pyqtSignal()
    menu_wanted = pyqtSignal(QPoint)  # where, on the desktop
    closed = pyqtSignal()  # by the desktop

    def __init__(self, projector: Projector) -> None:
        super().__init__(projector, swap_interval=0)
        self._shape = projector.size
        self.setTitle(PROGRAM)
        self.setFlags(Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self.stay_on_top(True)
        self.setMinimumSize(QSize(SMALLEST_WIDTH, height_of(SMALLEST_WIDTH, self._shape)))
        self._edges = NO_EDGE
        self._held: tuple[QPoint, QRect] | None = None  # the mouse and we, when it was pressed

    @property
    def on_top(self) -> bool:
        """Whether it lies above all other windows."""
        return bool(self.flags() & Qt.WindowType.WindowStaysOnTopHint)

    def stay_on_top(self, wanted: bool) -> None:
        """Lie above all other windows, or among them."""
        self.setFlag(Qt.WindowType.WindowStaysOnTopHint, wanted)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802  Qt's name
        """Take hold of the window, or ask for its menu."""
        if event is None:
            return
        if event.button() == Qt.MouseButton.RightButton:
            self.menu_wanted.emit(event.globalPosition().toPoint())
        elif event.button() == Qt.MouseButton.LeftButton:
            self._edges = edges_at(event.position().toPoint(), self.size())
            if _is_wayland():  # where only the desktop may move windows
                _ = self.startSystemResize(self._edges) if self._edges else self.startSystemMove()
            else:
                self._held = (event.globalPosition().toPoint(), self.geometry())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802  Qt's name
        """Follow the mouse, or show what pressing it would do."""
        if event is None:
            return
        if self._held is None:
            edges = edges_at(event.position().toPoint(), self.size())
            self.setCursor(_CURSORS.get(edges, Qt.CursorShape.ArrowCursor))
            return
        mouse, before = self._held
        by = event.globalPosition().toPoint() - mouse
        if self._edges:
            self.setGeometry(resized(before, self._edges, by, self._shape))
        else:
            self.setPosition(before.topLeft() + by)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802  Qt's name
        """Let go."""
        self._held = None

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802  Qt's name
        """Back to the studio."""
        self._held = None
        self.double_clicked.emit()

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802  Qt's name
        """The desktop closed it."""
        self.closed.emit()


def edges_at(place: QPoint, size: QSize) -> Qt.Edge:
    """Which edges the mouse takes hold of at ``place``; none in the middle."""
    edges = NO_EDGE
    for edge, distance in (
        (_LEFT, place.x()),
        (_RIGHT, size.width() - 1 - place.x()),
        (_TOP, place.y()),
        (_BOTTOM, size.height() - 1 - place.y()),
    ):
        if distance < GRIP:
            edges |= edge
    return edges


def resized(before: QRect, edges: Qt.Edge, by: QPoint, shape: Size) -> QRect:
    """``before`` with ``edges`` dragged ``by``, in the picture's shape; other edges stay."""
    wider = by.x() * (bool(edges & _RIGHT) - bool(edges & _LEFT))
    higher = by.y() * (bool(edges & _BOTTOM) - bool(edges & _TOP))
    grows = max(wider, round(higher * shape[0] / shape[1]), key=abs)
    width = max(before.width() + grows, SMALLEST_WIDTH)
    height = height_of(width, shape)
    left = before.right() + 1 - width if edges & _LEFT else before.left()
    top = before.bottom() + 1 - height if edges & _TOP else before.top()
    return QRect(left, top, width, height)


def height_of(width: int, shape: Size) -> int:
    """How high a picture of ``shape`` is at this width."""
    return round(width * shape[1] / shape[0])


def _is_wayland() -> bool:
    return QGuiApplication.platformName().startswith("wayland")
