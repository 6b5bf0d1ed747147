"""Writing an ONNX graph line by line, as one would write the mathematics.

In: numpy constants and operator calls.  Out: the bytes of a checked ONNX model.  Thread: any.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8  # what runtimes since 2022 read
END = np.iinfo(np.int64).max


class GraphWriter:
    """Collects nodes in order; every method returns the name of the value that it made."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, shape: Sequence[int | str]) -> str:
        """A float32 input of the whole graph."""
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def output(self, name: str, value: str, shape: Sequence[int | str]) -> None:
        """Hand ``value`` out of the graph as ``name``."""
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def constant(self, value: NDArray[np.generic] | Sequence[int]) -> str:
        """A tensor stored in the graph."""
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """One node with one output."""
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def slice(self, value: str, *, axis: int, start: int, end: int = END, step: int = 1) -> str:
        """value[start:end:step] along one axis."""
        places = [self.constant([number]) for number in (start, end, axis, step)]
        return self.op("Slice", value, *places)

    def total(self, *values: str) -> str:
        """The sum of several values."""
        first, *others = values
        for other in others:
            first = self.op("Add", first, other)
        return first

    def finished(self, name: str) -> bytes:
        """The serialised model, checked."""
        graph = helper.make_graph(self.nodes, name, self.inputs, self.outputs, self.constants)
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString())
