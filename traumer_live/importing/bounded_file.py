"""A foreign file that is never asked for more than it has.

In: an open file.  Out: the same, for readers that believe what it says about lengths.  Thread: any.
"""

from __future__ import annotations

from typing import BinaryIO

from traumer_live.importing import limits
from traumer_live.importing.errors import SafeLoadError


class BoundedFile:
    """A file that is never asked for more than it has, nor for endless lines."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        at = file.tell()
        self._size = file.seek(0, 2)
        file.seek(at)

    def tell(self) -> int:
        """Position in the file."""
        return self._file.tell()

    def read(self, count: int) -> bytes:
        """``count`` bytes."""
        if not 0 <= count <= self._size - self._file.tell():
            raise SafeLoadError("It is cut off or damaged.")
        return self._file.read(count)

    def readline(self) -> bytes:
        """One line of the text instructions."""
        return self._file.readline(limits.LINE)
