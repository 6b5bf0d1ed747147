"""The convolutions of the tagging benchmark's networks and of MSD_vgg, in numpy or onnxruntime.

In: columns with their neighbours.  Out: columns.  Thread: ears.

``FcnSteps`` is told in ``fcn.py``, ``ShortChunkSteps`` in ``short_chunk.py``, ``ColumnSteps`` in
``msd_vgg.py``; each is offered here by both runtimes. The graphs are kept like those of the
shipped tagger.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from traumer_live.core.graph_store import OnnxModel
from traumer_live.core.types import Array
from traumer_live.embedding.checkpoint import Layer, Weights
from traumer_live.embedding.tagger_weights import Conv, FcnWeights, ShortChunkWeights


class NumpyFcnSteps:
    """Matrix products over sliding windows."""

    def __init__(self, weights: FcnWeights) -> None:
        self._weights = weights

    def active(self, layer: int, neighbours: Array) -> Array:
        """See ``FcnSteps``."""
        y = np.maximum(convolved(neighbours, self._weights.layers[layer]), 0)[..., 0]
        return pooled_over_mel(y, self._weights.pools[layer][0])


class NumpyVggSteps:
    """The same with a batch norm after the ReLU."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._convs = [conv_of(layer) for layer in weights.layers]

    def active(self, layer: int, neighbours: Array) -> Array:
        """See ``ColumnSteps`` in ``msd_vgg.py``."""
        its = self._weights.layers[layer]
        y = np.maximum(convolved(neighbours, self._convs[layer]), 0)[..., 0]
        y = y * its.gain[:, None] + its.offset[:, None]
        return pooled_over_mel(y, self._weights.pools[layer].mel)


class NumpyShortChunkSteps:
    """Matrix products over sliding windows."""

    def __init__(self, weights: ShortChunkWeights) -> None:
        self._layers = weights.layers

    def strip(self, layer: int, columns: Array, inside: Array) -> Array:
        """See ``ShortChunkSteps``."""
        weights = self._layers[layer]
        x = columns[None]
        between = np.maximum(convolved(x, weights.first, stride=2), 0) * inside
        beside = convolved(x[..., 2:-2], weights.beside, stride=2)
        made: Array = np.maximum(convolved(between, weights.second) + beside, 0)[0]
        return made


def pooled_over_mel(y: Array, pool: int) -> Array:
    """(n, channels, bins) -> the largest of every ``pool`` bins; what is left over is dropped."""
    n, channels, bins = y.shape
    count = bins // pool
    pooled: Array = y[:, :, : count * pool].reshape(n, channels, count, pool).max(axis=3)
    return pooled


def conv_of(layer: Layer) -> Conv:
    """A vgg's convolution in the order of the tagging benchmark."""
    return Conv(np.ascontiguousarray(layer.kernel.transpose(3, 2, 1, 0)), layer.bias)


def convolved(x: Array, conv: Conv, *, stride: int = 1) -> Array:
    """x (n, in, bins, times) padded over mel only -> (n, out, bins', times - 2 or half of it)."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (0, 0)))
    places = sliding_window_view(padded, (3, 3), (2, 3))[:, :, ::stride, ::stride]
    y = np.tensordot(places, conv.kernel, axes=([1, 4, 5], [1, 2, 3]))  # (n, bins', times', out)
    made: Array = (y + conv.bias).transpose(0, 3, 1, 2)
    return made


class OnnxFcnSteps:
    """One session a layer."""

    def __init__(self, weights: FcnWeights) -> None:
        from traumer_live.embedding.onnx_store import open_session

        self._sessions = [
            open_session(
                f"fcn-{layer}", weights.listening.fingerprint, _fcn_builder(weights, layer)
            )
            for layer in range(len(weights.layers))
        ]

    def active(self, layer: int, neighbours: Array) -> Array:
        """See ``FcnSteps``."""
        made: Array = self._sessions[layer].run(["active"], {"neighbours": neighbours})[0]
        return made


class OnnxVggSteps:
    """One session a layer."""

    def __init__(self, weights: Weights) -> None:
        from traumer_live.embedding.onnx_store import open_session

        self._sessions = [
            open_session(f"vgg-{layer}", weights.fingerprint, _vgg_builder(weights, layer))
            for layer in range(len(weights.layers))
        ]

    def active(self, layer: int, neighbours: Array) -> Array:
        """See ``ColumnSteps`` in ``msd_vgg.py``."""
        made: Array = self._sessions[layer].run(["active"], {"neighbours": neighbours})[0]
        return made


class OnnxShortChunkSteps:
    """One session a layer."""

    def __init__(self, weights: ShortChunkWeights) -> None:
        from traumer_live.embedding.onnx_store import open_session

        key = weights.listening.fingerprint
        self._sessions = [
            open_session(f"short-chunk-{layer}", key, _short_chunk_builder(weights, layer))
            for layer in range(len(weights.layers))
        ]

    def strip(self, layer: int, columns: Array, inside: Array) -> Array:
        """See ``ShortChunkSteps``."""
        feed = {"columns": columns[None], "inside": inside}
        made: Array = self._sessions[layer].run(["strip"], feed)[0][0]
        return made


def _fcn_builder(weights: FcnWeights, layer: int) -> Callable[[], OnnxModel]:
    def build() -> OnnxModel:
        from traumer_live.embedding.tagger_graphs import fcn_layer

        return fcn_layer(weights.layers[layer], mel_pool=weights.pools[layer][0])

    return build


def _vgg_builder(weights: Weights, layer: int) -> Callable[[], OnnxModel]:
    def build() -> OnnxModel:
        from traumer_live.embedding.tagger_graphs import fcn_layer

        its, pool = weights.layers[layer], weights.pools[layer].mel
        return fcn_layer(conv_of(its), mel_pool=pool, norm=(its.gain, its.offset))

    return build


def _short_chunk_builder(weights: ShortChunkWeights, layer: int) -> Callable[[], OnnxModel]:
    def build() -> OnnxModel:
        from traumer_live.embedding.tagger_graphs import short_chunk_layer

        return short_chunk_layer(weights.layers[layer])

    return build
