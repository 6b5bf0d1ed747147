"""A ring of columns that is looked at far back: each column is stored once.

In: blocks of columns (n, ...).  Out: copies of neighbouring columns, or one.  Thread: ears.
"""

from __future__ import annotations

import numpy as np

from traumer_live.core.types import Array


class FarRing:
    """The newest ``capacity`` columns. ``ColumnRing`` hands out views but takes twice the room."""

    def __init__(self, capacity: int, shape: tuple[int, ...]) -> None:
        self._data: Array = np.zeros((capacity, *shape), np.float32)
        self._written = 0

    def fill(self, column: Array | np.float32) -> None:
        """As if nothing but this column had ever been written."""
        self._data[:] = column

    def write(self, columns: Array) -> None:
        """Append columns (n, ...); of more than the capacity the last remain."""
        columns = columns[-len(self._data) :]
        self._data[self._places(self._written, len(columns))] = columns
        self._written += len(columns)

    def latest(self, n: int, *, ago: int = 0) -> Array:
        """A copy (n, ...) of the columns up to the one ``ago`` before the newest."""
        return self._data[self._places(self._written - ago - n, n)]

    def at(self, *, ago: int) -> Array:
        """The column (...) that was written ``ago`` before the newest."""
        column: Array = self.latest(1, ago=ago)[0]
        return column

    def _places(self, start: int, n: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        return np.arange(start, start + n) % len(self._data)
