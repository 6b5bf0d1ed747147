"""A ring of columns: the newest few hundred outputs of one layer, in fixed memory.

In: blocks of columns (n, ...).  Out: views of neighbouring columns, without copying.  Thread: ears.
"""

from __future__ import annotations

import numpy as np

from traumer_live.core.types import Array


class ColumnRing:
    """The newest ``capacity`` columns. Each is stored twice, so any run of them is one slice."""

    def __init__(self, capacity: int, shape: tuple[int, ...]) -> None:
        self._capacity = capacity
        self._data: Array = np.zeros((2 * capacity, *shape), np.float32)
        self._next = 0  # slot of the column to come

    def write(self, columns: Array) -> None:
        """Append columns (n, ...); of more than ``capacity`` the last remain."""
        columns = columns[-self._capacity :]
        head = min(len(columns), self._capacity - self._next)
        self._store(self._next, columns[:head])
        self._store(0, columns[head:])
        self._next = (self._next + len(columns)) % self._capacity

    def latest(self, n: int, *, ago: int = 0) -> Array:
        """A view (n, ...) of the columns up to the one ``ago`` before the newest.

        It is valid until the next write.
        """
        end = self._next + self._capacity - ago
        return self._data[end - n : end]

    def _store(self, slot: int, columns: Array) -> None:
        n = len(columns)
        self._data[slot : slot + n] = columns
        self._data[self._capacity + slot : self._capacity + slot + n] = columns
