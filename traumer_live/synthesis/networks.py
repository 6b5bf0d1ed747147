"""StyleGAN2 as the paper draws it, in torch: mapping z -> w and synthesis w_plus -> picture.

In: z (n, z_dim) or w_plus (n, num_ws, w_dim).  Out: pictures (n, 3, r, r), about -1..1.
Used on CUDA, for training and as the reference of the ONNX graph; the CPU show never imports this.

Sources: Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN"
(arXiv 1912.04958). State-dict names are those that published checkpoints carry, so that they load.

Modulated convolution is done with *static weights*: the style scales the incoming activations and
demodulation scales the result. Since convolution is linear this equals scaling the weights, needs
no per-sample weights, batches well, exports to every runtime, and is several times faster on a CPU.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from traumer_live.synthesis.config import (
    LRELU_GAIN,
    LRELU_SLOPE,
    GeneratorConfig,
    SynthesisLayerSpec,
)
from traumer_live.synthesis.exits import exit_resolutions

FIR_TAPS = (0.25, 0.75, 0.75, 0.25)  # [1, 3, 3, 1] / 4: a doubling keeps the mean
EPSILON = 1e-8
HALF_POWER = math.sqrt(0.5)  # keeps the variance of a sum of two


def leaky_relu(x: Tensor) -> Tensor:
    """The activation between all layers, variance kept."""
    return F.leaky_relu(x, LRELU_SLOPE) * LRELU_GAIN


class Linear(nn.Module):
    """Fully connected layer with an equalised learning rate."""

    def __init__(
        self, in_features: int, out_features: int, *, bias: float = 0.0, rate: float = 1.0
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_features, in_features) / rate)
        self.bias = nn.Parameter(torch.full((out_features,), bias))
        self.weight_gain = rate / math.sqrt(in_features)
        self.bias_gain = rate

    def forward(self, x: Tensor) -> Tensor:  # (n, in_features) -> (n, out_features)
        """Affine map of x."""
        return F.linear(x, self.weight * self.weight_gain, self.bias * self.bias_gain)


def normalised(x: Tensor) -> Tensor:  # (n, d) -> (n, d)
    """Every row with unit mean square."""
    return x * torch.rsqrt(x.square().mean(1, keepdim=True) + EPSILON)


class MappingNetwork(nn.Module):
    """z, a point of a Gaussian, to w, a point where directions mean something."""

    w_avg: Tensor

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.num_layers = config.mapping_layers
        if config.num_classes:
            self.embed = Linear(config.num_classes, config.embed_dim)
        for i, (before, after) in enumerate(pairwise(config.mapping_widths)):
            self.add_module(f"fc{i}", Linear(before, after, rate=0.01))
        self.register_buffer("w_avg", torch.zeros(config.w_dim))

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """One w (n, w_dim) per z (n, z_dim); labels (n, num_classes) where there are classes."""
        x = normalised(z)
        if labels is not None:
            x = torch.cat([x, normalised(self.embed(labels))], 1)
        for i in range(self.num_layers):
            x = leaky_relu(self.get_submodule(f"fc{i}")(x))
        return x


def fir_kernel(channels: int) -> Tensor:
    """The separable FIR as a depthwise kernel (channels, 1, 4, 4)."""
    taps = torch.tensor(FIR_TAPS)
    return torch.outer(taps, taps).expand(channels, 1, 4, 4)


def clamped(x: Tensor, limit: float | None) -> Tensor:
    """x cut to -limit..limit, as networks trained in half precision were."""
    return x if limit is None else x.clamp(-limit, limit)


def upsample_rgb(image: Tensor) -> Tensor:  # (n, c, h, w) -> (n, c, 2h, 2w)
    """Double an image or features with the [1, 3, 3, 1] FIR."""
    channels = image.shape[1]
    kernel = fir_kernel(channels).to(image)
    return F.conv_transpose2d(image, kernel, stride=2, padding=1, groups=channels)


class SynthesisLayer(nn.Module):
    """Modulated 3x3 convolution, noise, bias, leaky ReLU; doubles the resolution when ``up``."""

    noise_const: Tensor

    def __init__(self, spec: SynthesisLayerSpec, config: GeneratorConfig) -> None:
        super().__init__()
        self.up = spec.up
        self.clamp = config.conv_clamp
        self.affine = Linear(config.w_dim, spec.in_channels, bias=1.0)
        self.weight = nn.Parameter(torch.randn(spec.out_channels, spec.in_channels, 3, 3))
        self.bias = nn.Parameter(torch.zeros(spec.out_channels))
        self.noise_strength = nn.Parameter(torch.zeros([]))
        self.register_buffer("noise_const", torch.randn(config.extent(spec.resolution)))

    def convolve(self, x: Tensor) -> Tensor:  # (n, i, r, r) -> (n, o, r or 2r, ...)
        """The convolution with shared weights; up-sampling is a transposed one and the FIR."""
        if not self.up:
            return F.conv2d(x, self.weight, padding=1)
        y = F.conv_transpose2d(x, self.weight.transpose(0, 1), stride=2)
        channels = y.shape[1]
        return F.conv2d(y, fir_kernel(channels).to(y), padding=1, groups=channels)

    def forward(self, x: Tensor, w: Tensor, noise: Tensor) -> Tensor:
        """x (n, i, r, r) styled by w (n, w_dim); noise (1 or n, 1, r', r') is already scaled."""
        return self.styled(x, self.affine(w), noise)

    def styled(self, x: Tensor, style: Tensor, noise: Tensor) -> Tensor:
        """The same for a style (n, i) that is known."""
        energy = self.weight.square().sum((2, 3))  # (o, i)
        demodulation = torch.rsqrt(style.square() @ energy.t() + EPSILON)  # (n, o)
        y = self.convolve(x * style[:, :, None, None].to(x.dtype))  # (n, o, r', r')
        y = y * demodulation[:, :, None, None].to(y.dtype)
        y = y + noise.to(y.dtype) * self.noise_strength
        y = leaky_relu(y + self.bias.to(y.dtype).view(1, -1, 1, 1))
        return clamped(y, self.clamp)


class ToRGB(nn.Module):
    """Modulated 1x1 convolution to colour, without demodulation."""

    def __init__(self, channels: int, config: GeneratorConfig) -> None:
        super().__init__()
        self.affine = Linear(config.w_dim, channels, bias=1.0)
        self.weight = nn.Parameter(torch.randn(config.img_channels, channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(config.img_channels))
        self.weight_gain = 1 / math.sqrt(channels)
        self.clamp = config.conv_clamp

    def forward(self, x: Tensor, w: Tensor) -> Tensor:  # (n, c, r, r) -> (n, 3, r, r)
        """The picture that this resolution adds."""
        return self.styled(x, self.affine(w))

    def styled(self, x: Tensor, style: Tensor) -> Tensor:
        """The same for a style (n, c) that is known."""
        style = style * self.weight_gain
        y = F.conv2d(x * style[:, :, None, None].to(x.dtype), self.weight)
        return clamped(y + self.bias.view(1, -1, 1, 1), self.clamp)


class Skip(nn.Module):
    """Features of the resolution below, doubled, for a residual network to add."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, 1, 1))
        self.weight_gain = 1 / math.sqrt(in_channels)

    def forward(self, x: Tensor) -> Tensor:  # (n, i, h, w) -> (n, o, 2h, 2w)
        """x in fewer channels, doubled with the FIR."""
        return upsample_rgb(F.conv2d(x, self.weight * self.weight_gain))


class SynthesisBlock(nn.Module):
    """All layers of one resolution; a container that gives parameters their published names."""

    def __init__(self, resolution: int, config: GeneratorConfig) -> None:
        super().__init__()
        channels = config.channels(resolution)
        if resolution == 4:
            self.const = nn.Parameter(torch.randn(channels, *config.const_size))
        for spec in config.layers:
            if spec.resolution == resolution:
                self.add_module(spec.name.split(".")[1], SynthesisLayer(spec, config))
        if config.has_rgb(resolution):
            self.torgb = ToRGB(channels, config)
        if config.has_skip(resolution):
            self.skip = Skip(config.channels(resolution // 2), channels)


class SynthesisNetwork(nn.Module):
    """w_plus to picture: features grow from 4x4.

    In the skip architecture every resolution adds its colours; in the residual one features are
    added to those of the resolution below, and the last resolution alone turns to colour.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        for resolution in config.resolutions:
            self.add_module(f"b{resolution}", SynthesisBlock(resolution, config))
        # What the layers behind an exit add on average: exits.later_colour, set by who loads.
        for resolution in exit_resolutions(config)[:-1]:
            nothing = torch.zeros(config.img_channels, 1, 1)
            self.register_buffer(f"later_colour{resolution}", nothing, persistent=False)

    def noise_inputs(self, mode: str = "const", *, batch: int = 1) -> list[Tensor]:
        """One (1 or batch, 1, r, r) plane per layer: the stored ones, fresh ones, or zeros."""
        stored = [self.layer(spec).noise_const[None, None] for spec in self.config.layers]
        if mode == "random":
            return [torch.randn(batch, *plane.shape[1:]).to(plane) for plane in stored]
        return [torch.zeros_like(plane) for plane in stored] if mode == "none" else stored

    def block(self, resolution: int) -> SynthesisBlock:
        """The layers of ``resolution``."""
        module = self.get_submodule(f"b{resolution}")
        assert isinstance(module, SynthesisBlock)
        return module

    def layer(self, spec: SynthesisLayerSpec) -> SynthesisLayer:
        """The module that ``spec`` describes."""
        module = self.get_submodule(spec.name)
        assert isinstance(module, SynthesisLayer)
        return module

    def forward(
        self,
        w_plus: Tensor,
        *,
        noise: Sequence[Tensor] | None = None,
        noise_gain: float | Tensor = 1.0,
        exit_resolution: int | None = None,
    ) -> Tensor:
        """Pictures (n, 3, r, r) from w_plus (n, num_ws, w_dim).

        Args:
            w_plus: one w per row, rows from coarse to fine.
            noise: a plane per layer; None takes the stored ones.
            noise_gain: scales every noise plane on top of the trained strengths.
            exit_resolution: stop here and return the sum of RGB so far with the average of what
                is left out; None runs to the end.
        """
        planes = self.noise_inputs() if noise is None else noise
        x = self.block(4).const.expand(len(w_plus), -1, -1, -1)
        image: Tensor | None = None
        for resolution in self.config.resolutions:
            below = x
            for spec, plane in zip(self.config.layers, planes, strict=True):
                if spec.resolution == resolution:
                    x = self.layer(spec)(x, w_plus[:, spec.row], plane * noise_gain)
            if self.config.has_skip(resolution):
                x = (self.block(resolution).skip(below) + x) * HALF_POWER
            image = self.coloured(resolution, x, w_plus, image)
            if resolution == exit_resolution:
                break
        assert image is not None
        return image if exit_resolution is None else self.at_exit(image, exit_resolution)

    def at_exit(self, image: Tensor, resolution: int) -> Tensor:
        """The sum of RGB so far, at one of the exits, with the average of what follows."""
        if resolution == self.config.resolution:
            return image
        return image + self.get_buffer(f"later_colour{resolution}")

    def coloured(
        self, resolution: int, x: Tensor, w_plus: Tensor, image: Tensor | None
    ) -> Tensor | None:
        """The picture so far, doubled, with the colours that this resolution adds."""
        if not self.config.has_rgb(resolution):
            return image
        rgb: Tensor = self.block(resolution).torgb(x, w_plus[:, self.config.rgb_row(resolution)])
        return rgb if image is None else upsample_rgb(image) + rgb


class StyleGAN2(nn.Module):
    """Mapping and synthesis under the names that checkpoints use."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        self.mapping = MappingNetwork(config)
        self.synthesis = SynthesisNetwork(config)


def to_rgb255(image: Tensor) -> Tensor:  # (n, 1 or 3, h, w) -> (n, 3, h, w)
    """Network output, about -1..1, on the scale 0..255, clipped but not yet rounded."""
    return (image * 127.5 + 128).clamp(0, 255).expand(-1, 3, -1, -1)
