"""The synthesis of StyleGAN3 as an ONNX graph, written from the tensors without torch.

In: configuration and tensors.  Out: an OnnxModel.  Thread: any.

Graph input:   w_plus (num_ws, w_dim).
Graph outputs: rgba (H, W, 4) uint8 · rgb (1, 3, H, W) float32 on the scale 0..255, before cutting ·
               level () the mean before clipping.

The mathematics is that of ``alias_free_networks.py``. Everything that does not depend on the input
is folded into constants: normalised weights, input magnitudes, the gain of the leaky ReLU (into the
filter before it), the scale of the output.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from traumer_live.core.graph_store import OnnxModel
from traumer_live.core.onnx_writer import GraphWriter, Value
from traumer_live.core.types import Array
from traumer_live.synthesis.alias_free_config import AliasFreeConfig, AliasFreeLayer
from traumer_live.synthesis.config import LRELU_GAIN, LRELU_SLOPE
from traumer_live.synthesis.onnx_picture import RGB_GAIN, RGB_OFFSET, write_picture

FIRST_CUTOFF = 2.0  # cycles across the picture: the highest wave of the input
OUTPUT_SCALE = 0.25
EPSILON = 1e-8
# Up to this size a dense product with the (mostly empty) matrix of the up filter is faster than a
# transposed convolution: raising took 187 ms of a 256-pixel T where it took 237 without products,
# 194 with products to 60 and 225 to 150 (one thread, scaled by the convolutions beside them).
# Phases by depthwise convolutions, woven by DepthToSpace, were 40 % slower in all.
LARGEST_PRODUCT = 100  # samples on a side


class AliasFreeGraph:
    """Writes one network, layer by layer in the order of the torch reference."""

    def __init__(self, config: AliasFreeConfig, tensors: Mapping[str, Array]) -> None:
        self.config = config
        self.g = GraphWriter("synthesis")
        self._tensors = tensors

    def build(self) -> OnnxModel:
        """The whole network."""
        config, g = self.config, self.g
        w_plus = g.input("w_plus", (config.num_ws, config.w_dim))
        rows = g.ops("Split", w_plus, outputs=config.num_ws, axis=0)  # (1, w_dim) each
        x = self.waves(rows[0])
        for layer in config.layers:
            write = self.to_rgb if layer.to_rgb else self.layer
            x = write(layer, x, rows[layer.row])
        write_picture(g, x, config.picture_size, colours=config.img_channels)
        return g.finish()

    def tensor(self, name: str) -> Array:
        """A tensor of the synthesis network."""
        return self._tensors[f"synthesis.{name}"]

    # -- the input -----------------------------------------------------------------------------

    def waves(self, row: Value) -> Value:
        """The first features (1, channels, height, width) from one row of w_plus."""
        g, channels = self.g, self.config.input_channels
        rows, columns = (self.places(size) for size in self.config.input_extent)
        turn, shift = self.moved(row)
        stored = g.constant(self.tensor("input.freqs"))
        freqs = g.op("MatMul", stored, turn)  # (channels, 2)
        moved = g.op("MatMul", stored, shift)  # (channels, 1)
        phases = g.op("Add", moved, g.constant(self.tensor("input.phases")[:, None]))
        x_freqs, y_freqs = g.ops("Split", freqs, outputs=2, axis=1)  # (channels, 1) each
        across = g.op("Unsqueeze", g.op("Mul", x_freqs, columns), g.constant([1]))
        down = g.op("Add", g.op("Mul", y_freqs, rows), phases)
        down = g.op("Unsqueeze", down, g.constant([2]))
        angle = g.op("Mul", g.op("Add", down, across), g.constant(2 * math.pi))
        strength = g.op("Reshape", self.strength(freqs), g.constant([channels, 1, 1]))
        waves = g.op("Unsqueeze", g.op("Mul", g.op("Sin", angle), strength), g.constant([0]))
        weight = self.tensor("input.weight") / np.float32(math.sqrt(channels))
        return g.op("Conv", waves, g.constant(weight[:, :, None, None]))

    def places(self, size: int) -> Value:
        """Where the samples along one side lie (1, size); the square picture is -0.5..0.5."""
        places = (np.arange(size, dtype=np.float32) + 0.5 - size / 2) / self.config.input_rate
        return self.g.constant(places[None].astype(np.float32))

    def moved(self, row: Value) -> tuple[Value, Value]:
        """What w and the stored transform do to places: a turn (2, 2) and a shift (2, 1)."""
        g = self.g
        t = self.affine("input", row)  # (1, 4): cosine, sine, right, down
        cosine, sine, right, down = g.ops("Split", t, outputs=4, axis=1)
        radius = g.op("Sqrt", g.op("Add", g.op("Mul", cosine, cosine), g.op("Mul", sine, sine)))
        cosine, sine, right, down = (
            g.op("Div", part, radius) for part in (cosine, sine, right, down)
        )
        above = g.op("Concat", cosine, g.op("Neg", sine), axis=1)
        rotation = g.op("Concat", above, g.op("Concat", sine, cosine, axis=1), axis=0)  # (2, 2)
        back = g.op("Neg", g.op("Concat", right, down, axis=0))  # (2, 1)
        transform = self.tensor("input.transform")
        turn = g.op("MatMul", rotation, g.constant(transform[:2, :2]))
        fixed = g.constant(transform[:2, 2:])
        return turn, g.op("MatMul", rotation, g.op("Add", back, fixed))

    def strength(self, freqs: Value) -> Value:
        """(channels, 1): waves too fast for the sampling rate fade out."""
        g = self.g
        speed = g.op("ReduceL2", freqs, axes=[1], keepdims=1)
        room = self.config.input_rate / 2 - FIRST_CUTOFF
        left = g.op(
            "Sub", g.constant(1 + FIRST_CUTOFF / room), g.op("Mul", speed, g.constant(1 / room))
        )
        return g.op("Clip", left, g.constant(0.0), g.constant(1.0))

    # -- the layers ----------------------------------------------------------------------------

    def affine(self, prefix: str, row: Value) -> Value:
        """(1, channels): the affine map of one row of w_plus."""
        weight = self.tensor(f"{prefix}.affine.weight")
        weight = weight / np.float32(math.sqrt(weight.shape[1]))
        bias = self.tensor(f"{prefix}.affine.bias")
        return self.g.op("Gemm", row, self.g.constant(weight), self.g.constant(bias), transB=1)

    def layer(self, layer: AliasFreeLayer, x: Value, row: Value) -> Value:
        """Modulated convolution, bias, filtered leaky ReLU.  (1, i, s, s) -> (1, o, s', s')."""
        g = self.g
        weight = self.tensor(f"{layer.name}.weight")
        weight = weight / np.sqrt(np.square(weight).mean((1, 2, 3), keepdims=True))
        style = self.affine(layer.name, row)
        power = g.op("ReduceMean", g.op("Mul", style, style), axes=[1], keepdims=1)
        style = g.op("Div", style, g.op("Sqrt", power))  # (1, i)
        energy = np.square(weight).sum((2, 3))  # (o, i)
        squares = g.op("Mul", style, style)
        power = g.op("Gemm", squares, g.constant(energy), g.constant(EPSILON), transB=1)
        demodulation = g.op("Reciprocal", g.op("Sqrt", power))  # (1, o)
        y = self.convolved(layer, x, style, weight)
        y = g.op("Mul", y, self.as_channels(demodulation, layer.out_channels))
        y = g.op("Add", y, g.constant(self.tensor(f"{layer.name}.bias").reshape(1, -1, 1, 1)))
        y = g.op("LeakyRelu", self.raised(layer, y), alpha=LRELU_SLOPE)
        return self.lowered(layer, self.clamped(y))

    def to_rgb(self, layer: AliasFreeLayer, x: Value, row: Value) -> Value:
        """The last layer: colour on the scale 0..255."""
        g = self.g
        gain = OUTPUT_SCALE * RGB_GAIN
        weight = self.tensor(f"{layer.name}.weight") * np.float32(
            gain / math.sqrt(layer.in_channels)
        )
        y = self.convolved(layer, x, self.affine(layer.name, row), weight)
        bias = self.tensor(f"{layer.name}.bias") * gain
        y = self.clamped(g.op("Add", y, g.constant(bias.reshape(1, -1, 1, 1))), gain)
        return g.op("Add", y, g.constant(RGB_OFFSET))

    def convolved(self, layer: AliasFreeLayer, x: Value, style: Value, weight: Array) -> Value:
        """Every place that the kernel touches; magnitudes brought to one first."""
        g = self.g
        magnitude = np.sqrt(self.tensor(f"{layer.name}.magnitude_ema"))
        x = g.op("Mul", x, self.as_channels(style, layer.in_channels))
        return g.op("Conv", x, g.constant(weight / magnitude), pads=[layer.kernel - 1] * 4)

    def raised(self, layer: AliasFreeLayer, x: Value) -> Value:
        """x at ``up`` times its rate, times the gain of the leaky ReLU, cut as the layer says."""
        g, channels = self.g, layer.out_channels
        fir = self.tensor(f"{layer.name}.up_filter") * np.float32(layer.up)
        before, after = layer.cuts
        height, width = (layer.filtered_size(stretch) for stretch in self.config.stretch)
        if max(height, width) <= LARGEST_PRODUCT:
            down, right = (raising_matrix(fir, layer, size) for size in (height, width))
            across = g.op("MatMul", x, g.constant(right.T * np.float32(LRELU_GAIN)))
            return g.op("MatMul", g.constant(down), across)
        for shape, gain in (((-1, 1), LRELU_GAIN), ((1, -1), 1.0)):
            kernel = np.tile((fir * np.float32(gain)).reshape(1, 1, *shape), (channels, 1, 1, 1))
            vertical = shape[0] == -1
            x = g.op(
                "ConvTranspose",
                x,
                g.constant(kernel),
                strides=[layer.up, 1] if vertical else [1, layer.up],
                pads=[before, 0, after, 0] if vertical else [0, before, 0, after],
                group=channels,
            )
        return x

    def lowered(self, layer: AliasFreeLayer, x: Value) -> Value:
        """x filtered and thinned to every ``down``-th sample."""
        fir = self.tensor(f"{layer.name}.down_filter")
        channels, down = layer.out_channels, layer.down
        for kernel in [fir] if layer.radial else [fir[:, None], fir[None]]:
            turned = np.tile(kernel[::-1, ::-1], (channels, 1, 1, 1))
            strides = [down if extent > 1 else 1 for extent in kernel.shape]
            weight = self.g.constant(turned)
            x = self.g.op("Conv", x, weight, strides=strides, group=channels)
        return x

    def clamped(self, x: Value, scale: float = 1.0) -> Value:
        """x cut where the network was cut in training; x stands on ``scale``."""
        limit = self.config.conv_clamp
        if limit is None:
            return x
        g = self.g
        return g.op("Clip", x, g.constant(-limit * scale), g.constant(limit * scale))

    def as_channels(self, vector: Value, channels: int) -> Value:
        """(1, c) -> (1, c, 1, 1)."""
        return self.g.op("Reshape", vector, self.g.constant([1, channels, 1, 1]))


def raising_matrix(fir: Array, layer: AliasFreeLayer, size: int) -> Array:
    """What raising and cutting does along one axis, as a matrix (raised, size)."""
    up = layer.up
    whole = np.zeros(((size - 1) * up + len(fir), size), np.float32)
    for place in range(size):
        whole[place * up : place * up + len(fir), place] = fir
    before, after = layer.cuts
    return np.ascontiguousarray(whole[before : len(whole) - after])
