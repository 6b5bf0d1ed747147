"""ONNX graphs are written once and kept in the user's cache, for encoders and generators alike.

In: what a graph is of, its version, how to write it.  Out: the path of a whole graph.
Thread: any; writing is atomic.

Beside each graph stands its sha256, so that a damaged one is noticed and made again. A graph of an
older version goes when its successor comes. Runtimes get the path: handing them the bytes would
hold Python's lock while they are copied. Where no cache may be written, graphs lie in a folder of
this process until it ends.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

from traumer_live.core.errors import ModelError, OutputError
from traumer_live.core.files import hash_file, written_atomically
from traumer_live.core.leaving import at_the_end
from traumer_live.core.paths import cache_dir

FOLDER = "graphs"
ENDING, DIGEST_ENDING = ".onnx", ".sha256"


@dataclass(frozen=True)
class OnnxModel:
    """A whole model as pieces that follow each other."""

    pieces: tuple[bytes | memoryview, ...]

    def __len__(self) -> int:
        return sum(len(piece) for piece in self.pieces)

    def __iter__(self) -> Iterator[bytes | memoryview]:
        return iter(self.pieces)

    def write(self, file: BinaryIO) -> None:
        """Everything, to an open file; no piece is copied."""
        for piece in self.pieces:
            file.write(piece)

    def to_bytes(self) -> bytes:
        """Everything at once; for small models."""
        return b"".join(self.pieces)


def kept_path(what: str, version: int) -> Path:
    """Where the graph of ``what`` is kept."""
    return cache_dir() / FOLDER / f"{what}-v{version}{ENDING}"


def kept_graph(what: str, version: int, write: Callable[[], OnnxModel]) -> Path:
    """The whole graph of ``what``, from the cache or newly written.

    Raises:
        OutputError: it can be kept nowhere, not even for this process.
    """
    path = kept_path(what, version)
    if _is_whole(path):
        return path
    model = write()
    try:
        _keep(path, model)
    except (OSError, OutputError):
        path = _own_folder() / path.name
        if not _is_whole(path):
            _keep(path, model)
        return path
    _drop_others(path, what)
    return path


def forget(what: str) -> None:
    """Delete the graphs whose name begins with ``what``; somebody may still be painting by them."""
    for path in (cache_dir() / FOLDER).glob(f"{what}-*"):
        path.unlink(missing_ok=True)


def _is_whole(path: Path) -> bool:
    try:
        digest = path.with_suffix(DIGEST_ENDING).read_text(encoding="ascii")
        return digest == hash_file(path)
    except (OSError, ValueError, ModelError):
        return False


def _keep(path: Path, model: OnnxModel) -> None:
    digest = hashlib.sha256()
    for piece in model:
        digest.update(piece)
    with written_atomically(path) as temporary, temporary.open("wb") as file:
        model.write(file)
    with written_atomically(path.with_suffix(DIGEST_ENDING)) as temporary:
        temporary.write_text(digest.hexdigest(), encoding="ascii")


def _drop_others(path: Path, what: str) -> None:
    """Other versions of the same graph, which nobody will read again."""
    for other in path.parent.glob(f"{what}-v*"):
        if other.stem != path.stem:
            other.unlink(missing_ok=True)


@cache
def _own_folder() -> Path:
    try:
        folder = Path(tempfile.mkdtemp(prefix="traumer-live-"))
    except OSError as error:
        raise OutputError(
            f"There is no folder to keep a graph in ({error.strerror}); free some space."
        ) from error
    at_the_end(lambda: shutil.rmtree(folder, ignore_errors=True))
    return folder
