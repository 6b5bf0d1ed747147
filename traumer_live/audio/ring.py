"""A ring of sound addressed by an ever-growing sample index.

In: blocks (n, channels) from one writer.  Out: copies by absolute position, for any number of
readers who each keep their own.  Thread: one writes, others read; no lock is needed.
"""

from __future__ import annotations

import numpy as np

from traumer_live.core.types import Array


class Overrun(Exception):  # noqa: N818 - a state of affairs, handled by every reader
    """The wanted sound has been overwritten; ``oldest`` is the first index still there."""

    def __init__(self, oldest: int) -> None:
        super().__init__(f"sound before sample {oldest} has been overwritten")
        self.oldest = oldest


class Ring:
    """The last ``capacity`` samples of a stream.

    ``written`` grows for ever.  A write first reserves what it will overwrite and only then
    copies; a reader looks at the reservation *after* its copy.  So a lap that happens during the
    copy is seen too, at worst one block early.
    """

    def __init__(self, capacity: int, channels: int) -> None:
        self.capacity = capacity
        self.channels = channels
        self._data = np.zeros((capacity, channels), np.float32)  # (capacity, channels)
        self._reserved = 0
        self._written = 0

    @property
    def written(self) -> int:
        """How many samples were ever written: the index after the newest one."""
        return self._written

    @property
    def oldest(self) -> int:
        """The first index that can still be read."""
        return max(0, self._reserved - self.capacity)

    def write(self, block: Array) -> None:
        """Append ``block`` (n, channels); of a block longer than the ring only the end is kept."""
        end = self._written + len(block)
        self._reserved = end
        kept = block[-self.capacity :]
        at = (end - len(kept)) % self.capacity
        head = min(len(kept), self.capacity - at)
        self._data[at : at + head] = kept[:head]
        self._data[: len(kept) - head] = kept[head:]
        self._written = end  # published last: a reader never sees what is not there yet

    def read(self, start: int, count: int) -> Array:
        """A copy (count, channels) of the samples from ``start`` on.

        Raises:
            Overrun: some of them are overwritten already, or were while they were copied.
            ValueError: some of them have not been written yet.
        """
        if start < 0 or start + count > self._written:
            raise ValueError(f"samples {start}..{start + count} are not within 0..{self._written}")
        if count > self.capacity or start < self.oldest:
            raise Overrun(self.oldest)
        at = start % self.capacity
        head = min(count, self.capacity - at)
        copy = np.empty((count, self.channels), np.float32)  # (count, channels)
        copy[:head] = self._data[at : at + head]
        copy[head:] = self._data[: count - head]
        if start < self.oldest:
            raise Overrun(self.oldest)
        return copy
