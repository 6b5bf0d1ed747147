"""One door for every container: a path in, inert values out.

In: a path.  Out: Foreign(container, value, metadata).  Thread: the child process that imports.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from traumer_live.importing.errors import SafeLoadError, about
from traumer_live.importing.inert import Global
from traumer_live.importing.machine import PersistentLoad
from traumer_live.importing.plain_files import read_npy, read_safetensors
from traumer_live.importing.sniff import Container, sniff
from traumer_live.importing.substitutes import call
from traumer_live.importing.torch_files import (
    read_nested_storage,
    read_torch_legacy,
    read_torch_zip,
)
from traumer_live.importing.unpickler import unpickle

NESTED = Global("torch.storage", "_load_from_bytes")


@dataclass(frozen=True)
class Foreign:
    """What a foreign file holds, as inert values."""

    path: Path
    container: Container
    value: Any
    metadata: dict[str, str] = field(default_factory=dict)


def read_foreign(path: Path) -> Foreign:
    """Read ``path``, running nothing of it.

    Raises:
        SafeLoadError: hostile, damaged, too large or nothing that we open.
    """
    container = sniff(path)
    try:
        with path.open("rb") as file:
            return _read(path, container, file)
    except SafeLoadError as error:
        raise about(f"{path.name} was not opened", error) from error
    except MemoryError:
        raise SafeLoadError(f"{path.name} needs more memory than any model of its size.") from None


def _read(path: Path, container: Container, file: BinaryIO) -> Foreign:
    metadata: dict[str, str] = {}
    value: Any = None
    if container is Container.PICKLE:
        value = _unpickle(file, None)
    elif container is Container.TORCH_ZIP:
        value = read_torch_zip(file, _unpickle)
    elif container is Container.TORCH_LEGACY:
        value = read_torch_legacy(file, _unpickle)
    elif container is Container.SAFETENSORS:
        value, metadata = read_safetensors(file)
    elif container is Container.NPY:
        value = read_npy(file)
    return Foreign(path, container, value, metadata)


def _unpickle(file: BinaryIO, persistent_load: PersistentLoad | None) -> Any:
    return unpickle(file, persistent_load=persistent_load, calls=_call)


def _call(name: Global, args: tuple[Any, ...]) -> Any:
    """Calls, plus the one that nests a file: allowed once, for numbers alone."""
    if name == NESTED:
        return read_nested_storage(args[0] if len(args) == 1 else None)
    return call(name, args)
