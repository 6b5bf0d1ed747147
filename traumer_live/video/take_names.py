"""Where a take is written: from what the user said to one free file name.

In: a file, a folder or a name with a time pattern.  Out: a path that exists, empty and ours.
Thread: any.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path

from traumer_live.core.errors import OutputError
from traumer_live.core.files import refuse_overwrite

PATTERN = "traumer-live_%Y-%m-%d_%H-%M-%S.mp4"
_SUFFIXES = (".mp4", ".m4v")


def reserve_take(target: str | Path, *, force: bool = False, now: datetime | None = None) -> Path:
    """Create the empty file that the take will fill.

    A folder (or a name that ends with a slash) gets a name by date and time; ``%``-codes in a name
    are filled in; both are numbered when taken already, and the folder is made when it is missing.
    A plain name is used as it is, in a folder that must be there.

    Raises:
        OutputError: it exists and ``force`` is not set, or it cannot be written.
    """
    now = now or datetime.now()
    named = named_take(target)
    if named is not None:
        refuse_overwrite(named, force=force)
        return _create(named, "wb")
    path = Path(target).expanduser()
    if _is_folder(target):
        _make_folder(path)
        return _first_free(path / now.strftime(PATTERN))
    _make_folder(path.parent)
    return _first_free(movie_name(path.with_name(now.strftime(path.name))))


def named_take(target: str | Path) -> Path | None:
    """The very file that ``target`` means; None for folders and patterns, which find a free name.

    Raises:
        OutputError: it has the ending of something else.
    """
    path = Path(target).expanduser()
    return None if _is_folder(target) or "%" in path.name else movie_name(path)


def movie_name(path: Path) -> Path:
    """``path`` ending in .mp4, which is added where there is no ending.

    Raises:
        OutputError: it has the ending of something else.
    """
    if not path.suffix:
        return path.with_name(path.name + ".mp4")
    if path.suffix.lower() not in _SUFFIXES:
        raise OutputError(f"{path} does not end in .mp4; movies are MP4 files, name it so.")
    return path


def _is_folder(target: str | Path) -> bool:
    return Path(target).expanduser().is_dir() or str(target).endswith(("/", os.sep))


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"The folder {path} cannot be made ({error.strerror}); choose another one."
        ) from error


def _first_free(path: Path) -> Path:
    """``path``, or it with -2, -3 ... before the suffix; two takes in one second stay two."""
    for name in _numbered(path):
        try:
            return _create(name, "xb")
        except FileExistsError:
            continue
    raise AssertionError("numbers never end")


def _numbered(path: Path) -> Iterator[Path]:
    yield path
    for number in count(2):
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")


def _create(path: Path, mode: str) -> Path:
    try:
        with path.open(mode):
            return path
    except FileExistsError:
        raise
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror}); choose a folder you may write to."
        ) from error
