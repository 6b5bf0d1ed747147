"""The wall: all pictures of a screen at once, the likeliest in the middle, the one looked at large.

In: tiles as they fill.  Out: what is looked at, marked, chosen.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from traumer_live.app.labelling import painting
from traumer_live.app.labelling.tiles import Tile
from traumer_live.app.labelling.wall_layout import Layout, layout
from traumer_live.app.texts import labelling as texts
from traumer_live.app.theme import colour

GAP = 4.0  # px between pictures
ENLARGED, LEAST = 1.9, 1.25  # times, in place; no more than LARGEST px, but at least LEAST
LARGEST = 144.0
STILL_PX = 3  # the pointer has not really moved: a screen that fills does not steal the cursor


class Wall(QWidget):
    """A grid of pictures that answers to pointer and keys."""

    looked_at = pyqtSignal(object)  # Tile
    marked = pyqtSignal(object)  # Tile
    chosen = pyqtSignal()  # the one that is looked at

    def __init__(self) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setMinimumSize(320, 240)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(texts.WALL)
        self.tiles: list[Tile] = []
        self.message = ""  # shown instead of pictures
        self._places = layout(0, 1, 1)
        self._ranks: dict[Tile, int] = {}
        self._at: int | None = None
        self._pixmaps: dict[Tile, tuple[int, QPixmap]] = {}
        self._pointer = QPointF(-99, -99)

    @property
    def places(self) -> Layout:
        """The grid."""
        return self._places

    @property
    def at(self) -> int | None:
        """Index of the picture that is looked at."""
        return self._at

    def show_tiles(self, tiles: list[Tile], message: str = "") -> None:
        """Another screen; without pictures a sentence says why."""
        self.tiles, self.message = tiles, message
        self._pixmaps.clear()
        self._at = None
        self._arrange()
        for tile in tiles:
            self._take(tile)
        self.update()

    def show_tile(self, tile: Tile) -> None:
        """A picture came, or was refined."""
        if tile in self._pixmaps or tile in self.tiles:
            self._take(tile)
            self.update()

    def show_ranks(self, marked: list[Tile]) -> None:
        """Which pictures are marked, the best first."""
        self._ranks = {tile: rank for rank, tile in enumerate(marked, start=1)}
        self.update()

    def show_current(self, tile: Tile | None) -> None:
        """What is looked at was decided elsewhere."""
        self._at = self.tiles.index(tile) if tile in self.tiles else None
        self.update()

    def move_cursor(self, across: int, down: int) -> None:
        """Look at the next picture in a direction; first at the one in the middle."""
        if not self.tiles:
            return
        to = 0 if self._at is None else self._places.step(self._at, across, down)
        self.looked_at.emit(self.tiles[to])

    def cell_of(self, index: int) -> QRectF:
        """Where a picture hangs."""
        return self._places.cell(index, GAP)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802  Qt's name
        """More or less room."""
        self._arrange()
        super().resizeEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802  Qt's name
        """Look at what is under the pointer."""
        if event is None:
            return
        moved = event.position() - self._pointer
        if moved.manhattanLength() < STILL_PX:
            return
        self._pointer = event.position()
        self._look(event.position())

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802  Qt's name
        """Mark or unmark."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            tile = self._look(event.position())
            if tile is not None:
                self.marked.emit(tile)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802  Qt's name
        """The first click marked it; choose."""
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        tile = self._look(event.position())
        if tile is not None:
            if tile not in self._ranks:
                self.marked.emit(tile)
            self.chosen.emit()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802  Qt's name
        """All pictures, then the one that is looked at above them."""
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        if self.message and not self.tiles:
            painter.setPen(colour("quiet"))
            room = QRectF(self.rect()).adjusted(80, 0, -80, 0)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, flags, self.message)
        for index, tile in enumerate(self.tiles):
            if index != self._at:
                self._draw(painter, tile, self.cell_of(index))
        if self._at is not None:
            self._draw_current(painter, self.tiles[self._at], self._enlarged(self._at))
        painter.end()

    def _draw(self, painter: QPainter, tile: Tile, place: QRectF) -> None:
        painting.draw(painter, self._pixmap_of(tile), place)
        if tile in self._ranks:
            painting.frame(painter, place, "accent", 2)
            painting.badge(painter, place.topLeft() + QPointF(2, 2), str(self._ranks[tile]))

    def _draw_current(self, painter: QPainter, tile: Tile, place: QRectF) -> None:
        painter.fillRect(place.adjusted(-3, -3, 3, 3), colour("window"))
        painting.draw(painter, self._pixmap_of(tile), place)
        painting.frame(painter, place, "accent" if tile in self._ranks else "text", 2)
        if tile in self._ranks:
            painting.badge(painter, place.topLeft() + QPointF(4, 4), str(self._ranks[tile]), 22)

    def _enlarged(self, index: int) -> QRectF:
        """The cell, larger, still inside the wall."""
        cell = self.cell_of(index)
        side = max(LEAST * cell.width(), min(ENLARGED * cell.width(), LARGEST))
        grown = (side - cell.width()) / 2
        place = cell.adjusted(-grown, -grown, grown, grown)
        across = max(2 - place.left(), 0.0) + min(self.width() - 2 - place.right(), 0.0)
        down = max(2 - place.top(), 0.0) + min(self.height() - 2 - place.bottom(), 0.0)
        return place.translated(across, down)

    def _look(self, at: QPointF) -> Tile | None:
        index = self._places.at(at.x(), at.y())
        if index is None or index >= len(self.tiles):
            return None
        self.looked_at.emit(self.tiles[index])
        return self.tiles[index]

    def _arrange(self) -> None:
        self._places = layout(len(self.tiles), self.width(), self.height())

    def _take(self, tile: Tile) -> None:
        if tile.pixels is not None:
            self._pixmaps[tile] = (tile.version, painting.pixmap(tile.pixels))

    def _pixmap_of(self, tile: Tile) -> QPixmap | None:
        kept = self._pixmaps.get(tile)
        return kept[1] if kept else None
