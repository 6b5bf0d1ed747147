"""The boxes of an MP4 file that grew in fragments.

In: a file whose writing failed in the middle of a fragment.  Out: the same file, ending with its
last whole one, so that every player reads it without complaint.  Thread: the writer's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_HEADER = 8  # bytes: length and kind
_LONG_HEADER = 16  # a length of 1 means that the real one follows in eight bytes
_ENDINGS = (b"moov", b"mdat")  # a file may end after one of these


@dataclass(frozen=True)
class Box:
    """One top-level part of the file."""

    kind: bytes  # four letters
    end: int  # offset behind it


def boxes(path: Path) -> list[Box]:
    """The whole boxes of ``path``, in order; a last one that is cut off is left out."""
    with path.open("rb") as file:
        return list(_whole_boxes(file, os.fstat(file.fileno()).st_size))


def trim(path: Path) -> None:
    """Cut off a fragment that was begun and not finished."""
    ends = [box.end for box in boxes(path) if box.kind in _ENDINGS]
    if ends and ends[-1] < path.stat().st_size:
        os.truncate(path, ends[-1])


def _whole_boxes(file: BinaryIO, size: int) -> Iterator[Box]:
    start = 0
    while len(header := _read_at(file, start)) >= _HEADER:
        length = int.from_bytes(header[:4], "big")
        if length == 1:
            length = int.from_bytes(header[_HEADER:], "big")
        if length < _HEADER or start + length > size:
            return
        start += length
        yield Box(header[4:_HEADER], start)


def _read_at(file: BinaryIO, offset: int) -> bytes:
    file.seek(offset)
    return file.read(_LONG_HEADER)
