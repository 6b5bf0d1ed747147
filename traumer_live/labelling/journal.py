"""An append-only journal: one event a line, on the disk before ``append`` returns.

In: events as JSON objects.  Out: the events of the file, in order.  Thread: the owner's; one writer
at a time is the business of ``store``.

A line is the CRC-32 of its JSON in eight hexadecimal digits, a space, the JSON, a line feed. What a
crash leaves half written has no valid sum: torn bytes at the end are set aside in a file of their
own and cut off before the next event is written. A damaged line in the middle is passed over and
counted; nothing in the file is ever changed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from zlib import crc32

from traumer_live.core.errors import OutputError

Event: TypeAlias = dict[str, Any]

SUM = 8  # hexadecimal digits


@dataclass(frozen=True)
class Contents:
    """What a journal holds."""

    events: tuple[Event, ...]
    damaged: int  # lines in the middle that cannot be read
    whole: int  # bytes up to the end of the last good line
    torn: bytes  # what stands after that


def read_journal(path: Path) -> Contents:
    """All events that can be read; an absent file holds none.

    Raises:
        OSError: the file is there and cannot be read.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Contents((), 0, 0, b"")
    events, bad, damaged, whole, position = list[Event](), 0, 0, 0, 0
    for line in data.splitlines(keepends=True):
        position += len(line)
        event = parsed(line)
        if event is None:
            bad += 1
            continue
        events.append(event)
        damaged, whole = bad, position
    return Contents(tuple(events), damaged, whole, data[whole:])


def parsed(line: bytes) -> Event | None:
    """The event of a line; None when its sum is wrong or it does not end."""
    if not line.endswith(b"\n") or line[SUM : SUM + 1] != b" ":
        return None
    text = line[SUM + 1 : -1]
    if line[:SUM] != _sum(text):
        return None
    event = json.loads(text)
    return event if isinstance(event, dict) else None


def line_of(event: Mapping[str, Any]) -> bytes:
    """An event as it is written."""
    text = json.dumps(event, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode()
    return _sum(text) + b" " + text + b"\n"


class Journal:
    """The writing end."""

    def __init__(self, path: Path) -> None:
        """Open for appending; torn bytes are set aside first.

        Raises:
            OutputError: the file cannot be written.
        """
        self._path = path
        try:
            self.contents = read_journal(path)
            if self.contents.torn:
                self._set_aside()
            self._file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o666)
            _sync_folder(path.parent)
        except OSError as error:
            raise _unwritable(path, error) from error

    def append(self, event: Mapping[str, Any]) -> None:
        """Write one event; it has reached the disk when this returns.

        Raises:
            OutputError: the disk is full or gone. What was written before stays whole.
        """
        line = line_of(event)
        before = os.fstat(self._file).st_size
        try:
            written = os.write(self._file, line)
            while written < len(line):
                written += os.write(self._file, line[written:])
            os.fsync(self._file)
        except OSError as error:
            self._take_back(before)
            raise _unwritable(self._path, error) from error

    def close(self) -> None:
        """No more events."""
        os.close(self._file)

    def _take_back(self, size: int) -> None:
        """Half a line would make the next one unreadable too."""
        try:
            os.ftruncate(self._file, size)
        except OSError:
            return

    def _set_aside(self) -> None:
        """Keep the torn bytes in a file beside the journal, then cut them off."""
        number = 1
        while (aside := self._path.with_suffix(f".torn{number}")).exists():
            number += 1
        with aside.open("xb") as file:
            file.write(self.contents.torn)
            file.flush()
            os.fsync(file.fileno())
        with self._path.open("r+b") as file:
            file.truncate(self.contents.whole)
            file.flush()
            os.fsync(file.fileno())


def _sum(text: bytes) -> bytes:
    return b"%08x" % crc32(text)


def _sync_folder(folder: Path) -> None:
    """A new file is only safe when its folder's entry is on the disk too (POSIX)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{path} cannot be written ({error.strerror}); what was labelled before is safe. Free "
        "space on the disk or choose another folder."
    )
