"""Where each picture hangs: as large as they can be, the likeliest in the middle.

In: how many, and the room.  Out: cells, and the way from one to the next.  Thread: any; pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QRectF


@dataclass(frozen=True)
class Layout:
    """A grid that is filled from its middle outward."""

    columns: int
    rows: int
    side: float  # pixels of a cell, with its share of the gap
    left: float
    top: float
    order: tuple[tuple[int, int], ...]  # (row, column) of each picture

    def cell(self, index: int, gap: float) -> QRectF:
        """The place of a picture."""
        row, column = self.order[index]
        return QRectF(
            self.left + column * self.side + gap / 2,
            self.top + row * self.side + gap / 2,
            self.side - gap,
            self.side - gap,
        )

    def at(self, x: float, y: float) -> int | None:
        """The picture at a point; None beside them."""
        place = (int((y - self.top) // self.side), int((x - self.left) // self.side))
        return self._index(place)

    def step(self, index: int, across: int, down: int) -> int:
        """The next picture in a direction; at the edge it stays."""
        row, column = self.order[index]
        for far in range(1, max(self.columns, self.rows)):
            found = self._index((row + far * down, column + far * across))
            if found is not None:
                return found
        return index

    def _index(self, place: tuple[int, int]) -> int | None:
        try:
            return self.order.index(place)
        except ValueError:
            return None


def layout(count: int, width: float, height: float) -> Layout:
    """The grid with the largest cells in which ``count`` pictures find room."""
    columns = max(1, count)
    best, side = 1, 0.0
    for columns in range(1, max(count, 1) + 1):
        rows = -(-count // columns)
        fitting = min(width / columns, height / max(rows, 1))
        if fitting > side:
            best, side = columns, fitting
    rows = -(-count // best)
    left, top = (width - best * side) / 2, (height - rows * side) / 2
    middle = ((rows - 1) / 2, (best - 1) / 2)
    places = [(row, column) for row in range(rows) for column in range(best)]
    places.sort(key=lambda p: (_distance(p, middle), p))
    return Layout(best, rows, side, left, top, tuple(places[:count]))


def _distance(place: tuple[int, int], middle: tuple[float, float]) -> float:
    return (place[0] - middle[0]) ** 2 + (place[1] - middle[1]) ** 2
