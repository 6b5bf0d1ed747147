"""StyleGAN2 for painting on a graphics card: half precision at high resolutions (torch).

In: a SynthesisNetwork and the resolution from which on halves are used.  Out: pictures (n, 3, r, r)
float32, as the network's own.  Thread: the generator's.

Half precision ends at 65,504. So styles and weights are brought below one before they meet the
features, and what that took away is put back into the demodulation, which is computed in single
precision: the result is the same in exact numbers. Colours are summed in single precision. Features
lie channels last, as tensor cores want them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from traumer_live.synthesis.networks import (
    EPSILON,
    HALF_POWER,
    Skip,
    SynthesisLayer,
    SynthesisNetwork,
    ToRGB,
    clamped,
    fir_kernel,
    leaky_relu,
    upsample_rgb,
)

HALVED = 4  # resolutions from the top, as NVIDIA trains and paints
SMALLEST = 64  # pixels: below it nothing is gained
TINY = 1e-12


def half_from(resolution: int) -> int:
    """The first resolution of a network that is painted in halves."""
    return max(resolution >> (HALVED - 1), SMALLEST)


class HalfSynthesis(nn.Module):
    """The same network with its large layers in half precision; painting only."""

    def __init__(
        self, network: SynthesisNetwork, *, first: int, dtype: torch.dtype = torch.float16
    ) -> None:
        super().__init__()
        self.whole, self.first, self.dtype = network, first, dtype
        config = network.config
        self.layers = nn.ModuleDict(
            {
                spec.name.replace(".", "_"): HalfLayer(network.layer(spec), dtype)
                for spec in config.layers
                if spec.resolution >= first
            }
        )
        large = [r for r in config.resolutions if r >= first]
        self.colours = nn.ModuleDict(
            {str(r): HalfToRGB(network.block(r).torgb, dtype) for r in large if config.has_rgb(r)}
        )
        self.skips = nn.ModuleDict(
            {str(r): HalfSkip(network.block(r).skip, dtype) for r in large if config.has_skip(r)}
        )

    def noise_inputs(self) -> list[Tensor]:
        """The stored planes."""
        return self.whole.noise_inputs()

    def forward(
        self,
        w_plus: Tensor,
        *,
        noise: Sequence[Tensor] | None = None,
        noise_gain: float | Tensor = 1.0,
        exit_resolution: int | None = None,
    ) -> Tensor:
        """As ``SynthesisNetwork.forward``."""
        config = self.whole.config
        planes = self.noise_inputs() if noise is None else noise
        x = self.whole.block(4).const.expand(len(w_plus), -1, -1, -1)
        image: Tensor | None = None
        for resolution in config.resolutions:
            if resolution == self.first:
                x = x.to(self.dtype, memory_format=torch.channels_last)
            below = x
            for spec, plane in zip(config.layers, planes, strict=True):
                if spec.resolution == resolution:
                    x = self._layer(spec.name)(x, w_plus[:, spec.row], plane * noise_gain)
            if config.has_skip(resolution):
                x = (self._skip(resolution)(below) + x) * HALF_POWER
            if config.has_rgb(resolution):
                rgb = self._to_rgb(resolution)(x, w_plus[:, config.rgb_row(resolution)])
                image = rgb if image is None else upsample_rgb(image) + rgb
            if resolution == exit_resolution:
                break
        assert image is not None
        return image if exit_resolution is None else self.whole.at_exit(image, exit_resolution)

    def _layer(self, name: str) -> nn.Module:
        key = name.replace(".", "_")
        return self.layers[key] if key in self.layers else self.whole.get_submodule(name)

    def _to_rgb(self, resolution: int) -> nn.Module:
        key = str(resolution)
        return self.colours[key] if key in self.colours else self.whole.block(resolution).torgb

    def _skip(self, resolution: int) -> nn.Module:
        key = str(resolution)
        return self.skips[key] if key in self.skips else self.whole.block(resolution).skip


class HalfLayer(nn.Module):
    """``SynthesisLayer`` for features in half precision."""

    def __init__(self, layer: SynthesisLayer, dtype: torch.dtype) -> None:
        super().__init__()
        self.up, self.clamp, self.affine = layer.up, layer.clamp, layer.affine
        weight = layer.weight.detach()
        scale = math.sqrt(weight[0].numel()) * weight.abs().amax((1, 2, 3)).clamp(min=TINY)  # (o,)
        small = weight / scale.view(-1, 1, 1, 1)
        if self.up:
            small = small.transpose(0, 1)
        self.weight = kept(small.to(dtype, memory_format=torch.channels_last))
        self.scale = kept(scale)
        self.energy = kept(weight.square().sum((2, 3)))  # (o, i)
        self.fir = kept(fir_kernel(len(weight)).contiguous().to(dtype))
        self.bias = kept(layer.bias.detach().to(dtype).view(1, -1, 1, 1))
        self.noise_strength = layer.noise_strength

    def forward(self, x: Tensor, w: Tensor, noise: Tensor) -> Tensor:
        """x (n, i, r, r) in half precision -> (n, o, r', r') in half precision."""
        style, peak = below_one(self.affine(w))  # (n, i), (n, 1)
        power = (style * peak).square() @ self.energy.t()
        demodulation = torch.rsqrt(power + EPSILON) * peak * self.scale  # (n, o)
        y = self.convolve(x * style[:, :, None, None].to(x.dtype))
        y = y * demodulation[:, :, None, None].to(y.dtype)
        y = y + (noise * self.noise_strength).to(y.dtype) + self.bias
        return clamped(leaky_relu(y), self.clamp)

    def convolve(self, x: Tensor) -> Tensor:
        """As ``SynthesisLayer.convolve``."""
        if not self.up:
            return F.conv2d(x, self.weight, padding=1)
        y = F.conv_transpose2d(x, self.weight, stride=2)
        return F.conv2d(y, self.fir, padding=1, groups=len(self.fir))


class HalfToRGB(nn.Module):
    """``ToRGB`` of features in half precision; its colours are single."""

    def __init__(self, layer: ToRGB, dtype: torch.dtype) -> None:
        super().__init__()
        self.affine, self.clamp, self.weight_gain = layer.affine, layer.clamp, layer.weight_gain
        self.weight = kept(layer.weight.detach().to(dtype, memory_format=torch.channels_last))
        self.bias = kept(layer.bias.detach().view(1, -1, 1, 1))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """x (n, c, r, r) -> (n, 3, r, r) float32."""
        style, peak = below_one(self.affine(w) * self.weight_gain)
        y = F.conv2d(x * style[:, :, None, None].to(x.dtype), self.weight).float()
        return clamped(y * peak[:, :, None, None] + self.bias, self.clamp)


class HalfSkip(nn.Module):
    """``Skip`` of features in half precision."""

    def __init__(self, layer: Skip, dtype: torch.dtype) -> None:
        super().__init__()
        weight = layer.weight.detach() * layer.weight_gain
        self.weight = kept(weight.to(dtype, memory_format=torch.channels_last))

    def forward(self, x: Tensor) -> Tensor:
        """(n, i, h, w) -> (n, o, 2h, 2w)."""
        return upsample_rgb(F.conv2d(x.to(self.weight.dtype), self.weight))


def kept(tensor: Tensor) -> nn.Parameter:
    """A tensor that moves with its module and is not trained."""
    return nn.Parameter(tensor, requires_grad=False)


def below_one(style: Tensor) -> tuple[Tensor, Tensor]:
    """A style (n, c) within -1..1, and what it was divided by (n, 1)."""
    peak = style.abs().amax(1, keepdim=True).clamp(min=TINY)
    return style / peak, peak
