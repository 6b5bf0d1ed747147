"""Numbers in foreign files: numpy's and torch's descriptions of them, read without either.

In: raw bytes and what a pickle says about them.  Out: numpy arrays.  Thread: any.

An array is filled in two steps in a pickle (an empty one, then its state), hence ``ArrayCell``;
``value`` is None until the second step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from traumer_live.importing.errors import SafeLoadError

Numbers = NDArray[Any]
DIMENSIONS = 16
NUMPY_CODES = frozenset(
    f"{kind}{size}" for kind, sizes in {"f": "248", "i": "1248", "u": "1248", "b": "1"}.items()
    for size in sizes
)  # fmt: skip
OBJECT_CODE = "O8"
# bfloat16 is the upper half of a float32; numpy does not have it.
BFLOAT16 = "bfloat16"
TORCH_TYPES: dict[str, str] = {
    "FloatStorage": "<f4", "float32": "<f4", "float": "<f4",
    "DoubleStorage": "<f8", "float64": "<f8", "double": "<f8",
    "HalfStorage": "<f2", "float16": "<f2", "half": "<f2",
    "BFloat16Storage": BFLOAT16, "bfloat16": BFLOAT16,
    "LongStorage": "<i8", "int64": "<i8", "long": "<i8",
    "IntStorage": "<i4", "int32": "<i4", "int": "<i4",
    "ShortStorage": "<i2", "int16": "<i2", "short": "<i2",
    "CharStorage": "i1", "int8": "i1",
    "ByteStorage": "u1", "uint8": "u1",
    "BoolStorage": "?", "bool": "?",
    "UntypedStorage": "u1",
}  # fmt: skip


@dataclass(eq=False)
class DtypeCell:
    """A numpy dtype in the making: a code such as ``f4`` and, later, its byte order."""

    code: str
    order: str = "<"

    @property
    def dtype(self) -> np.dtype[Any]:
        """The real one."""
        return np.dtype(self.order + self.code)


@dataclass(eq=False)
class ArrayCell:
    """A numpy array in the making; ``objects`` instead of ``value`` for arrays of objects."""

    value: Numbers | None = None
    objects: list[Any] | None = None


@dataclass(eq=False)
class Storage:
    """The raw numbers behind one or more torch tensors."""

    type_name: str
    data: bytes | memoryview | None  # None until the numbers were read, at the end of old files
    numel: int


def item_size(type_name: str) -> int:
    """Bytes of one number of a torch type."""
    code = TORCH_TYPES[type_name]
    return 2 if code == BFLOAT16 else np.dtype(code).itemsize


def numpy_dtype(code: Any) -> DtypeCell:
    """A dtype cell for a code such as ``f4``; SafeLoadError for anything but numbers."""
    text = code.decode("ascii", "replace") if isinstance(code, bytes) else code
    if not isinstance(text, str) or text not in NUMPY_CODES | {OBJECT_CODE}:
        raise SafeLoadError("It holds arrays of something other than numbers.")
    return DtypeCell(text)


def checked_shape(shape: Any) -> tuple[int, ...]:
    """``shape`` as a tuple of sizes; SafeLoadError for anything else."""
    sizes = shape if isinstance(shape, tuple | list) else (shape,)
    if len(sizes) > DIMENSIONS or not all(type(n) is int and 0 <= n < 1 << 40 for n in sizes):
        raise SafeLoadError("It holds an array with an impossible shape.")
    return tuple(sizes)


def filled(cell: DtypeCell, shape: Any, data: Any, *, fortran: bool) -> ArrayCell:
    """The array of a dtype, a shape, and bytes (or a list, for an array of objects)."""
    sizes = checked_shape(shape)
    count = math.prod(sizes)
    if cell.code == OBJECT_CODE:
        if not isinstance(data, list) or len(data) != count:
            raise SafeLoadError("It holds an array of objects that is damaged.")
        return ArrayCell(objects=data)
    if isinstance(data, str):  # protocol 2 writes bytes as Latin-1 text
        data = data.encode("latin-1", "replace")
    if not isinstance(data, bytes | bytearray) or len(data) != count * cell.dtype.itemsize:
        raise SafeLoadError("It holds an array whose numbers do not fill its shape.")
    numbers = np.frombuffer(data, cell.dtype, count)
    return ArrayCell(numbers.reshape(sizes, order="F" if fortran else "C"))


def tensor(storage: Any, offset: Any, size: Any, stride: Any) -> ArrayCell:
    """A torch tensor as a view on its storage.

    Only views that show each number at most once are made, so a file's tensors never become larger
    than the file.
    """
    if not isinstance(storage, Storage) or storage.type_name not in TORCH_TYPES:
        raise SafeLoadError("It holds a tensor without numbers.")
    sizes, strides = checked_shape(size), checked_shape(stride)
    if type(offset) is not int or offset < 0 or len(sizes) != len(strides):
        raise SafeLoadError("It holds a tensor with an impossible shape.")
    count = math.prod(sizes)
    last = offset + sum((n - 1) * step for n, step in zip(sizes, strides, strict=True))
    if count > storage.numel or (count and last >= storage.numel):
        raise SafeLoadError("It holds a tensor that is larger than its numbers.")
    return TensorCell(storage, offset, sizes, strides)


@dataclass(eq=False)
class TensorCell(ArrayCell):
    """A view on a storage whose numbers may come later in the file."""

    def __init__(
        self, storage: Storage, offset: int, sizes: tuple[int, ...], strides: tuple[int, ...]
    ) -> None:
        super().__init__()
        self._view = (storage, offset, sizes, strides)

    def read(self) -> Numbers:
        """The numbers; SafeLoadError when the file never brought them."""
        storage, offset, sizes, strides = self._view
        if storage.data is None:
            raise SafeLoadError("It ends before the numbers of its tensors.")
        flat = _flat(storage)
        if not math.prod(sizes):
            return np.zeros(sizes, flat.dtype)
        steps = tuple(step * flat.itemsize for step in strides)
        return np.lib.stride_tricks.as_strided(flat[offset:], sizes, steps, writeable=False)


def numbers(cell: Any) -> Numbers | None:
    """The array of a cell, in this machine's byte order; None when it is none."""
    if isinstance(cell, TensorCell):
        return cell.read()
    if isinstance(cell, ArrayCell) and cell.value is not None:
        return cell.value
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return np.asarray(cell, np.float64)
    return None


def _flat(storage: Storage) -> Numbers:
    code = TORCH_TYPES[storage.type_name]
    data = storage.data if storage.data is not None else b""
    if len(data) < storage.numel * item_size(storage.type_name):
        raise SafeLoadError("It holds fewer numbers than its tensors need.")
    if code != BFLOAT16:
        return np.frombuffer(data, code, storage.numel)
    upper = np.frombuffer(data, "<u2", storage.numel).astype("<u4") << 16
    return upper.view("<f4")
