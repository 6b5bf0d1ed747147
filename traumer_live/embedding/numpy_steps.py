"""The two steps in numpy: the plain way, which runs wherever numpy does.

In: see ``steps.py``.  Out: see ``steps.py``.  Thread: ears.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from traumer_live.core.types import Array
from traumer_live.embedding.checkpoint import Layer, Weights
from traumer_live.embedding.geometry import LAYERS, LayerShape
from traumer_live.embedding.steps import Edge, Grown, Past


class NumpySteps:
    """Matrix products and sums of columns."""

    def __init__(self, weights: Weights) -> None:
        self._layers = [
            _NumpyLayer(layer, shape) for layer, shape in zip(weights.layers, LAYERS, strict=True)
        ]
        self._dense, self._dense_bias = weights.dense, weights.dense_bias

    def advance(self, mel: Array, past: Sequence[Past]) -> list[Grown]:
        """Take new normalised mel frames (n, 94) through all five layers."""
        columns = mel[:, :, None]  # (n, bins, 1)
        grown = []
        for layer, its_past in zip(self._layers, past, strict=True):
            made, columns = layer.advance(columns, its_past)
            grown.append(made)
        return grown

    def finish(self, start: Array, edges: Sequence[Edge], rest: Array) -> tuple[Array, Array]:
        """e (256,) and tags (50,) of one window; the arguments are told in ``Steps``."""
        column = self._layers[0].open_window(start[:, :, None])  # (1, 47, 128)
        for layer, edge in zip(self._layers[1:], edges, strict=True):
            column = layer.edge(column, edge)  # last: (1, 1, 128)
        first = np.concatenate((column, rest[:2])).max(axis=0)  # (1, 128)
        second = rest[2:].max(axis=0)  # (1, 128)
        e = np.concatenate((first[0], second[0]))  # (256,)
        return e, 1 / (1 + np.exp(-(e @ self._dense + self._dense_bias)))


class _NumpyLayer:
    """Convolution by kept products, ReLU, batch norm, and the pools over mel and time."""

    def __init__(self, layer: Layer, shape: LayerShape) -> None:
        self._shape = shape
        self._taps = [np.ascontiguousarray(k.reshape(-1, k.shape[-1])) for k in layer.kernel]
        self._bias, self._gain, self._offset = layer.bias, layer.gain, layer.offset

    def advance(self, columns: Array, past: Past) -> tuple[Grown, Array]:
        """New columns (n, bins, channels) -> what to keep, and the next layer's new columns."""
        n, d = len(columns), self._shape.dilation
        before, centre, after = self._products(columns, taps=(0, 1, 2))
        active = self._activate(
            np.concatenate((past.before, before))[:n]
            + np.concatenate((past.centre, centre))[:n]
            + after
        )  # (n, bins_pooled, channels)
        run = np.concatenate((past.active, active))
        pooled = np.max([run[k * d : k * d + n] for k in range(self._shape.pool.time)], axis=0)
        return Grown(before, centre, after, active), pooled

    def open_window(self, start: Array) -> Array:
        """The first pooled column of a window from its first frames (pool.time + 1, bins, 1)."""
        before, centre, after = self._products(start, taps=(0, 1, 2))
        summed = centre[:-1] + after[1:]
        summed[1:] += before[:-2]  # nothing but zeros stands before the first
        opened: Array = self._activate(summed).max(axis=0, keepdims=True)
        return opened

    def edge(self, column: Array, edge: Edge) -> Array:
        """A window's first input column (1, bins, channels) -> its first pooled column."""
        before, centre = self._products(column, taps=(0, 1))
        first = centre + edge.second_after
        second = before + edge.second_centre + edge.third_after
        pooled: Array = self._activate(np.concatenate((first, second))).max(axis=0, keepdims=True)
        return pooled

    def _products(self, columns: Array, *, taps: Sequence[int]) -> list[Array]:
        """Each column times the taps in time -> (n, bins_out, out) each."""
        padded = np.pad(columns, ((0, 0), (1, 0), (0, 0)))  # the bin below 0 Hz is zero
        step, bins = self._shape.bin_step, self._shape.bins_out
        neighbours = [padded[:, k : k + step * (bins - 1) + 1 : step] for k in range(3)]
        stacked = np.concatenate(neighbours, axis=2)  # (n, bins_out, 3 in)
        flat = stacked.reshape(-1, stacked.shape[2])
        return [(flat @ self._taps[tap]).reshape(len(columns), bins, -1) for tap in taps]

    def _activate(self, summed: Array) -> Array:
        """(n, bins_out, out) -> ReLU, batch norm, max over mel -> (n, bins_pooled, out)."""
        active = np.maximum(summed + self._bias, 0) * self._gain + self._offset
        n, _, channels = active.shape
        pooled: Array = active.reshape(n, self._shape.bins_pooled, -1, channels).max(axis=2)
        return pooled
