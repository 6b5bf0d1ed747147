"""The reference form of a StyleGAN2: the one that everything else is measured against.

In: a checkpoint's tensors, w_plus.  Out: pictures (1, 3, r, r) of about -1..1.  Thread: any.

It computes as the papers' code does, written anew and plainly: every sample gets convolution
weights of its own (modulated, demodulated, run as a grouped convolution), up-sampling is a
transposed convolution, and the FIR inserts zeros, pads, and convolves with the 4x4 kernel, without
custom operators. Only the skip architecture; that is what the published comparisons use.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from traumer_live.synthesis.checkpoint import Checkpoint
from traumer_live.synthesis.config import GeneratorConfig, SynthesisLayerSpec

SLOPE, GAIN = 0.2, math.sqrt(2)
EPSILON = 1e-8
TAPS = torch.outer(torch.tensor([1.0, 3.0, 3.0, 1.0]), torch.tensor([1.0, 3.0, 3.0, 1.0])) / 64


class ReferenceSynthesis:
    """The synthesis network in the form of the papers' code."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        assert isinstance(checkpoint.config, GeneratorConfig)
        assert checkpoint.config.architecture == "skip"
        self.config = checkpoint.config
        self._tensors = {
            name.removeprefix("synthesis."): torch.from_numpy(tensor)
            for name, tensor in checkpoint.tensors.items()
            if name.startswith("synthesis.")
        }

    @torch.inference_mode()
    def __call__(self, w_plus: Tensor) -> Tensor:
        """Pictures (n, 3, r, r) from w_plus (n, num_ws, w_dim)."""
        x = self._tensors["b4.const"][None].repeat(len(w_plus), 1, 1, 1)
        image: Tensor | None = None
        for resolution in self.config.resolutions:
            for spec in self.config.layers:
                if spec.resolution == resolution:
                    x = self._layer(spec, x, w_plus[:, spec.row])
            rgb = self._to_rgb(resolution, x, w_plus[:, self.config.rgb_row(resolution)])
            image = rgb if image is None else filtered(image, up=2, pads=(2, 1), gain=4) + rgb
        assert image is not None
        return image

    def _style(self, prefix: str, w: Tensor) -> Tensor:
        weight, bias = (self._tensors[f"{prefix}.affine.{part}"] for part in ("weight", "bias"))
        return F.linear(w, weight / math.sqrt(weight.shape[1]), bias)

    def _layer(self, spec: SynthesisLayerSpec, x: Tensor, w: Tensor) -> Tensor:
        t, name = self._tensors, spec.name
        y = modulated(x, t[f"{name}.weight"], self._style(name, w), up=spec.up, demodulate=True)
        y = y + t[f"{name}.noise_const"] * t[f"{name}.noise_strength"]
        y = y + t[f"{name}.bias"].view(1, -1, 1, 1)
        return F.leaky_relu(y, SLOPE) * GAIN

    def _to_rgb(self, resolution: int, x: Tensor, w: Tensor) -> Tensor:
        name = f"b{resolution}.torgb"
        weight = self._tensors[f"{name}.weight"]
        style = self._style(name, w) / math.sqrt(weight.shape[1])
        y = modulated(x, weight, style, up=False, demodulate=False)
        return y + self._tensors[f"{name}.bias"].view(1, -1, 1, 1)


def modulated(x: Tensor, weight: Tensor, style: Tensor, *, up: bool, demodulate: bool) -> Tensor:
    """x (n, i, h, w) convolved with weights of each sample's own, as groups of one convolution."""
    samples, inputs, height, width = x.shape
    outputs, _, kernel, _ = weight.shape
    own = weight[None] * style[:, None, :, None, None]  # (n, o, i, k, k)
    if demodulate:
        own = own * torch.rsqrt(own.square().sum((2, 3, 4), keepdim=True) + EPSILON)
    x = x.reshape(1, samples * inputs, height, width)
    if not up:
        own = own.reshape(samples * outputs, inputs, kernel, kernel)
        y = F.conv2d(x, own, padding=kernel // 2, groups=samples)
    else:
        own = own.transpose(1, 2).reshape(samples * inputs, outputs, kernel, kernel)
        y = F.conv_transpose2d(x, own, stride=2, groups=samples)
        y = filtered(y, up=1, pads=(1, 1), gain=4)
    return y.reshape(samples, outputs, *y.shape[2:])


def filtered(x: Tensor, *, up: int, pads: tuple[int, int], gain: float) -> Tensor:
    """Zeros between the samples, margins, then the FIR, channel by channel."""
    n, channels, height, width = x.shape
    x = x.reshape(n, channels, height, 1, width, 1)
    x = F.pad(x, [0, up - 1, 0, 0, 0, up - 1]).reshape(n, channels, height * up, width * up)
    x = F.pad(x, [*pads, *pads])
    kernel = (TAPS * gain).expand(channels, 1, 4, 4)
    return F.conv2d(x, kernel, groups=channels)
