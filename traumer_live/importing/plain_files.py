"""Files that hold nothing but numbers: safetensors, and numpy arrays with or without a pickle.

In: an open file.  Out: arrays by name, or the value in an array.  Thread: any.
"""

from __future__ import annotations

import ast
import json
import math
import struct
from typing import Any, BinaryIO

import numpy as np

from traumer_live.importing import limits
from traumer_live.importing.arrays import NUMPY_CODES, ArrayCell, Numbers, checked_shape
from traumer_live.importing.bounded_file import BoundedFile
from traumer_live.importing.errors import SafeLoadError
from traumer_live.importing.inert import InertDict
from traumer_live.importing.unpickler import DAMAGE, unpickle

SAFETENSORS_TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2",
    "I8": "i1", "U8": "u1", "BOOL": "?",
}  # fmt: skip
NPY_HEADER = 64 * 1024  # bytes
OBJECTS = "O"


def read_safetensors(file: BinaryIO) -> tuple[InertDict, dict[str, str]]:
    """Tensors by name, and the metadata of the header."""
    bounded = BoundedFile(file)
    length = int.from_bytes(bounded.read(8), "little")
    if length > limits.HEADER:
        raise SafeLoadError("It declares a header larger than any model's.")
    try:
        entries = json.loads(bounded.read(length))
        metadata = entries.pop("__metadata__", {})
        start, tensors = bounded.tell(), InertDict()
        if len(entries) > limits.TENSORS:
            raise SafeLoadError("It has more tensors than any model.")
        for name, entry in sorted(entries.items(), key=lambda item: item[1]["data_offsets"][0]):
            if bounded.tell() - start != entry["data_offsets"][0]:
                raise SafeLoadError("It has tensors that overlap or leave gaps.")
            tensors[name] = ArrayCell(_safetensor(entry, bounded))
        return tensors, {str(key): str(value) for key, value in metadata.items()}
    except (*DAMAGE, AttributeError, RecursionError) as error:
        raise SafeLoadError("It has a damaged safetensors header.") from error


def _safetensor(entry: dict[str, Any], file: BoundedFile) -> Numbers:
    begin, end = entry["data_offsets"]
    shape = checked_shape(entry["shape"])
    if entry["dtype"] == "BF16":
        raw = np.frombuffer(file.read(end - begin), "<u2", math.prod(shape)).astype("<u4") << 16
        return raw.view("<f4").reshape(shape)
    dtype = np.dtype(SAFETENSORS_TYPES[entry["dtype"]])
    if end - begin != math.prod(shape) * dtype.itemsize:
        raise SafeLoadError("It has tensors whose numbers do not fill their shape.")
    return np.frombuffer(file.read(end - begin), dtype).reshape(shape)


def read_npy(file: BinaryIO) -> Any:
    """An array cell of a numpy file; arrays of objects go through the restricted unpickler."""
    bounded = BoundedFile(file)
    magic = bounded.read(8)
    length_format = "<H" if magic[6] == 1 else "<I"
    length = struct.unpack(length_format, bounded.read(struct.calcsize(length_format)))[0]
    if length > NPY_HEADER:
        raise SafeLoadError("It declares a header larger than any array's.")
    try:
        header = ast.literal_eval(bounded.read(length).decode("latin-1"))
        shape, code = checked_shape(header["shape"]), str(header["descr"])
        fortran = bool(header["fortran_order"])
    except (*DAMAGE, SyntaxError, RecursionError, MemoryError) as error:
        raise SafeLoadError("It has a damaged header.") from error
    if code.lstrip("|<>=") == OBJECTS:
        return unpickle(file)
    if code[1:] not in NUMPY_CODES or code[0] not in "<>|=":
        raise SafeLoadError("It holds an array of something other than numbers.")
    dtype = np.dtype(code)
    data = bounded.read(math.prod(shape) * dtype.itemsize)
    return ArrayCell(np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C"))
