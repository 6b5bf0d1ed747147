"""Reading and writing safetensors so that a damaged or hostile file is refused in one sentence.

In: a path.  Out: tensors by name as float32 (bytes as they are), the file's metadata, its sha256.
Thread: any.

The header (JSON after an 8-byte length) states every tensor's type, shape and place. All of it is
checked against the size of the file before anything is read, so a header that declares terabytes
costs nothing.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.errors import ModelError
from traumer_live.core.files import written_atomically
from traumer_live.core.types import Array

DTYPES: dict[str, np.dtype[Any]] = {
    "F16": np.dtype("<f2"),
    "F32": np.dtype("<f4"),
    "F64": np.dtype("<f8"),
    "U8": np.dtype("u1"),
}
LENGTH_BYTES = 8  # little-endian size of the JSON header
LARGEST_HEADER = 16 << 20  # bytes; real ones have a few kilobytes
# What parsing raises on bad JSON, on brackets nested thousands deep, on an infinite extent.
DAMAGE = (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError)
DIGEST_KEY = "data_sha256"  # metadata: sha256 of everything behind the header


@dataclass(frozen=True)
class TensorPlace:
    """What the header says about one tensor."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    begin: int  # bytes from the end of the header
    end: int

    @property
    def is_bytes(self) -> bool:
        """Whether it holds no numbers but a file's bytes."""
        return self.dtype == np.uint8


@dataclass(frozen=True)
class WeightsHeader:
    """Everything a file says about itself before its numbers are read."""

    path: Path
    places: dict[str, TensorPlace]
    metadata: dict[str, str]
    data_start: int  # bytes from the start of the file
    data_size: int  # bytes
    raw: bytes = field(repr=False)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of every tensor."""
        return {name: place.shape for name, place in self.places.items()}


def read_header(path: Path) -> WeightsHeader:
    """The checked header of ``path``; no tensor is read.

    Raises:
        ModelError: the file is missing, not safetensors, truncated or inconsistent.
    """
    try:
        with path.open("rb") as file:
            raw = _raw_header(path, file)
            size = os.fstat(file.fileno()).st_size
    except IsADirectoryError as error:
        raise ModelError(f"{path} is a folder; name the weights file inside it.") from error
    except FileNotFoundError as error:
        raise ModelError(f"There is no weights file {path}; check the name.") from error
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read ({error.strerror}); check it and who may read it."
        ) from error
    return _parsed_header(path, raw, size)


def read_tensors(header: WeightsHeader, *, bytes_in: str = "") -> tuple[dict[str, Array], str]:
    """All tensors as float32, those named ``bytes_in...`` as bytes; the sha256 of the whole file.

    Raises:
        ModelError: another one holds bytes, or the numbers do not match the digest that was
            written with them.
    """
    meant = {name for name in header.places if bytes_in and name.startswith(bytes_in)}
    odd = [name for name, at in header.places.items() if at.is_bytes != (name in meant)]
    if odd:
        raise ModelError(f"{header.path.name} has no numbers in {odd[0]}; fetch the file again.")
    try:
        with header.path.open("rb") as file:
            file.seek(header.data_start)
            data = np.empty(header.data_size, np.uint8).data
            read = file.readinto(data)
    except OSError as error:
        raise ModelError(
            f"{header.path} cannot be read ({error.strerror}); check it and who may read it."
        ) from error
    if read != header.data_size:
        raise ModelError(f"{header.path} changed while it was read; try again.")
    _check_data(header, data)
    tensors = {name: _tensor(data, place) for name, place in header.places.items()}
    whole = hashlib.sha256(header.raw)
    whole.update(data)
    return tensors, whole.hexdigest()


def write_weights(
    path: Path, tensors: Mapping[str, Array], *, metadata: Mapping[str, str], half: bool = False
) -> None:
    """Write ``tensors`` atomically, numbers as float16 when ``half``, with a digest of them.

    Raises:
        OutputError: the folder cannot be written to.
    """
    from safetensors.numpy import save

    dtype = np.float16 if half else np.float32
    stored: dict[str, NDArray[Any]] = {
        name: np.asarray(tensor, None if tensor.dtype == np.uint8 else dtype, order="C")
        for name, tensor in tensors.items()
    }
    bare = save(stored)
    start = LENGTH_BYTES + int.from_bytes(bare[:LENGTH_BYTES], "little")
    digest = hashlib.sha256(bare[start:]).hexdigest()
    with written_atomically(path) as temporary:
        temporary.write_bytes(save(stored, {**metadata, DIGEST_KEY: digest}))


def _raw_header(path: Path, file: BinaryIO) -> bytes:
    size = os.fstat(file.fileno()).st_size
    prefix = file.read(LENGTH_BYTES)
    length = int.from_bytes(prefix, "little")
    if len(prefix) < LENGTH_BYTES:
        raise ModelError(f"{path} is empty or cut off; fetch the weights file again.")
    if not 2 <= length <= LARGEST_HEADER:
        raise ModelError(f"{path} is not a safetensors file; name a file of that format.")
    if length > size - LENGTH_BYTES:
        raise ModelError(f"{path} is cut off or not a safetensors file; fetch it again.")
    return prefix + file.read(length)


def _parsed_header(path: Path, raw: bytes, size: int) -> WeightsHeader:
    try:
        entries = json.loads(raw[LENGTH_BYTES:])
        metadata = entries.pop("__metadata__", {})
        places = {name: _place(entry) for name, entry in entries.items()}
        metadata = {str(key): str(value) for key, value in metadata.items()}
    except DAMAGE as error:
        raise ModelError(
            f"{path} has a header that is damaged or not safetensors; fetch the file again."
        ) from error
    data_size = size - len(raw)
    if data_size != max((place.end for place in places.values()), default=0):
        raise ModelError(f"{path} is not as long as its header says; fetch the file again.")
    return WeightsHeader(path, places, metadata, len(raw), data_size, raw)


def _place(entry: dict[str, Any]) -> TensorPlace:
    """One header entry; ValueError when its bytes do not fit its shape."""
    begin, end = (int(offset) for offset in entry["data_offsets"])
    shape = tuple(int(extent) for extent in entry["shape"])
    dtype = DTYPES[entry["dtype"]]
    if begin < 0 or min(shape, default=0) < 0:
        raise ValueError("negative shape or place")
    if end - begin != math.prod(shape) * dtype.itemsize:  # Python integers: nothing overflows
        raise ValueError("shape and place disagree")
    return TensorPlace(dtype, shape, begin, end)


def _check_data(header: WeightsHeader, data: memoryview) -> None:
    declared = header.metadata.get(DIGEST_KEY)
    if declared is not None and declared != hashlib.sha256(data).hexdigest():
        raise ModelError(
            f"The numbers in {header.path} are damaged or were changed after it was written; "
            "fetch the file again."
        )


def _tensor(data: memoryview, place: TensorPlace) -> Array:
    """In ``data`` itself where that is float32 already: a second copy of a large network costs."""
    stored = np.frombuffer(data, place.dtype, math.prod(place.shape), place.begin)
    kept = place.dtype if place.is_bytes else np.float32
    return np.asarray(stored.reshape(place.shape), kept)
