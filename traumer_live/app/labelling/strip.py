"""A row of small pictures: the marked ones by rank, or the favourites.

In: tiles.  Out: clicks.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPixmap
from PyQt6.QtWidgets import QSizePolicy, QWidget

from traumer_live.app.labelling import painting
from traumer_live.app.labelling.tiles import Tile
from traumer_live.app.theme import colour

SIDE, GAP = 46, 6  # px


class Strip(QWidget):
    """As many pictures as find room; the newest where there are more."""

    clicked = pyqtSignal(object)  # Tile

    def __init__(self, *, empty: str, places: int = 0, ranked: bool = False) -> None:
        """``empty`` is said while there is nothing; ``places`` are shown where more can come."""
        super().__init__()
        self._empty, self._empty_places, self._ranked = empty, places, ranked
        self._tiles: list[Tile] = []
        self._pixmaps: dict[Tile, tuple[int, QPixmap]] = {}
        self.setFixedHeight(SIDE)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802  Qt's name
        """Five pictures."""
        return QSize(5 * (SIDE + GAP) - GAP, SIDE)

    @property
    def tiles(self) -> list[Tile]:
        """Those that are shown."""
        return self._tiles[-self._room() :]

    def show_tiles(self, tiles: list[Tile]) -> None:
        """Follow what is marked or pinned."""
        self._tiles = tiles
        self._pixmaps = {t: p for t, p in self._pixmaps.items() if t in tiles}
        for tile in tiles:
            self.show_tile(tile)
        self.update()

    def show_tile(self, tile: Tile) -> None:
        """A picture came, or was refined."""
        if tile in self._tiles and tile.pixels is not None:
            self._pixmaps[tile] = (tile.version, painting.pixmap(tile.pixels))
            self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802  Qt's name
        """Look at it."""
        if event is None:
            return
        index = int(event.position().x() // (SIDE + GAP))
        if 0 <= index < len(self.tiles):
            self.clicked.emit(self.tiles[index])

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802  Qt's name
        """Pictures, then places for more."""
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        shown = self.tiles
        for index in range(max(len(shown), self._empty_places)):
            place = QRectF(index * (SIDE + GAP), 0, SIDE, SIDE)
            if index >= len(shown):
                painting.frame(painter, place.adjusted(0.5, 0.5, -0.5, -0.5), "line", 1)
                continue
            kept = self._pixmaps.get(shown[index])
            painting.draw(painter, kept[1] if kept else None, place)
            if self._ranked:
                painting.badge(painter, place.topLeft() + QPointF(2, 2), str(index + 1), 16)
        if not shown and self._empty:
            painter.setPen(colour("quiet"))
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(self.rect()), left | Qt.TextFlag.TextWordWrap, self._empty)
        painter.end()

    def _room(self) -> int:
        return max(1, (self.width() + GAP) // (SIDE + GAP))
