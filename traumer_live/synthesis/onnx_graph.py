"""The synthesis of StyleGAN2 as an ONNX graph, written from the tensors without torch.

In: a Checkpoint.  Out: an OnnxModel.  Thread: any.

Graph inputs:  w_plus (num_ws, w_dim) · noise_gain () · noise_0 .. noise_n (h, w), one per layer.
Graph outputs: rgba (H, W, 4) uint8 · rgb (1, 3, H, W) float32 on the scale 0..255, before cutting ·
level () the mean before clipping. A graph of an early exit has fewer layers and a smaller picture.
(One graph with every exit as outputs was tried: onnxruntime computes all of it whatever is asked.)

Noise is one input per layer and not one flat vector: the runtime then reads the caller's planes in
place instead of slicing copies off a vector.  The float output is a value that the graph computes
anyway, so it costs nothing.

Up-sampling is a transposed convolution and the FIR as a depthwise one. Measured against it at
256 pixels, interleaved in one process, one thread, minima of 40 rounds (14.2 ms before the bias
rode on the FIR and the RGB styles scaled weights, 12.9 ms since): convolutions to four phases with
the FIR behind them +19 %, with the FIR folded in +38 %, folded in at 128 and 256 pixels only +10 %.
Within 1 % of it, over 150 rounds: a separable FIR, styles on the weights of the up-sampling layers,
the RGB doubled by a linear resize. A matrix product for the RGB cost 3 %.

Everything that does not depend on the inputs is folded into constants: gains of the equalised
learning rate, the gain of the leaky ReLU (which a positive factor passes through), 127.5 and 128.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from traumer_live.core.graph_store import OnnxModel
from traumer_live.core.onnx_writer import GraphWriter, Value
from traumer_live.core.types import Array
from traumer_live.synthesis.alias_free_config import AliasFreeConfig
from traumer_live.synthesis.checkpoint import Checkpoint
from traumer_live.synthesis.config import (
    LRELU_GAIN,
    LRELU_SLOPE,
    GeneratorConfig,
    SynthesisLayerSpec,
)
from traumer_live.synthesis.exits import later_colour
from traumer_live.synthesis.onnx_picture import RGB_GAIN, RGB_OFFSET, write_picture

FIR_TAPS = np.array([0.25, 0.75, 0.75, 0.25], np.float32)  # [1, 3, 3, 1] / 4
EPSILON = 1e-8
HALF_POWER = math.sqrt(0.5)  # keeps the variance of a sum of two


def build_graph(checkpoint: Checkpoint, exit_resolution: int | None = None) -> OnnxModel:
    """The synthesis network of ``checkpoint``, or of its part up to an exit."""
    if isinstance(checkpoint.config, GeneratorConfig):
        return SynthesisGraph(checkpoint.config, checkpoint.tensors, exit_resolution).build()
    from traumer_live.synthesis.alias_free_graph import AliasFreeGraph

    assert isinstance(checkpoint.config, AliasFreeConfig)
    return AliasFreeGraph(checkpoint.config, checkpoint.tensors).build()


def noise_input(index: int) -> str:
    """Name of the graph input that takes the noise plane of layer ``index``."""
    return f"noise_{index}"


class SynthesisGraph:
    """Writes one network, layer by layer in the order of the torch reference."""

    def __init__(
        self,
        config: GeneratorConfig,
        tensors: Mapping[str, Array],
        exit_resolution: int | None = None,
    ) -> None:
        self.config = config
        self.end = config.resolution if exit_resolution is None else exit_resolution
        self.g = GraphWriter("synthesis")
        self._tensors = tensors

    def build(self) -> OnnxModel:
        """The whole network, or what of it comes before the exit."""
        config, g = self.config, self.g
        w_plus = g.input("w_plus", (config.num_ws, config.w_dim))
        noise_gain = g.input("noise_gain", ())
        rows = g.ops("Split", w_plus, outputs=config.num_ws, axis=0)  # (1, w_dim) each
        x = g.constant(self.tensor("b4.const")[None])  # (1, c, 4, 4)
        image: Value | None = None
        for resolution in config.resolutions:
            below = x
            for index, spec in enumerate(config.layers):
                if spec.resolution == resolution:
                    noise = g.input(noise_input(index), config.extent(resolution))
                    x = self.layer(spec, x, rows[spec.row], g.op("Mul", noise, noise_gain))
            if config.has_skip(resolution):
                x = g.op("Add", self.skip(resolution, below), x)
            if config.has_rgb(resolution):
                rgb = self.to_rgb(resolution, x, rows[config.rgb_row(resolution)])
                image = rgb if image is None else g.op("Add", self.doubled(image), rgb)
            if resolution == self.end:
                break
        assert image is not None
        write_picture(g, image, config.extent(self.end), colours=config.img_channels)
        return g.finish()

    def tensor(self, name: str) -> Array:
        """A tensor of the synthesis network."""
        return self._tensors[f"synthesis.{name}"]

    def style(self, prefix: str, row: Value, gain: float = 1.0) -> Value:
        """(1, channels): the affine map of one row of w_plus, times ``gain``."""
        weight = self.tensor(f"{prefix}.affine.weight")
        weight = weight * (gain / math.sqrt(weight.shape[1]))
        bias = self.tensor(f"{prefix}.affine.bias") * gain
        g = self.g
        return g.op("Gemm", row, g.constant(weight), g.constant(bias), transB=1)

    def demodulation(self, weight: Array, style: Value, gain: float) -> Value:
        """(1, o): brings every output channel back to unit variance, times ``gain``."""
        g = self.g
        energy = np.square(weight).sum((2, 3)) / gain**2  # (o, i)
        power = g.op(
            "Gemm",
            g.op("Mul", style, style),
            g.constant(energy),
            g.constant(EPSILON / gain**2),
            transB=1,
        )
        return g.op("Reciprocal", g.op("Sqrt", power))

    def layer(self, spec: SynthesisLayerSpec, x: Value, row: Value, noise: Value) -> Value:
        """Modulated 3x3 convolution, noise, bias, leaky ReLU.  (1, i, r, r) -> (1, o, r', r')."""
        g = self.g
        weight = self.tensor(f"{spec.name}.weight")
        halved = self.config.has_skip(spec.resolution) and not spec.up
        gain = LRELU_GAIN * (HALF_POWER if halved else 1.0)
        bias = self.tensor(f"{spec.name}.bias") * gain
        strength = float(self.tensor(f"{spec.name}.noise_strength")) * gain
        style = self.style(spec.name, row)
        demodulation = self.as_channels(self.demodulation(weight, style, gain), spec.out_channels)
        x = g.op("Mul", x, self.as_channels(style, spec.in_channels))
        convolution = self.up_convolution if spec.up else self.convolution
        y = convolution(x, weight, demodulation, bias)
        y = g.op("Add", y, g.op("Mul", noise, g.constant(strength)))
        return self.clamped(g.op("LeakyRelu", y, alpha=LRELU_SLOPE), gain / LRELU_GAIN)

    def as_channels(self, vector: Value, channels: int) -> Value:
        """(1, c) -> (1, c, 1, 1)."""
        return self.g.op("Reshape", vector, self.g.constant([1, channels, 1, 1]))

    def convolution(self, x: Value, weight: Array, scale: Value, bias: Array) -> Value:
        """3x3, same size, scaled and biased."""
        g = self.g
        y = g.op("Conv", x, g.constant(weight), pads=[1, 1, 1, 1])
        return g.op("Add", g.op("Mul", y, scale), g.constant(bias.reshape(1, -1, 1, 1)))

    def up_convolution(self, x: Value, weight: Array, scale: Value, bias: Array) -> Value:
        """3x3 transposed with stride 2, scaled; then the FIR, which adds the bias on its way."""
        g, channels = self.g, weight.shape[0]
        y = g.op("ConvTranspose", x, g.constant(weight.transpose(1, 0, 2, 3)), strides=[2, 2])
        y = g.op("Mul", y, scale)
        fir = g.constant(fir_kernel(channels))
        return g.op("Conv", y, fir, g.constant(bias), pads=[1, 1, 1, 1], group=channels)

    def to_rgb(self, resolution: int, x: Value, row: Value) -> Value:
        """Modulated 1x1 convolution to colour on the scale 0..255, centred on 0."""
        g = self.g
        name, channels = f"b{resolution}.torgb", self.config.channels(resolution)
        weight = self.tensor(f"{name}.weight")  # (3, c, 1, 1)
        style = self.style(name, row, RGB_GAIN / math.sqrt(channels))
        # Three rows of weights are far smaller than the features: the style scales the weights.
        weight_now = g.op("Mul", g.constant(weight), self.as_channels(style, channels))
        bias = self.tensor(f"{name}.bias") * RGB_GAIN
        offset: Array | float = 0.0
        if resolution == self.end:  # with what the layers behind an exit would have added
            offset = RGB_OFFSET + RGB_GAIN * later_colour(self._tensors, self.config, self.end)
        if self.config.conv_clamp is None:
            return g.op("Conv", x, weight_now, g.constant(bias + offset))
        y = self.clamped(g.op("Conv", x, weight_now, g.constant(bias)), RGB_GAIN)
        return g.op("Add", y, g.constant(np.reshape(offset, (1, -1, 1, 1))))

    def skip(self, resolution: int, x: Value) -> Value:
        """Features of the resolution below in fewer channels, doubled."""
        weight = self.tensor(f"b{resolution}.skip.weight")  # (o, i, 1, 1)
        weight = weight * (HALF_POWER / math.sqrt(weight.shape[1]))
        return self.upsample(self.g.op("Conv", x, self.g.constant(weight)), len(weight))

    def doubled(self, image: Value) -> Value:
        """The picture so far, at the next resolution."""
        return self.upsample(image, self.config.img_channels)

    def upsample(self, x: Value, channels: int) -> Value:
        """Double with the FIR."""
        kernel = self.g.constant(fir_kernel(channels))
        pads = [1, 1, 1, 1]
        return self.g.op("ConvTranspose", x, kernel, strides=[2, 2], pads=pads, group=channels)

    def clamped(self, x: Value, scale: float) -> Value:
        """x cut where the network was cut in training; x stands on ``scale``."""
        limit = self.config.conv_clamp
        if limit is None:
            return x
        g = self.g
        return g.op("Clip", x, g.constant(-limit * scale), g.constant(limit * scale))


def fir_kernel(channels: int) -> Array:
    """The separable FIR as a depthwise kernel (channels, 1, 4, 4)."""
    return np.tile(np.outer(FIR_TAPS, FIR_TAPS), (channels, 1, 1, 1))
