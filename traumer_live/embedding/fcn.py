"""Choi's FCN on a running mel: for 29 s column by column, for 0.5 s window by window.

In: log-mel frames (n, n_mels) in decibel.  Out: embedding and tags of the newest window.
Thread: ears.

A column is all channels and mel bins at one place in time, (channels, bins). As in ``streaming.py``
each layer is calculated once for every start: strides become dilations, pools sliding maxima. Only
the first pooled column of a window is its own, since zeros stand to its left; of the convolution's
columns below it that touches the first two. Three things per layer are kept for it:

    inputs    the layer's input columns back to the window's first: the neighbours of its own
    active    after convolution, ReLU and the pool over mel: as many as the pool over time reaches
    partial   what a pool over time gives without its first two columns

so a window costs two columns a layer more than the stream. The right edge never matters where a
window is longer than what its pools, rounding down, look at: the last 2.0 of 29 s are not waited
for. In the window of 0.5 s every frame counts, so it is evaluated as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from traumer_live.core.types import Array
from traumer_live.embedding.far_ring import FarRing
from traumer_live.embedding.tagger_weights import FcnWeights, sigmoid

CHUNK = 64  # columns calculated together at most, which bounds the memory
NOTHING = -np.inf  # the maximum of no columns


class FcnSteps(Protocol):
    """One way to calculate, stateless: numpy or onnxruntime."""

    def active(self, layer: int, neighbours: Array) -> Array:
        """Columns with both neighbours (n, channels, bins, 3) -> (n, channels', bins').

        That is convolution, ReLU and the pool over mel of layer 0..4.
        """
        ...


@dataclass(frozen=True)
class LayerTimes:
    """One layer in time, counted in mel frames."""

    pool: int  # columns
    dilation: int  # frames between neighbouring input columns
    lag: int  # frames by which the newest input column starts before the newest frame


def layer_times(weights: FcnWeights) -> tuple[LayerTimes, ...]:
    """All layers in time."""
    times: list[LayerTimes] = []
    dilation, lag = 1, 0
    for _, pool in weights.pools:
        times.append(LayerTimes(pool, dilation, lag))
        dilation *= pool
        lag += dilation  # one neighbour to the right, and the pool
    return tuple(times)


def effective_frames(weights: FcnWeights) -> int:
    """Frames of a window that reach the embedding, from its first on."""
    last = layer_times(weights)[-1]
    return min(last.lag + last.dilation * last.pool + 1, weights.listening.window_frames)


def can_stream(weights: FcnWeights) -> bool:
    """Whether the right edge of the window reaches no output."""
    return effective_frames(weights) < weights.listening.window_frames


class FcnEncoder:
    """What both ways of evaluation have in common."""

    def __init__(self, weights: FcnWeights, steps: FcnSteps) -> None:
        self._weights, self._steps = weights, steps
        self._listening = weights.listening
        self._frames = effective_frames(weights)
        self.mel_spec, self.tag_names = self._listening.mel_spec, self._listening.tag_names
        self.e_dim = int(weights.dense.weight.shape[1])
        self.delay_s = self._frames / self.mel_spec.frame_rate / 2
        self.reset()

    def push(self, mel: Array) -> None:
        """Add log-mel frames (n, n_mels)."""
        fresh = mel[-self._frames :].astype(np.float32)
        self._take(fresh * self._listening.input_gain + self._listening.input_offset)

    def embedding(self) -> tuple[Array, Array]:
        """e (e_dim,) and tags of the window that ends at the newest frame pushed."""
        e = self._embedding()
        return e, sigmoid(self._weights.dense(e))

    def reset(self) -> None:
        """Back to silence."""
        raise NotImplementedError

    def _take(self, columns: Array) -> None:
        raise NotImplementedError

    def _embedding(self) -> Array:
        raise NotImplementedError


class WholeFcn(FcnEncoder):
    """Every window afresh: for short windows, and what the stream is measured against."""

    def reset(self) -> None:
        """Back to silence."""
        self._mel = FarRing(self._frames, (1, self.mel_spec.n_mels))
        self._mel.fill(np.float32(self._listening.silence))

    def _take(self, columns: Array) -> None:
        self._mel.write(columns[:, None])

    def _embedding(self) -> Array:
        shape = (self._listening.window_frames, 1, self.mel_spec.n_mels)
        x = np.full(shape, np.float32(self._listening.silence))
        x[: self._frames] = self._mel.latest(self._frames)
        for number, (_, pool) in enumerate(self._weights.pools):
            padded = np.pad(x, ((1, 1), (0, 0), (0, 0)))
            neighbours = np.stack([padded[:-2], padded[1:-1], padded[2:]], axis=3)
            x = self._active(number, neighbours)
            count = len(x) // pool
            x = x[: count * pool].reshape(count, pool, *x.shape[1:]).max(axis=1)
        e: Array = x.ravel()
        return e

    def _active(self, number: int, neighbours: Array) -> Array:
        starts = range(0, len(neighbours), CHUNK)
        return np.concatenate(
            [self._steps.active(number, neighbours[at : at + CHUNK]) for at in starts]
        )


class StreamingFcn(FcnEncoder):
    """Every column once, and two more a layer for the left edge of each window asked for."""

    def reset(self) -> None:
        """Back to silence: every ring holds what silence gives there, so nothing is calculated."""
        times = layer_times(self._weights)
        self._waiting: list[Array] = []
        self._memories = []
        column = np.full((1, self.mel_spec.n_mels), self._listening.silence, np.float32)
        for number, its_times in enumerate(times):
            active = self._steps.active(number, np.stack([column] * 3, axis=2)[None])[0]
            reach = self._frames - its_times.lag
            self._memories.append(_Memory(its_times, reach, column, active))
            column = active

    def _take(self, columns: Array) -> None:
        if len(columns):
            self._waiting.append(columns[:, None])
        while sum(map(len, self._waiting[1:])) >= self._frames:
            self._waiting.pop(0)  # bounds what waits when nobody asks for embeddings

    def _embedding(self) -> Array:
        if self._waiting:
            waiting = np.concatenate(self._waiting)
            self._waiting.clear()
            for at in range(0, len(waiting), CHUNK):
                self._advance(waiting[at : at + CHUNK])
        return self._window()

    def _advance(self, columns: Array) -> None:
        """Take new mel columns (n, 1, n_mels) through all layers."""
        for number, memory in enumerate(self._memories):
            neighbours = memory.take(columns)
            columns = memory.pooled(self._steps.active(number, neighbours))

    def _window(self) -> Array:
        """The embedding of the newest window, from its own first columns."""
        own = self._memories[0].inputs.at(ago=self._frames - 1)
        for number, memory in enumerate(self._memories):
            first_two = self._steps.active(number, memory.beside(own))  # (2, channels, bins)
            own = np.maximum(first_two.max(axis=0), memory.partial.at(ago=memory.window_start))
        e: Array = own.ravel()
        return e


class _Memory:
    """What one layer keeps."""

    def __init__(self, times: LayerTimes, reach: int, column: Array, active: Array) -> None:
        self._times = times
        # How many input columns ago the newest window begins; pooled ones trail by a pool.
        self._start = reach - 1
        self.window_start = self._start - times.dilation * times.pool
        self.inputs = FarRing(reach + CHUNK, column.shape)
        self._active = FarRing((times.pool - 1) * times.dilation + CHUNK, active.shape)
        self.partial = FarRing(self.window_start + CHUNK, active.shape)
        self.inputs.fill(column)
        self._active.fill(active)
        self.partial.fill(active if times.pool > 2 else np.float32(NOTHING))

    def take(self, columns: Array) -> Array:
        """Keep new input columns; the columns that they complete with both neighbours."""
        self.inputs.write(columns)
        n, d = len(columns), self._times.dilation
        return np.stack([self.inputs.latest(n, ago=k * d) for k in (2, 1, 0)], axis=3)

    def pooled(self, active: Array) -> Array:
        """Keep new columns (n, channels, bins); the pooled ones that they complete."""
        n, d, pool = len(active), self._times.dilation, self._times.pool
        self._active.write(active)
        runs = [self._active.latest(n, ago=(pool - 1 - k) * d) for k in range(pool)]
        if pool > 2:
            self.partial.write(np.max(runs[2:], axis=0))
        pooled: Array = np.maximum.reduce(runs)
        return pooled

    def beside(self, own: Array) -> Array:
        """A window's first two columns with their neighbours, (2, channels, bins, 3)."""
        d = self._times.dilation
        second = self.inputs.at(ago=self._start - d)
        third = self.inputs.at(ago=self._start - 2 * d)
        before = np.zeros_like(own)
        first = np.stack([before, own, second], axis=2)
        return np.stack([first, np.stack([own, second, third], axis=2)])
