"""torch's own files, new (a zip archive) and old (pickles in a row), read without torch.

In: an open file.  Out: the value it holds, tensors as array cells.  Thread: any.

New: ``NAME/data.pkl`` refers to storages by number, ``NAME/data/NUMBER`` holds their raw bytes,
never compressed. Old: four pickles (a magic number, a version, facts about the machine, the value),
the list of storage numbers, then every storage as its length and its bytes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any, BinaryIO

from traumer_live.importing import limits
from traumer_live.importing.arrays import TORCH_TYPES, Storage, item_size
from traumer_live.importing.bounded_file import BoundedFile
from traumer_live.importing.errors import SafeLoadError
from traumer_live.importing.inert import Global
from traumer_live.importing.machine import PersistentLoad
from traumer_live.importing.unpickler import unpickle

Unpickle = Callable[[BinaryIO, PersistentLoad | None], Any]
LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
LEGACY_PROTOCOL = 1001
ENCRYPTED = 0x1
COUNT_BYTES = 8  # before each storage of an old file


def read_torch_zip(file: BinaryIO, unpickle_with: Unpickle) -> Any:
    """The value in a new torch file."""
    try:
        with zipfile.ZipFile(file) as archive:
            return _Archive(archive).read(unpickle_with)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise SafeLoadError("It is a damaged archive.") from error


def read_torch_legacy(file: BinaryIO, unpickle_with: Unpickle) -> Any:
    """The value in an old torch file, which may be a single storage inside of a pickle."""
    if unpickle(file) != LEGACY_MAGIC or unpickle(file) != LEGACY_PROTOCOL:
        raise SafeLoadError("It is a torch file of an unknown version.")
    machine = unpickle(file)
    if not isinstance(machine, dict) or machine.get("little_endian") is not True:
        raise SafeLoadError("It was written by a machine with the opposite byte order.")
    storages: dict[str, Storage] = {}
    value = unpickle_with(file, lambda reference: _storage(reference, storages))
    keys = unpickle(file)
    if not isinstance(keys, list):
        raise SafeLoadError("It is cut off or damaged.")
    bounded = BoundedFile(file)
    for key in keys:
        _fill(storages.get(key) if isinstance(key, str) else None, bounded)
    return value


def read_nested_storage(data: Any) -> Storage:
    """A storage that was pickled as an old torch file of its own, as NVIDIA's snapshots do."""
    if not isinstance(data, bytes):
        raise SafeLoadError("It hides a file inside of a file, which no model does.")
    value = read_torch_legacy(
        BytesIO(data), lambda file, load: unpickle(file, persistent_load=load)
    )
    if not isinstance(value, Storage):
        raise SafeLoadError("It hides something other than numbers where numbers belong.")
    return value


def _storage(reference: Any, storages: dict[str, Storage]) -> Storage:
    """The storage of a reference ``("storage", type, key, place, count, ...)``."""
    kind, type_name, key, _, count = _checked_reference(reference)
    if kind != "storage":
        raise SafeLoadError("It refers to things outside of itself, which no model does.")
    return storages.setdefault(key, Storage(type_name, None, count))


def _checked_reference(reference: Any) -> tuple[str, str, str, Any, int]:
    if not isinstance(reference, tuple) or len(reference) < 5:
        raise SafeLoadError("It is damaged: a reference to numbers is cut short.")
    kind, storage_type, key, place, count = reference[:5]
    known = isinstance(storage_type, Global) and storage_type.module.partition(".")[0] == "torch"
    if not known or storage_type.name not in TORCH_TYPES:
        raise SafeLoadError("It holds numbers of a type that no model has.")
    if not isinstance(key, str) or type(count) is not int or count < 0:
        raise SafeLoadError("It is damaged: a reference to numbers makes no sense.")
    return str(kind), storage_type.name, key, place, count


def _fill(storage: Storage | None, file: BoundedFile) -> None:
    if storage is None:
        raise SafeLoadError("It brings numbers that nothing refers to.")
    if int.from_bytes(file.read(COUNT_BYTES), "little") != storage.numel:
        raise SafeLoadError("It brings more or fewer numbers than it announces.")
    storage.data = file.read(storage.numel * item_size(storage.type_name))


class _Archive:
    """A torch zip archive whose members were checked; nothing is ever unpacked to disk."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._members = _checked_members(archive)
        self._root = self._find_root()
        self._storages: dict[str, Storage] = {}

    def read(self, unpickle_with: Unpickle) -> Any:
        """The value, with its storages read as they are referred to."""
        order = self._members.get(f"{self._root}byteorder")
        if order is not None and self._archive.read(order).strip() != b"little":
            raise SafeLoadError("It was written by a machine with the opposite byte order.")
        pickled = self._archive.read(self._members[f"{self._root}data.pkl"])
        return unpickle_with(BytesIO(pickled), self._load)

    def _find_root(self) -> str:
        roots = [name.removesuffix("data.pkl") for name in self._members if _is_value(name)]
        if len(roots) != 1:
            raise SafeLoadError("It is an archive with several values; one is expected.")
        return roots[0]

    def _load(self, reference: Any) -> Storage:
        storage = _storage(reference, self._storages)
        if storage.data is None:
            _, _, key, _, _ = _checked_reference(reference)
            member = self._members.get(f"{self._root}data/{key}")
            if member is None:
                raise SafeLoadError("It lacks numbers that it refers to.")
            if member.file_size < storage.numel * item_size(storage.type_name):
                raise SafeLoadError("It brings fewer numbers than it announces.")
            storage.data = self._archive.read(member)  # checks the sum over the bytes, too
        return storage


def _is_value(name: str) -> bool:
    return name == "data.pkl" or name.endswith("/data.pkl")


def _checked_members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Members by name; SafeLoadError for names, sizes or methods that torch never writes."""
    members: dict[str, zipfile.ZipInfo] = {}
    entries = archive.infolist()
    if len(entries) > limits.ARCHIVE_MEMBERS:
        raise SafeLoadError("It is an archive with more members than any model.")
    for entry in entries:
        _check_name(entry.filename)
        if entry.filename in members:
            raise SafeLoadError("It is an archive with two members of one name.")
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
            raise SafeLoadError("It is a compressed archive, which torch never writes.")
        if entry.flag_bits & ENCRYPTED:
            raise SafeLoadError("It is an encrypted archive.")
        members[entry.filename] = entry
    _check_total(archive, entries)
    return members


def _check_name(name: str) -> None:
    parts = name.split("/")
    if name.startswith("/") or "\\" in name or ":" in name or ".." in parts or "\0" in name:
        raise SafeLoadError("It is an archive whose members point outside of it.")


def _check_total(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """Members that overlap would together be larger than the file that holds them."""
    assert archive.fp is not None
    size = archive.fp.seek(0, 2)
    if sum(entry.file_size for entry in entries) > size:
        raise SafeLoadError("It is an archive whose members are larger than itself.")
