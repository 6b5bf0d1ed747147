"""MTT_vgg and MSD_vgg as their makers draw them: a whole window in, embedding and tags out.

In: log-mel windows (batch, 187, 96).  Out: e (batch, 256) and tags (batch, 50).  Thread: ears.

This is the plain network that the streaming evaluation must equal. It needs torch, so only the
torch backend and the tests import this module.

Choi's fully convolutional tagger (arXiv 1606.00298) in the version trained on MagnaTagATune by
Pons & Serra (musicnn): five times 3x3 convolution -> ReLU -> batch norm -> max-pool, then one
dense layer. The batch norm stands after the ReLU, so it cannot be folded into the convolution.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from traumer_live.core.types import Array
from traumer_live.embedding.checkpoint import Layer, Weights
from traumer_live.embedding.geometry import Pool


class TaggerLayer(nn.Module):
    """Convolution with zero padding, ReLU, batch norm at rest, max-pool without padding."""

    kernel: Tensor
    bias: Tensor
    gain: Tensor
    offset: Tensor

    def __init__(self, layer: Layer, pool: Pool) -> None:
        super().__init__()
        self.size = (pool.time, pool.mel)
        self.stride = (pool.time_stride, pool.mel_stride)
        self.register_buffer("kernel", _tensor(layer.kernel).permute(3, 2, 0, 1).contiguous())
        self.register_buffer("bias", _tensor(layer.bias))
        self.register_buffer("gain", _tensor(layer.gain)[:, None, None])
        self.register_buffer("offset", _tensor(layer.offset)[:, None, None])

    def forward(self, x: Tensor) -> Tensor:
        """x (batch, in, time, mel) -> (batch, out, time', mel')."""
        x = F.relu(F.conv2d(x, self.kernel, self.bias, padding=1))  # (batch, out, time, mel)
        x = x * self.gain + self.offset
        return F.max_pool2d(x, self.size, self.stride)


class MttVgg(nn.Module):
    """The whole-window tagger."""

    dense: Tensor
    dense_bias: Tensor

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.input_gain = weights.input_gain
        self.input_offset = weights.input_offset
        self.layers = nn.Sequential(
            *(
                TaggerLayer(layer, pool)
                for layer, pool in zip(weights.layers, weights.pools, strict=True)
            )
        )
        self.register_buffer("dense", _tensor(weights.dense))
        self.register_buffer("dense_bias", _tensor(weights.dense_bias))

    def forward(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """mel (batch, 187, 96) -> e (batch, 256), tags (batch, 50)."""
        x = mel[:, None] * self.input_gain + self.input_offset  # (batch, 1, 187, 96)
        x = self.layers(x)  # (batch, 128, 2, 1)
        e = x.permute(0, 2, 3, 1).flatten(1)  # (batch, 256): time, mel, channel
        return e, torch.sigmoid(e @ self.dense + self.dense_bias)


def _tensor(array: Array) -> Tensor:
    return torch.from_numpy(array.copy())
