"""Writing files so that nothing is ever half there or lost, and telling them apart by their sum.

In: a path and something to write.  Out: the file under its final name, or the old one untouched.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from traumer_live.core.errors import ModelError, OutputError

CHUNK = 1 << 20  # bytes hashed at a time


@contextmanager
def written_atomically(path: Path) -> Iterator[Path]:
    """A temporary name beside ``path``, renamed to it when the block ends without an error.

    Raises:
        OutputError: the folder cannot be written to, the disk is full, or ``path`` is no file.
    """
    final = _followed(path)
    try:
        temporary = _reserved_beside(final)
        try:
            yield temporary
            os.replace(temporary, final)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror}); choose a folder you may write to."
        ) from error


def require_writable(path: Path) -> None:
    """Raise now what ``written_atomically(path)`` would raise in the end; nothing is left behind.

    Raises:
        OutputError: ``path`` cannot be written.
    """
    try:
        _reserved_beside(_followed(path)).unlink()
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror}); choose a folder you may write to."
        ) from error


def _followed(path: Path) -> Path:
    """Where ``path`` leads: a link stays a link, and devices are never replaced by a file."""
    final = path.resolve()
    if final.is_dir():
        raise OutputError(f"{path} is a folder; name a file inside it.")
    if final.exists() and not final.is_file():
        raise OutputError(f"{path} is no ordinary file; choose another name.")
    return final


def _reserved_beside(path: Path) -> Path:
    """A new empty file that others may read as far as the user's umask lets them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    return temporary


def refuse_overwrite(path: Path, *, force: bool) -> None:
    """Raise OutputError when ``path`` exists and ``force`` was not given."""
    if path.is_dir():
        raise OutputError(f"{path} is a folder; name a file inside it.")
    if path.exists() and not force:
        raise OutputError(f"{path} already exists; choose another name or add --force.")


def refuse_same_file(output: Path, source: Path) -> None:
    """Raise OutputError when writing ``output`` would destroy ``source``, forced or not."""
    if output.exists() and source.exists() and output.samefile(source):
        raise OutputError(f"{output} is the source itself; choose another name for the output.")


def hash_file(path: Path, *, progress: Callable[[float], None] | None = None) -> str:
    """The sha256 of a model file, read piece by piece: some have gigabytes.

    ``progress`` is told the share that was read.

    Raises:
        ModelError: it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            while piece := file.read(CHUNK):
                digest.update(piece)
                if progress is not None:
                    progress(min(file.tell() / max(size, 1), 1.0))
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read ({error.strerror}); check it and who may read it."
        ) from error
    return digest.hexdigest()
