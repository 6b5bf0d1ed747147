"""What kind of container a file is, told from its first bytes and never from its name.

In: a path.  Out: a Container, or SafeLoadError for what we do not open.  Thread: any.
"""

from __future__ import annotations

import stat
import zipfile
from enum import Enum
from pathlib import Path
from typing import BinaryIO

from traumer_live.importing.errors import SafeLoadError
from traumer_live.importing.limits import HEADER, LARGEST_FILE

HEAD = 512  # bytes looked at
TORCH_MAGIC = bytes.fromhex("8a0a6cfc9c46f9206aa85019")  # the number that old torch begins with
PICKLE_PROTOCOLS = range(2, 6)
NPY_MAGIC = b"\x93NUMPY"
TAR_MAGIC, TAR_AT = b"ustar", 257
# Names for what people may try, by how it begins.
OTHERS = {
    b"\x89HDF\r\n\x1a\n": "a Keras or HDF5 file",
    b"\x1f\x8b": "a gzip archive; unpack it first",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive; unpack it first",
    b"Rar!": "a RAR archive; unpack it first",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GGUF": "a GGUF language model",
    b"RIFF": "a sound or video file",
    b"%PDF": "a PDF document",
    b"<!DO": "a web page; the download link led to a page instead of the file",
    b"<htm": "a web page; the download link led to a page instead of the file",
    b"version https://git-lfs": "a Git LFS pointer; fetch the file that it points to",
}


class Container(Enum):
    """The wrappings that we open."""

    PICKLE = "pickle"
    TORCH_ZIP = "torch file"
    TORCH_LEGACY = "old torch file"
    SAFETENSORS = "safetensors"
    NPY = "numpy array"
    ONNX = "ONNX graph"


def sniff(path: Path) -> Container:
    """The container that ``path`` is.

    Raises:
        SafeLoadError: missing, empty, too large, or nothing that we open.
    """
    size = checked_size(path)
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise SafeLoadError(
            f"{path} cannot be read ({error.strerror}); check it and who may read it."
        ) from error
    return _container(path, head, size)


def checked_size(path: Path) -> int:
    """The size of an ordinary file; a pipe or a device would never end.

    Raises:
        SafeLoadError: it is none, or empty, or larger than any model.
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SafeLoadError(f"{path} cannot be read ({reason}); check the name.") from error
    if stat.S_ISDIR(status.st_mode):
        raise SafeLoadError(f"{path} is a folder; name the file inside it.")
    if not stat.S_ISREG(status.st_mode):
        raise SafeLoadError(f"{path} is no ordinary file; name a file.")
    if not status.st_size:
        raise SafeLoadError(f"{path.name} is empty; fetch it again.")
    if status.st_size > LARGEST_FILE:
        raise SafeLoadError(f"{path.name} is larger than any model ({status.st_size >> 30} GiB).")
    return status.st_size


def sniff_pickle(head: bytes) -> Container | None:
    """Which kind of pickle begins with ``head``, if it is one."""
    if len(head) < 2 or head[0] != 0x80 or head[1] not in PICKLE_PROTOCOLS:
        return None
    return Container.TORCH_LEGACY if head[2:14].startswith(TORCH_MAGIC) else Container.PICKLE


def _container(path: Path, head: bytes, size: int) -> Container:
    for magic, what in OTHERS.items():
        if head.lower().startswith(magic.lower()):
            raise SafeLoadError(f"{path.name} is {what}, not a model that can be imported.")
    if head[TAR_AT : TAR_AT + len(TAR_MAGIC)] == TAR_MAGIC:
        raise SafeLoadError(
            f"{path.name} is a tar archive (torch before 2017, or a packed folder); "
            "save it again with a newer torch or unpack it."
        )
    if head.startswith(b"PK\x03\x04"):
        return _zip(path)
    if head.startswith(NPY_MAGIC):
        return Container.NPY
    if _is_safetensors(head, size):
        return Container.SAFETENSORS
    found = sniff_pickle(head) or (Container.ONNX if _is_onnx(head) else None)
    if found is None:
        raise SafeLoadError(f"{path.name} is no model format that is known here.")
    return found


def _zip(path: Path) -> Container:
    with path.open("rb") as file:
        names = _zip_names(path, file)
    leaves = {name.rpartition("/")[2] for name in names}
    if "constants.pkl" in leaves or any("/code/" in name for name in names):
        raise SafeLoadError(
            f"{path.name} is a TorchScript program, which holds code rather than weights; "
            "ask for its state dict."
        )
    if "data.pkl" not in leaves:
        raise SafeLoadError(f"{path.name} is a zip archive without a model; unpack it first.")
    return Container.TORCH_ZIP


def _zip_names(path: Path, file: BinaryIO) -> list[str]:
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise SafeLoadError(f"{path.name} is a damaged archive; fetch it again.") from error


def _is_safetensors(head: bytes, size: int) -> bool:
    length = int.from_bytes(head[:8], "little")
    return head[8:9] == b"{" and 2 <= length <= min(HEADER, size)


def _is_onnx(head: bytes) -> bool:
    """A ModelProto begins with its version: field 1, a small number, then another known field."""
    second = (0x12, 0x1A, 0x3A, 0x42)  # producer, its version, graph, operators
    return len(head) > 4 and head[0] == 0x08 and head[1] < 0x40 and head[2] in second
