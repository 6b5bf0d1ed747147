"""Writing an ONNX graph line by line, as one would write the mathematics.

In: numpy constants and operator calls.  Out: the bytes of a checked ONNX model.  Thread: any.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8  # what runtimes since 2022 read
FLOAT = TensorProto.FLOAT
UINT8 = TensorProto.UINT8
Value: TypeAlias = str  # the name of a tensor in the graph


class GraphWriter:
    """Collects nodes in order; every method returns the name of what it made."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._count = 0

    def input(self, name: str, shape: Sequence[int]) -> Value:
        """A float32 input of the whole graph."""
        self._inputs.append(helper.make_tensor_value_info(name, FLOAT, shape))
        return name

    def output(self, value: Value, name: str, shape: Sequence[int], *, kind: int = FLOAT) -> None:
        """Hand ``value`` out of the graph as ``name``."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def constant(self, array: NDArray[Any] | Sequence[int] | float) -> Value:
        """A tensor stored in the graph; Python floats become float32, integers int64."""
        value = np.asarray(array)
        if value.dtype == np.float64:
            value = value.astype(np.float32)
        name = self._fresh("c")
        self._constants.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
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

    def finish(self) -> bytes:
        """The serialised model, checked."""
        graph = helper.make_graph(
            self._nodes, self._name, self._inputs, self._outputs, self._constants
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
        )
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString())

    def _fresh(self, stem: str) -> str:
        self._count += 1
        return f"{stem}_{self._count}"
