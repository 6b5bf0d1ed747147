"""The two steps as ONNX graphs, written from the weights without torch.

In: ``Weights``.  Out: the graphs ``advance`` and ``finish``.  Thread: any; slow (it
imports the onnx package), so ``onnx_store.py`` keeps the result on disk.

The mathematics is that of ``numpy_steps.py``, line for line. Inputs and outputs are named after the
fields of ``Past``, ``Grown`` and ``Edge`` with the number of the layer, such as ``before3``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from traumer_live.core.graph_store import OnnxModel
from traumer_live.core.onnx_writer import END, GraphWriter
from traumer_live.embedding.checkpoint import Layer, Weights
from traumer_live.embedding.geometry import CHANNELS, EFFECTIVE_BINS, LAYERS, LayerShape

_START_FRAMES = LAYERS[0].pool.time + 1


def build_graphs(weights: Weights) -> dict[str, OnnxModel]:
    """Both graphs by name."""
    return {"advance": _advance_graph(weights), "finish": _finish_graph(weights)}


def _advance_graph(weights: Weights) -> OnnxModel:
    g = GraphWriter("advance")
    mel = g.input("mel", ["n", EFFECTIVE_BINS])
    columns = g.op("Unsqueeze", mel, g.constant([2]))  # (n, bins, 1)
    for layer, shape in zip(weights.layers, LAYERS, strict=True):
        columns = _LayerWriter(g, layer, shape).advance(columns)
    return g.finish()


def _finish_graph(weights: Weights) -> OnnxModel:
    g = GraphWriter("finish")
    start = g.input("start", [_START_FRAMES, EFFECTIVE_BINS])
    rest = g.input("rest", [6, 1, CHANNELS])
    writers = [_LayerWriter(g, *pair) for pair in zip(weights.layers, LAYERS, strict=True)]
    column = writers[0].open_window(g.op("Unsqueeze", start, g.constant([2])))
    for writer in writers[1:]:
        column = writer.edge(column)  # last: (1, 1, 128)
    first = g.op("Max", column, *(g.slice(rest, axis=0, start=k, end=k + 1) for k in range(2)))
    second = g.op("Max", *(g.slice(rest, axis=0, start=k, end=k + 1) for k in range(2, 6)))
    e = g.op("Reshape", g.op("Concat", first, second, axis=2), g.constant([1, -1]))  # (1, 256)
    dense, bias = g.constant(weights.dense), g.constant(weights.dense_bias)
    g.output(e, "e", weights.dense[None, :, 0].shape)
    tags = g.op("Sigmoid", g.op("Gemm", e, dense, bias))
    g.output(tags, "tags", [1, len(weights.dense_bias)])
    return g.finish()


class _LayerWriter:
    """Writes one layer: kept products, ReLU, batch norm, and the pools over mel and time."""

    def __init__(self, graph: GraphWriter, layer: Layer, shape: LayerShape) -> None:
        self._g, self._shape = graph, shape
        self._products_shape = (shape.bins_out, CHANNELS)
        self._pooled_shape = (shape.bins_pooled, CHANNELS)
        self._kernel = layer.kernel
        self._bias = graph.constant(layer.bias)
        self._gain, self._offset = graph.constant(layer.gain), graph.constant(layer.offset)

    def advance(self, columns: str) -> str:
        """New columns (n, bins, channels) -> the next layer's; what is to be kept goes out."""
        g, d, span = self._g, self._shape.dilation, self._shape.pool.time - 1
        before, centre, after = self._products(columns, taps=(0, 1, 2))
        active = self._activate(
            g.total(
                g.slice(self._behind("before", 2 * d, before), axis=0, start=0, end=-2 * d),
                g.slice(self._behind("centre", d, centre), axis=0, start=0, end=-d),
                after,
            )
        )
        run = g.op("Concat", self._past("active", span * d, self._pooled_shape), active, axis=0)
        made = {"before": before, "centre": centre, "after": after}
        for name, value in made.items():
            g.output(value, self._named(f"{name}_new"), ["n", *self._products_shape])
        g.output(active, self._named("active_new"), ["n", *self._pooled_shape])
        ends = [(k - span) * d or END for k in range(span + 1)]
        shifted = [g.slice(run, axis=0, start=k * d, end=end) for k, end in enumerate(ends)]
        return g.op("Max", *shifted)

    def open_window(self, start: str) -> str:
        """The first pooled column of a window from its first frames (pool.time + 1, bins, 1)."""
        g = self._g
        before, centre, after = self._products(start, taps=(0, 1, 2))
        nothing = g.constant(np.zeros((1, *self._products_shape), np.float32))
        summed = g.total(
            g.op("Concat", nothing, g.slice(before, axis=0, start=0, end=-2), axis=0),
            g.slice(centre, axis=0, start=0, end=-1),
            g.slice(after, axis=0, start=1),
        )
        return g.op("ReduceMax", self._activate(summed), axes=[0], keepdims=1)

    def edge(self, column: str) -> str:
        """A window's first input column (1, bins, channels) -> its first pooled column."""
        g = self._g
        before, centre = self._products(column, taps=(0, 1))
        second_after, second_centre, third_after = (
            self._past(name, 1, self._products_shape)
            for name in ("second_after", "second_centre", "third_after")
        )
        first = g.total(centre, second_after)
        second = g.total(before, second_centre, third_after)
        both = self._activate(g.op("Concat", first, second, axis=0))
        return g.op("ReduceMax", both, axes=[0], keepdims=1)

    def _behind(self, name: str, n: int, new: str) -> str:
        return self._g.op("Concat", self._past(name, n, self._products_shape), new, axis=0)

    def _past(self, name: str, n: int, shape: Sequence[int]) -> str:
        return self._g.input(self._named(name), [n, *shape])

    def _named(self, name: str) -> str:
        return f"{name}{self._shape.number}"

    def _products(self, columns: str, *, taps: Sequence[int]) -> list[str]:
        """Each column times the taps in time -> (n, bins_out, out) each."""
        g, step, bins = self._g, self._shape.bin_step, self._shape.bins_out
        padded = g.op("Pad", columns, g.constant([0, 1, 0, 0, 0, 0]))  # the bin below 0 Hz is zero
        last = step * (bins - 1) + 1
        stacked = g.op(
            "Concat",
            *(g.slice(padded, axis=1, start=k, end=k + last, step=step) for k in range(3)),
            axis=2,
        )  # (n, bins_out, 3 in)
        kernels = [g.constant(self._kernel[tap].reshape(-1, CHANNELS)) for tap in taps]
        return [g.op("MatMul", stacked, kernel) for kernel in kernels]

    def _activate(self, summed: str) -> str:
        """(n, bins_out, out) -> ReLU, batch norm, max over mel -> (n, bins_pooled, out)."""
        g, size = self._g, self._shape.pool.mel
        relu = g.op("Relu", g.op("Add", summed, self._bias))
        active = g.op("Add", g.op("Mul", relu, self._gain), self._offset)
        if size == 1:
            return active
        return g.op("Max", *(g.slice(active, axis=1, start=k, step=size) for k in range(size)))
