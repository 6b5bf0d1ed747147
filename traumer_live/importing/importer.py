"""From somebody's checkpoint to a model in the library.

In: a path and what the person knows about it.  Out: the library's Entry.  Thread: any; takes
seconds, most of them in the child process that reads the file.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from traumer_live.core import model_library
from traumer_live.core.errors import ModelError, OutputError
from traumer_live.core.files import hash_file
from traumer_live.core.model_library import Entry
from traumer_live.core.types import ENCODER_RATE
from traumer_live.importing.confined import Progress, read_in_child
from traumer_live.importing.errors import printable
from traumer_live.importing.packs import Fitting, write_pack
from traumer_live.importing.sniff import checked_size
from traumer_live.importing.validate import check_result

ONNX = "onnx"
HASHED, READ = 0.15, 0.8  # of an import is done then, about; what is left is our own look at it


@dataclass(frozen=True)
class Notes:
    """What only the person who imports a file can know."""

    name: str | None = None  # None: after the file
    origin: str = ""
    licence: str = ""
    window_s: float | None = None  # how long a tagger listens; its tensors cannot tell


def import_model(
    path: Path,
    notes: Notes | None = None,
    *,
    fitting: Fitting | None = None,
    progress: Progress = lambda share: None,
) -> Entry:
    """Read ``path`` safely and put it into the library; a file that is there already is renamed.

    ``progress`` is told the share that is done, 0 to 1.

    Raises:
        ModelError: the file is refused, the name is taken, or a transfer names no encoder.
        OutputError: the user's data folder cannot be written to.
    """
    notes = notes or Notes()
    checked_size(path)
    sha256 = hash_file(path, progress=_part(progress, 0.0, HASHED))
    name = _free_name(path, notes, sha256)
    with _workplace() as folder:
        result = folder / "model.safetensors"
        answer = read_in_child(
            path, result, stated=_stated(notes), progress=_part(progress, HASHED, READ)
        )
        progress(READ)
        if answer.get("as_it_is"):
            _copy(path, result, sha256)
        if answer["architecture"] != ONNX:  # a graph was checked by the child as far as it can be
            check_result(result, answer, name=path.name)
        entry = _entry(path, answer, notes, name=name, sha256=sha256)
        if entry.kind == "mapping" and not answer.get("as_it_is"):
            entry = replace(entry, metadata=write_pack(result, entry, fitting))
        result.replace(entry.path)
    model_library.add(entry)
    progress(1.0)
    return entry


def _part(progress: Progress, start: float, end: float) -> Progress:
    """A part of the way as a way of its own."""
    return lambda share: progress(start + share * (end - start))


def _stated(notes: Notes) -> dict[str, str]:
    if notes.window_s is None:
        return {}
    return {"window_samples": str(round(notes.window_s * ENCODER_RATE))}


def _free_name(path: Path, notes: Notes, sha256: str) -> str:
    known = next((e for e in model_library.entries() if e.source_sha256 == sha256), None)
    if known is not None and notes.name is None:
        return known.name
    name = model_library.check_name(notes.name or model_library.name_from(path))
    holder = model_library.find(name)
    if holder is not None and holder.source_sha256 != sha256:
        raise ModelError(
            f"There is another imported model called {name!r}; add --name, or remove it first."
        )
    return name


@contextmanager
def _workplace() -> Iterator[Path]:
    """A folder beside the models, so that moving the result there is one step."""
    library = model_library.library_dir()
    try:
        library.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".import-", dir=library))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise OutputError(
            f"{library} cannot be written to ({error.strerror}); make room there or allow writing."
        ) from error


def _copy(source: Path, target: Path, sha256: str) -> None:
    """A copy for the library; what was checked is what is kept."""
    shutil.copyfile(source, target)
    if hash_file(target) != sha256:
        raise ModelError(f"{source.name} changed while it was imported; try again.")


def _entry(path: Path, answer: dict[str, Any], notes: Notes, *, name: str, sha256: str) -> Entry:
    metadata = answer.get("metadata")
    return Entry(
        name=name,
        kind=printable(str(answer["kind"])),
        architecture=printable(str(answer["architecture"])),
        dialect=printable(str(answer["dialect"])),
        source_name=path.name,
        source_sha256=sha256,
        origin=notes.origin,
        licence=notes.licence,
        imported=date.today().isoformat(),
        ending=".onnx" if answer["architecture"] == ONNX else ".safetensors",
        metadata={str(k): printable(str(v)) for k, v in metadata.items()}
        if isinstance(metadata, dict)
        else {},
    )
