"""Models by name: those that were imported, where they lie, what is known of them; and our own.

In: names, or paths.  Out: entries, paths.  Thread: any; writing is atomic.

Every model is two files in the user's data folder, named after the sha256 of the file it came from:
the weights (safetensors, or ONNX) and a JSON with everything else. The show only ever reads these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from traumer_live.core.errors import ModelError, OutputError
from traumer_live.core.files import written_atomically
from traumer_live.core.paths import data_file, user_data_dir

FOLDER = "models"
# What comes with the program, by kind; the first of a kind plays where nobody chose.
SHIPPED = {
    "generator": ("dream256", "painter512"),
    "encoder": ("mtt_vgg",),
    "mapping": ("starter",),
}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")
SHA256 = re.compile(r"[0-9a-f]{64}")
WEIGHT_ENDINGS = frozenset({".safetensors", ".onnx"})
FOREIGN_ENDINGS = frozenset({".pkl", ".pt", ".pth", ".ckpt", ".npy", ".pickle", ".onnx"})


@dataclass(frozen=True)
class Entry:
    """One imported model."""

    name: str
    kind: str  # generator, encoder, mapping, statistics, labels
    architecture: str
    dialect: str  # which program wrote the file it came from
    source_name: str
    source_sha256: str
    origin: str = ""  # where that file came from: an address, a person
    licence: str = ""  # what the person who imported it noted
    imported: str = ""  # date
    ending: str = ".safetensors"
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The weights."""
        return library_dir() / f"{self.source_sha256}{self.ending}"

    @property
    def card(self) -> Path:
        """The JSON beside them."""
        return library_dir() / f"{self.source_sha256}.json"


def library_dir() -> Path:
    """Where imported models lie; not created here."""
    return user_data_dir() / FOLDER


def entries() -> list[Entry]:
    """All imported models by name; cards that are damaged or without weights are passed over.

    Raises:
        ModelError: the folder is there and cannot be read.
    """
    found = (_read_card(card) for card in _cards())
    whole = [entry for entry in found if entry is not None and entry.path.is_file()]
    return sorted(whole, key=lambda entry: entry.name.lower())


def _cards() -> list[Path]:
    try:
        return sorted(path for path in library_dir().iterdir() if path.suffix == ".json")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ModelError(
            f"The imported models in {library_dir()} cannot be read ({error.strerror}); "
            "allow reading this folder."
        ) from error


def find(name: str) -> Entry | None:
    """The imported model of this name."""
    return next((entry for entry in entries() if entry.name == name), None)


def get(name: str) -> Entry:
    """The imported model of this name.

    Raises:
        ModelError: there is none.
    """
    entry = find(name)
    if entry is None:
        raise ModelError(f"No imported model is called {name!r}; {_known()}.")
    return entry


def shipped_file(name: str) -> Path:
    """The weights of a model that came with the program."""
    return data_file(f"{FOLDER}/{name}.safetensors")


def is_shipped(path: Path) -> bool:
    """Whether this very file came with the program."""
    ours = [shipped_file(name) for names in SHIPPED.values() for name in names]
    return any(path.samefile(file) for file in ours if path.exists())


def resolve(text: str, kind: str) -> Path:
    """The file that ``--generator``, ``--encoder`` or ``--mapping`` means: a path or a name.

    A file comes first, then what the user imported, then what came with the program.

    Raises:
        ModelError: the name is nobody's or that of another kind of model, or the file must be
            imported first.
    """
    path = Path(text).expanduser()
    if path.suffix.lower() in FOREIGN_ENDINGS:
        raise ModelError(
            f"{path.name} is a foreign checkpoint; import it once with: "
            f"traumer-live models import {text}"
        )
    entry = None if path.is_file() else find(text)
    is_name = path.name == text and not path.suffix and not path.is_file()
    if is_name and text in SHIPPED.get(kind, ()) and (entry is None or entry.kind != kind):
        return shipped_file(text)
    if entry is None and is_name:
        raise ModelError(
            f"{text!r} is neither a file nor the name of an imported or shipped model; {_known()}."
        )
    if entry is None:
        return path
    if entry.kind != kind:
        raise ModelError(
            f"The imported model {text!r} is of the kind {entry.kind}, but one of the kind "
            f"{kind} is needed; see: traumer-live models list"
        )
    return entry.path


def add(entry: Entry) -> None:
    """Write the card of a model whose weights are there already.

    Raises:
        OutputError: the folder cannot be written to.
    """
    with written_atomically(entry.card) as temporary:
        temporary.write_text(json.dumps(asdict(entry), indent=2) + "\n", encoding="utf-8")


def remove(name: str) -> Entry:
    """Forget a model and delete its files.

    Raises:
        ModelError: there is none of this name.
        OutputError: its files cannot be deleted; the model is still there.
    """
    entry = get(name)
    try:
        entry.path.unlink(missing_ok=True)
        entry.card.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            f"{name} cannot be deleted from {library_dir()} ({error.strerror}); "
            "allow writing to this folder and try again."
        ) from error
    return entry


def _known() -> str:
    """What the library holds, as the end of a sentence."""
    shipped = ", ".join(name for names in SHIPPED.values() for name in names)
    names = ", ".join(entry.name for entry in entries())
    if names:
        return f"imported are: {names}; shipped: {shipped}"
    return f"shipped are {shipped}; bring others with: traumer-live models import FILE"


def display_name(path: Path) -> str:
    """What a weights file is called: an imported model's own name, or the file's."""
    if path.parent != library_dir():
        return path.stem
    card = _read_card(path.with_suffix(".json"))
    return path.stem if card is None else card.name


def check_name(name: str) -> str:
    """``name`` if it can be one; ModelError otherwise."""
    if not NAME.fullmatch(name):
        raise ModelError(
            f"{name!r} is no name for a model; use letters, digits, dots, dashes, up to 64."
        )
    return name


def name_from(path: Path) -> str:
    """A name for a model that nobody named: the file's own, without what names cannot have."""
    plain = re.sub(r"[^A-Za-z0-9._+-]+", "-", path.stem).strip("-._+")
    return plain[:64] or "model"


def _read_card(card: Path) -> Entry | None:
    try:
        stored = json.loads(card.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(stored, dict) or not _is_whole(stored):
        return None
    metadata = {str(key): str(value) for key, value in stored.pop("metadata", {}).items()}
    known = {entry.name for entry in fields(Entry)}
    return Entry(**{k: str(v) for k, v in stored.items() if k in known}, metadata=metadata)


def _is_whole(stored: Mapping[str, Any]) -> bool:
    """Whether a card says all that is needed, and names no file outside of the folder."""
    needed = ("name", "kind", "architecture", "dialect", "source_name", "source_sha256")
    return (
        all(isinstance(stored.get(key), str) for key in needed)
        and bool(SHA256.fullmatch(stored["source_sha256"]))
        and bool(NAME.fullmatch(stored["name"]))
        and stored.get("ending", ".safetensors") in WEIGHT_ENDINGS
        and isinstance(stored.get("metadata", {}), dict)
    )
