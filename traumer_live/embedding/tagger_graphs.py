"""One layer of a tagging benchmark's network as an ONNX graph, written without torch.

In: its weights.  Out: an OnnxModel.  Thread: any; slow (it imports the onnx package), so
``onnx_store.py`` keeps the result on disk.

The mathematics is that of ``tagger_steps.py``, line for line.
"""

from __future__ import annotations

from traumer_live.core.graph_store import OnnxModel
from traumer_live.core.onnx_writer import GraphWriter
from traumer_live.core.types import Array
from traumer_live.embedding.tagger_weights import Conv, Residual


def fcn_layer(conv: Conv, *, mel_pool: int, norm: tuple[Array, Array] | None = None) -> OnnxModel:
    """Columns with their neighbours -> convolution, ReLU, pool over mel.

    ``norm``: gain and offset of a batch norm after the ReLU.
    """
    g = GraphWriter("fcn_layer")
    out, into = conv.kernel.shape[:2]
    x = g.input("neighbours", ["n", into, "bins", 3])
    y = g.op("Relu", _convolved(g, x, conv))
    if norm is not None:
        gain, offset = (g.constant(part[:, None, None]) for part in norm)
        y = g.op("Add", g.op("Mul", y, gain), offset)
    y = g.op("MaxPool", y, kernel_shape=[mel_pool, 1], strides=[mel_pool, 1])
    g.output(g.op("Squeeze", y, g.constant([3])), "active", ["n", out, "pooled"])
    return g.finish()


def short_chunk_layer(layer: Residual) -> OnnxModel:
    """A strip of columns -> half as many, less those that lack a neighbour."""
    g = GraphWriter("short_chunk_layer")
    out, into = layer.first.kernel.shape[:2]
    x = g.input("columns", [1, into, "bins", "n"])
    inside = g.input("inside", ["between"])
    between = g.op("Mul", g.op("Relu", _convolved(g, x, layer.first, stride=2)), inside)
    middle = g.slice(x, axis=3, start=2, end=-2)
    beside = _convolved(g, middle, layer.beside, stride=2)
    y = g.op("Relu", g.op("Add", _convolved(g, between, layer.second), beside))
    g.output(y, "strip", [1, out, "half", "made"])
    return g.finish()


def _convolved(g: GraphWriter, x: str, conv: Conv, *, stride: int = 1) -> str:
    """Padded over mel, not over time."""
    kernel, bias = g.constant(conv.kernel), g.constant(conv.bias)
    return g.op("Conv", x, kernel, bias, pads=[1, 0, 1, 0], strides=[stride, stride])
