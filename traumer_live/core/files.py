"""Writing files so that nothing is ever half there or lost.

In: a path and something to write.  Out: the file under its final name, or the old one untouched.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from traumer_live.core.errors import OutputError


@contextmanager
def written_atomically(path: Path) -> Iterator[Path]:
    """A temporary name beside ``path``, renamed to it when the block ends without an error.

    Raises:
        OutputError: the folder cannot be written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror}); choose a folder you may write to."
        ) from error
    temporary = Path(name)
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def refuse_overwrite(path: Path, *, force: bool) -> None:
    """Raise OutputError when ``path`` exists and ``force`` was not given."""
    if path.is_dir():
        raise OutputError(f"{path} is a folder; name a file inside it.")
    if path.exists() and not force:
        raise OutputError(f"{path} already exists; choose another name or add --force.")
