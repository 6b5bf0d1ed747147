"""StyleGAN3 as the paper draws it, in torch: w_plus -> picture without aliasing.

In: w_plus (n, num_ws, w_dim).  Out: pictures (n, 3, r, r), about -1..1.
Used on CUDA and as the reference of the ONNX graph; the CPU show never imports this.

Karras et al. 2021, "Alias-Free Generative Adversarial Networks" (arXiv 2106.12423). Features are
samples of a continuous signal. It starts as waves (Fourier features) that w turns and shifts; a
convolution only mixes it; and the leaky ReLU, which would fold high frequencies down, runs at a
higher rate between two low-pass filters. The filters are those stored with the weights.

Convolutions have static weights, as in ``networks.py``: styles scale what comes in, demodulation
what goes out. State-dict names are those of published checkpoints.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from traumer_live.synthesis.alias_free_config import AliasFreeConfig, AliasFreeLayer
from traumer_live.synthesis.config import LRELU_GAIN, LRELU_SLOPE
from traumer_live.synthesis.networks import EPSILON, Linear, clamped

FIRST_CUTOFF = 2.0  # cycles across the picture: the highest wave of the input
OUTPUT_SCALE = 0.25


class FourierInput(nn.Module):
    """Waves across the picture and its margin, turned and shifted by w, mixed to features."""

    freqs: Tensor
    phases: Tensor
    transform: Tensor
    rows: Tensor
    columns: Tensor

    def __init__(self, config: AliasFreeConfig) -> None:
        super().__init__()
        channels = config.input_channels
        self.rate = config.input_rate
        self.affine = Linear(config.w_dim, 4)
        self.weight = nn.Parameter(torch.randn(channels, channels))
        self.register_buffer("freqs", torch.randn(channels, 2))
        self.register_buffer("phases", torch.rand(channels))
        self.register_buffer("transform", torch.eye(3))
        for name, size in zip(("rows", "columns"), config.input_extent, strict=True):
            places = (torch.arange(size) + 0.5 - size / 2) / self.rate  # picture: -0.5..0.5
            self.register_buffer(name, places, persistent=False)

    def forward(self, w: Tensor) -> Tensor:  # (n, w_dim) -> (n, channels, height, width)
        """The first features."""
        turn, shift = self.moved(w)
        freqs = self.freqs @ turn  # (n, channels, 2)
        phases = self.phases + (self.freqs @ shift)[..., 0]  # (n, channels)
        excess = (freqs.norm(dim=2) - FIRST_CUTOFF) / (self.rate / 2 - FIRST_CUTOFF)
        strength = (1 - excess).clamp(0, 1)  # waves too fast for the rate fade out
        across = self.columns * freqs[..., :1]  # (n, channels, width)
        down = self.rows * freqs[..., 1:] + phases[..., None]  # (n, channels, height)
        waves = torch.sin(2 * math.pi * (down[..., :, None] + across[..., None, :]))
        waves = waves * strength[..., None, None]  # (n, channels, height, width)
        weight = self.weight / math.sqrt(len(self.weight))
        return F.conv2d(waves, weight[:, :, None, None])

    def moved(self, w: Tensor) -> tuple[Tensor, Tensor]:
        """What w and the stored transform do to places: a turn (n, 2, 2) and a shift (n, 2, 1)."""
        t = self.affine(w)  # (n, 4): cosine, sine, right, down
        cosine, sine, right, down = (t / t[:, :2].norm(dim=1, keepdim=True)).unbind(1)
        turn = torch.stack([cosine, -sine, sine, cosine], 1).view(-1, 2, 2)
        shift = -turn @ torch.stack([right, down], 1)[..., None]  # (n, 2, 1)
        return turn @ self.transform[:2, :2], turn @ self.transform[:2, 2:] + shift


class AliasFreeSynthesisLayer(nn.Module):
    """Modulated convolution, then the leaky ReLU between its filters."""

    magnitude_ema: Tensor

    def __init__(self, layer: AliasFreeLayer, config: AliasFreeConfig) -> None:
        super().__init__()
        self.layer = layer
        self.clamp = config.conv_clamp
        kernel = layer.kernel
        self.affine = Linear(config.w_dim, layer.in_channels, bias=1.0)
        shape = (layer.out_channels, layer.in_channels, kernel, kernel)
        self.weight = nn.Parameter(torch.randn(shape))
        self.bias = nn.Parameter(torch.zeros(layer.out_channels))
        self.register_buffer("magnitude_ema", torch.ones([]))
        if not layer.to_rgb:
            self.register_buffer("up_filter", torch.zeros(layer.up_taps))
            taps = (layer.down_taps,) * (1 + layer.radial)
            self.register_buffer("down_filter", torch.zeros(taps))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:  # (n, i, s, s) -> (n, o, s', s')
        """x styled by w (n, w_dim)."""
        style = self.affine(w)  # (n, i)
        if self.layer.to_rgb:
            style = style / math.sqrt(self.layer.in_channels)
            y = self.convolved(x, style, self.weight)
            return clamped(y + self.bias.view(1, -1, 1, 1), self.clamp)
        weight = self.weight * self.weight.square().mean((1, 2, 3), keepdim=True).rsqrt()
        style = style * style.square().mean(1, keepdim=True).rsqrt()
        energy = weight.square().sum((2, 3))  # (o, i)
        demodulation = torch.rsqrt(style.square() @ energy.t() + EPSILON)  # (n, o)
        y = self.convolved(x, style, weight) * demodulation[:, :, None, None]
        return self.activated(y + self.bias.view(1, -1, 1, 1))

    def convolved(self, x: Tensor, style: Tensor, weight: Tensor) -> Tensor:
        """Every place that the kernel touches; magnitudes brought to one first."""
        gain = self.magnitude_ema.rsqrt()
        return F.conv2d(x * (style * gain)[:, :, None, None], weight, padding=self.layer.kernel - 1)

    def activated(self, x: Tensor) -> Tensor:
        """Leaky ReLU at a higher rate, between the low-pass filters."""
        layer = self.layer
        fir = self.get_buffer("up_filter") * layer.up
        x = raised(x, fir, layer)
        x = clamped(F.leaky_relu(x, LRELU_SLOPE) * LRELU_GAIN, self.clamp)
        return lowered(x, self.get_buffer("down_filter"), layer.down)


def raised(x: Tensor, fir: Tensor, layer: AliasFreeLayer) -> Tensor:
    """x at ``up`` times its rate, filtered along both axes and cut to what the layer needs."""
    channels = x.shape[1]
    before, after = layer.cuts
    for axis in (2, 3):
        kernel = (fir[:, None] if axis == 2 else fir[None]).expand(channels, 1, -1, -1)
        stride = (layer.up, 1) if axis == 2 else (1, layer.up)
        x = F.conv_transpose2d(x, kernel, stride=stride, groups=channels)
        x = x.narrow(axis, before, x.shape[axis] - before - after)
    return x


def lowered(x: Tensor, fir: Tensor, down: int) -> Tensor:
    """x filtered (n, c, s, s) and thinned to every ``down``-th sample."""
    channels = x.shape[1]
    kernels = [fir] if fir.ndim == 2 else [fir[:, None], fir[None]]
    for kernel in kernels:
        stride = tuple(down if extent > 1 else 1 for extent in kernel.shape)
        # A convolution turns its kernel around, conv2d does not.
        weight = kernel.flip(0, 1).expand(channels, 1, *kernel.shape)
        x = F.conv2d(x, weight, stride=stride, groups=channels)
    return x


class AliasFreeSynthesis(nn.Module):
    """w_plus to picture: waves, then one layer after the other, the last to colour."""

    def __init__(self, config: AliasFreeConfig) -> None:
        super().__init__()
        self.config = config
        self.input = FourierInput(config)
        for layer in config.layers:
            self.add_module(layer.name, AliasFreeSynthesisLayer(layer, config))

    def noise_inputs(self) -> list[Tensor]:
        """There is no noise in these networks."""
        return []

    def forward(
        self, w_plus: Tensor, *, noise: Sequence[Tensor] = (), noise_gain: float = 1.0
    ) -> Tensor:
        """Pictures (n, 3, r, r) from w_plus (n, num_ws, w_dim); noise is not used."""
        x: Tensor = self.input(w_plus[:, 0])
        for layer in self.config.layers:
            x = self.get_submodule(layer.name)(x, w_plus[:, layer.row])
        return x * OUTPUT_SCALE
