"""MSD_vgg on a running mel, column by column: MTT_vgg's sister, with other pools.

In: log-mel frames (n, 96).  Out: embedding and tags of the newest window.  Thread: ears.

A column is all channels and mel bins at one place in time, (channels, bins). As in ``streaming.py``
each layer is calculated once for every start: strides become dilations, pools sliding maxima. The
second pool takes single columns, so that here one or two pooled columns of a window are its own,
and of the convolution's columns above them one more. Two things per layer are kept for them: its
input columns and what became of them (``active``), both back to the window's first.

musicnn's own program pools MSD_vgg as it does MTT_vgg and so calls rock electronic; the graph that
was saved with the weights in training, which this follows, calls it rock.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from traumer_live.core.types import Array
from traumer_live.embedding.checkpoint import Weights
from traumer_live.embedding.far_ring import FarRing
from traumer_live.embedding.geometry import EFFECTIVE_FRAMES, EMBEDDING_DIM, Pool
from traumer_live.embedding.tagger_weights import sigmoid

CHUNK = 16  # columns calculated together at most, which bounds the memory


class ColumnSteps(Protocol):
    """One way to calculate, stateless: numpy or onnxruntime."""

    def active(self, layer: int, neighbours: Array) -> Array:
        """Columns with both neighbours (n, channels, bins, 3) -> (n, channels', bins').

        That is convolution, ReLU, batch norm and the pool over mel of layer 0..4.
        """
        ...


class StreamingMsdVgg:
    """Every column once, and a few more a layer for the left edge of each window asked for."""

    def __init__(self, weights: Weights, steps: ColumnSteps) -> None:
        self._weights, self._steps = weights, steps
        self.mel_spec, self.tag_names = weights.mel_spec, weights.tag_names
        self.e_dim, self.delay_s = EMBEDDING_DIM, EFFECTIVE_FRAMES / self.mel_spec.frame_rate / 2
        self.reset()

    def push(self, mel: Array) -> None:
        """Add log-mel frames (n, 96); they are calculated, all together, at ``embedding()``."""
        if len(mel):
            fresh = mel[-EFFECTIVE_FRAMES:].astype(np.float32)
            fresh = fresh * self._weights.input_gain + self._weights.input_offset
            self._waiting.append(fresh[:, None])
        while sum(map(len, self._waiting[1:])) >= EFFECTIVE_FRAMES:
            self._waiting.pop(0)  # bounds what waits when nobody asks for embeddings

    def embedding(self) -> tuple[Array, Array]:
        """e (256,) and tags of the window that ends at the newest frame pushed."""
        if self._waiting:
            waiting = np.concatenate(self._waiting)
            self._waiting.clear()
            for at in range(0, len(waiting), CHUNK):
                self._advance(waiting[at : at + CHUNK])
        e = self._window()
        return e, sigmoid(e @ self._weights.dense + self._weights.dense_bias)

    def reset(self) -> None:
        """Back to silence: every ring holds what silence gives there."""
        self._waiting: list[Array] = []
        self._layers: list[_Layer] = []
        column = np.full((1, self.mel_spec.n_mels), self._weights.input_offset, np.float32)
        dilation, lag = 1, 0
        for number, pool in enumerate(self._weights.pools):
            active = self._steps.active(number, np.stack([column] * 3, axis=2)[None])[0]
            self._layers.append(_Layer(pool, dilation, lag, column, active))
            dilation *= pool.time_stride
            lag += dilation  # one neighbour to the right, and the pool
            column = active
        self._second = FarRing(1, column.shape)  # of the two columns of the last pool
        self._second.fill(column)

    def _advance(self, columns: Array) -> None:
        """Take new mel columns (n, 1, n_mels) through all layers."""
        for number, layer in enumerate(self._layers):
            columns = layer.pooled(self._steps.active(number, layer.take(columns)))
        self._second.write(columns)

    def _window(self) -> Array:
        """The embedding of the newest window, from its own first columns."""
        own = np.empty((0, 1, self.mel_spec.n_mels), np.float32)
        for number, layer in enumerate(self._layers):
            own = layer.finished(self._steps.active(number, layer.beside(own)))
        e: Array = np.concatenate((own[0].ravel(), self._second.at(ago=0).ravel()))
        return e


class _Layer:
    """What one layer keeps; counted in mel frames."""

    def __init__(self, pool: Pool, dilation: int, lag: int, column: Array, active: Array) -> None:
        self._pool, self._dilation = pool.time, dilation
        self._start = EFFECTIVE_FRAMES - 1 - lag  # input columns ago, the newest window's first
        self._inputs = FarRing(self._start + 1 + CHUNK, column.shape)
        self._active = FarRing(self._start + 1 + CHUNK, active.shape)
        self._inputs.fill(column)
        self._active.fill(active)

    def take(self, columns: Array) -> Array:
        """Keep new input columns; the columns that they complete with both neighbours."""
        self._inputs.write(columns)
        n, d = len(columns), self._dilation
        return np.stack([self._inputs.latest(n, ago=k * d) for k in (2, 1, 0)], axis=3)

    def pooled(self, active: Array) -> Array:
        """Keep new columns (n, channels, bins); the pooled ones that they complete."""
        self._active.write(active)
        n, d, pool = len(active), self._dilation, self._pool
        runs = [self._active.latest(n, ago=k * d) for k in range(pool)]
        made: Array = np.maximum.reduce(runs)
        return made

    def beside(self, own: Array) -> Array:
        """The columns that the edge reaches, with their neighbours (len(own) + 1, ..., 3).

        ``own`` are the window's own first columns (0 to 2); zeros stand to their left.
        """
        later = [self._inputs.at(ago=self._start - k * self._dilation)
                 for k in range(len(own), len(own) + 2)]  # fmt: skip
        columns = [np.zeros_like(later[0]), *own, *later]
        return np.stack([np.stack(columns[k : k + 3], axis=2) for k in range(len(own) + 1)])

    def finished(self, first: Array) -> Array:
        """The window's own pooled columns, from its own first ones and those that all share."""
        count = -(-len(first) // self._pool)
        shared = [self._active.at(ago=self._start - (k + 1) * self._dilation)
                  for k in range(len(first), count * self._pool)]  # fmt: skip
        columns = np.stack([*first, *shared])
        pooled: Array = columns.reshape(count, self._pool, *columns.shape[1:]).max(axis=1)
        return pooled
