"""The tagging benchmark's networks as their makers draw them: a whole window in, tags out.

In: log-mel windows (batch, frames, mel bins) in decibel.  Out: e and tags.  Thread: ears.

These are the plain networks that the evaluation by columns must equal. They need torch, so only the
torch backend and the tests import this module.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its usual name

from traumer_live.core.types import Array
from traumer_live.embedding.far_ring import FarRing
from traumer_live.embedding.fcn import effective_frames
from traumer_live.embedding.tagger_weights import Conv, FcnWeights, Linear, ShortChunkWeights


def fcn(weights: FcnWeights, x: Tensor) -> tuple[Tensor, Tensor]:
    """Choi's FCN: x (batch, 1, mel, time) normalised -> e (batch, e_dim), tags."""
    for conv, pool in zip(weights.layers, weights.pools, strict=True):
        x = F.max_pool2d(F.relu(_convolved(x, conv)), pool)
    e = x.flatten(1)
    return e, torch.sigmoid(_linear(e, weights.dense))


def short_chunk(weights: ShortChunkWeights, x: Tensor) -> tuple[Tensor, Tensor]:
    """ShortChunkCNN_Res: x (batch, 1, mel, time) normalised -> e (batch, e_dim), tags."""
    for layer in weights.layers:
        y = _convolved(F.relu(_convolved(x, layer.first, stride=2)), layer.second)
        x = F.relu(y + _convolved(x, layer.beside, stride=2))
    e = x.flatten(2).amax(2)
    return e, torch.sigmoid(_linear(F.relu(_linear(e, weights.hidden)), weights.dense))


class TorchTagger:
    """Either of them evaluated afresh for each window, on CUDA where there is one."""

    def __init__(self, weights: FcnWeights | ShortChunkWeights) -> None:
        self._weights, self._listening = weights, weights.listening
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        whole = weights.listening.window_frames
        self._frames = effective_frames(weights) if isinstance(weights, FcnWeights) else whole
        last = weights.dense if isinstance(weights, FcnWeights) else weights.hidden
        self.mel_spec, self.tag_names = self._listening.mel_spec, self._listening.tag_names
        self.e_dim = int(last.weight.shape[1])
        self.delay_s = self._frames / self.mel_spec.frame_rate / 2
        self.reset()

    def push(self, mel: Array) -> None:
        """Add log-mel frames (n, n_mels)."""
        gain, offset = self._listening.input_gain, self._listening.input_offset
        self._mel.write(mel[-self._frames :].astype(np.float32) * gain + offset)

    def embedding(self) -> tuple[Array, Array]:
        """e (e_dim,) and tags of the window that ends at the newest frame pushed."""
        bins, whole = self.mel_spec.n_mels, self._listening.window_frames
        window = np.full((whole, bins), self._listening.silence, np.float32)
        window[: self._frames] = self._mel.latest(self._frames)
        x = torch.from_numpy(window.T[None, None].copy()).to(self._device)
        with torch.inference_mode():
            e, tags = self._run(x)
        return e[0].cpu().numpy(), tags[0].cpu().numpy()

    def reset(self) -> None:
        """Back to silence."""
        self._mel = FarRing(self._frames, (self.mel_spec.n_mels,))
        self._mel.fill(np.float32(self._listening.silence))

    def _run(self, x: Tensor) -> tuple[Tensor, Tensor]:
        if isinstance(self._weights, FcnWeights):
            return fcn(self._weights, x)
        return short_chunk(self._weights, x)


def _convolved(x: Tensor, conv: Conv, *, stride: int = 1) -> Tensor:
    kernel, bias = _tensor(conv.kernel, x), _tensor(conv.bias, x)
    return F.conv2d(x, kernel, bias, stride=stride, padding=1)


def _linear(x: Tensor, linear: Linear) -> Tensor:
    return F.linear(x, _tensor(linear.weight, x), _tensor(linear.bias, x))


def _tensor(array: Array, like: Tensor) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array)).to(like.device)
