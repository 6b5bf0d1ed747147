"""Writing an ONNX graph line by line, as one would write the mathematics.

In: numpy constants and operator calls.  Out: an OnnxModel, which goes to a file piece by piece.
Thread: any. Importing this module imports the onnx package; a show whose graphs are kept does not.

Large constants never pass through protobuf: copying a hundred megabytes there holds Python's lock
for seconds, and a show that is running would stand still. They go from their arrays to the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from traumer_live.core.graph_store import OnnxModel

OPSET = 17
IR_VERSION = 8  # what runtimes since 2022 read
FLOAT = TensorProto.FLOAT
UINT8 = TensorProto.UINT8
END = np.iinfo(np.int64).max
CHECKED = 4 << 20  # bytes of constants up to which every graph is checked; tests write such ones
Value: TypeAlias = str  # the name of a tensor in the graph
Extents: TypeAlias = Sequence[int | str]  # a name stands for an extent that is known later

# Where parts stand in their messages (onnx.proto), and the wire type of what has a length.
_GRAPH_IN_MODEL, _CONSTANT_IN_GRAPH, _RAW_IN_TENSOR = 7, 5, 9
_HAS_LENGTH = 2


class GraphWriter:
    """Collects nodes in order; every method returns the name of what it made."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[onnx.NodeProto] = []
        # A description, and the numbers apart from it.
        self._constants: list[tuple[onnx.TensorProto, memoryview]] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._count = 0

    def input(self, name: str, shape: Extents) -> Value:
        """A float32 input of the whole graph."""
        self._inputs.append(helper.make_tensor_value_info(name, FLOAT, shape))
        return name

    def output(self, value: Value, name: str, shape: Extents, *, kind: int = FLOAT) -> None:
        """Hand ``value`` out of the graph as ``name``."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def constant(self, array: NDArray[Any] | Sequence[int] | float) -> Value:
        """A tensor stored in the graph; Python floats become float32, integers int64."""
        value = np.asarray(array)
        value = np.asarray(value, np.float32 if value.dtype == np.float64 else None, order="C")
        name = self._fresh("c")
        kind = helper.np_dtype_to_tensor_dtype(value.dtype)
        described = TensorProto(name=name, data_type=kind, dims=value.shape)
        numbers = value.astype(value.dtype.newbyteorder("<"), copy=False)
        self._constants.append((described, numbers.reshape(-1).view(np.uint8).data))
        return name

    def op(self, kind: str, *inputs: Value, **attributes: Any) -> Value:
        """One node with one output."""
        name = self._fresh(kind.lower())
        self._nodes.append(helper.make_node(kind, list(inputs), [name], name, **attributes))
        return name

    def ops(self, kind: str, *inputs: Value, outputs: int, **attributes: Any) -> list[Value]:
        """One node with several outputs."""
        names = [self._fresh(kind.lower()) for _ in range(outputs)]
        self._nodes.append(helper.make_node(kind, list(inputs), names, names[0], **attributes))
        return names

    def slice(self, value: Value, *, axis: int, start: int, end: int = END, step: int = 1) -> Value:
        """value[start:end:step] along one axis."""
        places = [self.constant([number]) for number in (start, end, axis, step)]
        return self.op("Slice", value, *places)

    def total(self, *values: Value) -> Value:
        """The sum of several values."""
        first, *others = values
        for other in others:
            first = self.op("Add", first, other)
        return first

    def finish(self) -> OnnxModel:
        """The model; checked, unless it is so large that checking would hold up a show."""
        graph = helper.make_graph(self._nodes, self._name, self._inputs, self._outputs)
        version = onnx.ModelProto(ir_version=IR_VERSION).SerializeToString()
        opset = onnx.ModelProto(opset_import=[helper.make_opsetid("", OPSET)]).SerializeToString()
        constants = [piece for each in self._constants for piece in _constant(*each)]
        body = graph.SerializeToString()
        length = len(body) + sum(map(len, constants))
        start = version + _head(_GRAPH_IN_MODEL, length) + body
        model = OnnxModel((start, *constants, opset))  # in the order of their fields
        if len(model) <= CHECKED:
            onnx.checker.check_model(model.to_bytes(), full_check=True)
        return model

    def _fresh(self, stem: str) -> str:
        self._count += 1
        return f"{stem}_{self._count}"


def _constant(described: onnx.TensorProto, numbers: memoryview) -> tuple[bytes | memoryview, ...]:
    """One tensor as a part of the graph's message."""
    start = described.SerializeToString() + _head(_RAW_IN_TENSOR, len(numbers))
    return _head(_CONSTANT_IN_GRAPH, len(start) + len(numbers)) + start, numbers


def _head(field: int, length: int) -> bytes:
    """What stands before a part of so many bytes."""
    return _varint(field << 3 | _HAS_LENGTH) + _varint(length)


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; all but the last byte have their highest bit set."""
    parts = []
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])
