"""Weights of the tagging benchmark's networks: Choi's FCN and ShortChunkCNN_Res.

In: a safetensors file with the benchmark's own tensor names.  Out: FcnWeights or ShortChunkWeights,
or a ModelError that says what is wrong.  Thread: any; numpy only.

Won et al. 2020 (arXiv 2006.00751); TräumerAI used such networks. Which network it is follows from
the tensors. Only how long a window an FCN was trained on leaves no trace in them: the header tells
it (``window_samples``, or ``variant``, the class that a training named), or the benchmark did it
one way only.

Both networks end every convolution with a batch norm before the ReLU, so it is folded into the
convolution here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from traumer_live.core.errors import ModelError
from traumer_live.core.types import Array, MelSpec
from traumer_live.embedding.checkpoint import fingerprint

EPSILON = 1e-5  # of the batch norms
FCN, SHORT_CHUNK = "fcn", "short-chunk-cnn-res"
ARCHITECTURES = (FCN, SHORT_CHUNK)
MEL_FILTERS = "spec.mel_scale.fb"
HOP = 256  # samples
SHORT_CHUNK_SAMPLES = 59_049  # 3.69 s
FCN_LAYERS, SHORT_CHUNK_LAYERS = 5, 7
LONG_WINDOW, SHORT_WINDOW = 464_000, 8_000  # samples: 29 s and 0.5 s
# Pools (mel, time) of the five layers.
FCN_POOLS: dict[int, tuple[tuple[int, int], ...]] = {
    LONG_WINDOW: ((2, 4), (2, 4), (2, 4), (3, 5), (4, 4)),
    SHORT_WINDOW: ((4, 2), (2, 2), (2, 2), (2, 2), (3, 2)),
}
BENCHMARK_WINDOW = {96: LONG_WINDOW}  # by mel bins; with 128 there are both


@dataclass(frozen=True)
class Conv:
    """A 3x3 convolution over (mel, time) with its batch norm in it."""

    kernel: Array  # (out, in, mel 3, time 3)
    bias: Array  # (out,)


@dataclass(frozen=True)
class Linear:
    """A dense layer."""

    weight: Array  # (out, in)
    bias: Array  # (out,)

    def __call__(self, x: Array) -> Array:
        """(in,) -> (out,)."""
        y: Array = self.weight @ x + self.bias
        return y


def sigmoid(x: Array) -> Array:
    """Numbers to probabilities, without overflow."""
    p: Array = np.float32(0.5) + np.float32(0.5) * np.tanh(np.float32(0.5) * x)
    return p


@dataclass(frozen=True)
class Listening:
    """What every tagger tells: how it wants its sound, and what its outputs are called."""

    mel_spec: MelSpec
    input_gain: float
    input_offset: float
    tag_names: tuple[str, ...]
    window_frames: int
    fingerprint: str  # sha256 of names, numbers and metadata

    @property
    def silence(self) -> float:
        """Silence as the first layer sees it: -100 dB."""
        return -100.0 * self.input_gain + self.input_offset


@dataclass(frozen=True)
class FcnWeights:
    """Choi's fully convolutional tagger (arXiv 1606.00298)."""

    listening: Listening
    layers: tuple[Conv, ...]
    pools: tuple[tuple[int, int], ...]  # mel, time
    dense: Linear


@dataclass(frozen=True)
class Residual:
    """A residual layer that halves mel and time: relu(second(relu(first(x))) + beside(x))."""

    first: Conv  # stride 2
    second: Conv
    beside: Conv  # stride 2


@dataclass(frozen=True)
class ShortChunkWeights:
    """Seven residual layers and a maximum over time."""

    listening: Listening
    layers: tuple[Residual, ...]
    hidden: Linear  # its batch norm in it; a ReLU follows
    dense: Linear


def tagger_weights(
    path: Path, tensors: Mapping[str, Array], metadata: Mapping[str, str]
) -> FcnWeights | ShortChunkWeights:
    """The tagger that these tensors form.

    Raises:
        ModelError: they form none, or the header says another one.
    """
    residual = "layer1.conv_1.weight" in tensors
    found = SHORT_CHUNK if residual else FCN
    stated = metadata.get("architecture", found)
    if stated != found:
        raise ModelError(
            f"{path.name} says that it is {stated!r} but its tensors form {found!r}; import the "
            "original again."
        )
    try:
        make = _short_chunk if residual else _fcn
        return make(path, tensors, metadata)
    except (KeyError, ValueError, IndexError) as error:
        raise ModelError(
            f"{path.name} does not hold a whole {found} tagger ({error}); import the original "
            "again or choose another file."
        ) from error


def _fcn(path: Path, tensors: Mapping[str, Array], metadata: Mapping[str, str]) -> FcnWeights:
    n_mels = _mel_bins(tensors, metadata)
    window = _window(metadata, n_mels)
    if window not in FCN_POOLS:
        raise ModelError(
            f"{path.name} is an FCN that does not say how much sound it listens to; import the "
            "original again with its window (29 or 0.5 s)."
        )
    names = [f"layer{i}" for i in range(1, FCN_LAYERS + 1)]
    layers = tuple(_conv(tensors, f"{name}.conv", f"{name}.bn") for name in names)
    dense = _linear(tensors, "dense")
    _check_chain([1, *(len(layer.bias) for layer in layers)], layers, n_in=dense.weight.shape[1])
    listening = _listening(tensors, metadata, n_mels, window, n_tags=len(dense.bias))
    return FcnWeights(listening, layers, FCN_POOLS[window], dense)


def _window(metadata: Mapping[str, str], n_mels: int) -> int:
    """Samples that the network listens to; 0 when nothing tells."""
    if "window_samples" in metadata:
        return int(metadata["window_samples"])
    variant = metadata.get("variant", "").lower()  # the class that a training named
    if variant:
        return SHORT_WINDOW if re.search(r"short|05", variant) else LONG_WINDOW
    return BENCHMARK_WINDOW.get(n_mels, 0)


def _short_chunk(
    path: Path, tensors: Mapping[str, Array], metadata: Mapping[str, str]
) -> ShortChunkWeights:
    n_mels = _mel_bins(tensors, metadata, usual=128)
    layers = tuple(_residual(tensors, f"layer{i}") for i in range(1, SHORT_CHUNK_LAYERS + 1))
    hidden, dense = _linear(tensors, "dense1"), _linear(tensors, "dense2")
    gain, offset = _norm(tensors, "bn")
    hidden = Linear(hidden.weight * gain[:, None], hidden.bias * gain + offset)
    widths = [1, *(len(layer.second.bias) for layer in layers)]
    _check_chain(widths, [layer.first for layer in layers], n_in=hidden.weight.shape[1])
    _check_chain(widths, [layer.beside for layer in layers], n_in=widths[-1])
    if 2 ** len(layers) != n_mels:
        raise ValueError(f"{n_mels} mel bins")
    listening = _listening(tensors, metadata, n_mels, SHORT_CHUNK_SAMPLES, n_tags=len(dense.bias))
    return ShortChunkWeights(listening, layers, hidden, dense)


def _check_chain(widths: list[int], layers: tuple[Conv, ...] | list[Conv], *, n_in: int) -> None:
    shapes = [layer.kernel.shape for layer in layers]
    expected = [(out, into, 3, 3) for into, out in pairwise(widths)]
    if shapes != expected or n_in != widths[-1]:
        raise ValueError("layers that do not fit each other")


def _listening(
    tensors: Mapping[str, Array],
    metadata: Mapping[str, str],
    n_mels: int,
    window: int,
    *,
    n_tags: int,
) -> Listening:
    gain, offset = _norm(tensors, "spec_bn")
    spec = MelSpec(n_mels, mel_scale="htk", area_normalised=False, compression="decibel")
    return Listening(
        mel_spec=spec,
        input_gain=float(gain[0]),
        input_offset=float(offset[0]),
        tag_names=_tag_names(metadata, n_tags),
        window_frames=window // HOP + 1,  # as many as the original's centred frames
        fingerprint=fingerprint(tensors, metadata),
    )


def _mel_bins(
    tensors: Mapping[str, Array], metadata: Mapping[str, str], usual: int | None = None
) -> int:
    if MEL_FILTERS in tensors:
        return int(tensors[MEL_FILTERS].shape[1])
    if "n_mels" not in metadata and usual is None:
        raise KeyError(MEL_FILTERS)
    return int(metadata.get("n_mels", usual or 0))


def _tag_names(metadata: Mapping[str, str], n_tags: int) -> tuple[str, ...]:
    """The stated names when there are as many as outputs, else numbers."""
    names = json.loads(metadata.get("tags", "[]"))
    if isinstance(names, list) and len(names) == n_tags:
        return tuple(map(str, names))
    return tuple(f"tag {i}" for i in range(1, n_tags + 1))


def _residual(tensors: Mapping[str, Array], name: str) -> Residual:
    first, second, beside = (
        _conv(tensors, f"{name}.conv_{i}", f"{name}.bn_{i}") for i in (1, 2, 3)
    )
    if second.kernel.shape[:2] != (len(first.bias),) * 2:
        raise ValueError(f"{name} does not fit itself")
    return Residual(first, second, beside)


def _conv(tensors: Mapping[str, Array], conv: str, norm: str) -> Conv:
    gain, offset = _norm(tensors, norm)
    kernel = tensors[f"{conv}.weight"] * gain[:, None, None, None]
    return Conv(kernel, tensors[f"{conv}.bias"] * gain + offset)


def _linear(tensors: Mapping[str, Array], name: str) -> Linear:
    weight, bias = tensors[f"{name}.weight"], tensors[f"{name}.bias"]
    if weight.ndim != 2 or bias.shape != weight.shape[:1]:
        raise ValueError(f"{name} of shape {weight.shape}")
    return Linear(weight, bias)


def _norm(tensors: Mapping[str, Array], name: str) -> tuple[Array, Array]:
    """A batch norm at rest is one multiplication and one addition."""
    gamma, beta = tensors[f"{name}.weight"], tensors[f"{name}.bias"]
    mean, variance = tensors[f"{name}.running_mean"], tensors[f"{name}.running_var"]
    spread: Array = np.sqrt(np.maximum(variance, 0) + np.float32(EPSILON), dtype=np.float32)
    gain = gamma / spread
    return gain, beta - mean * gain
