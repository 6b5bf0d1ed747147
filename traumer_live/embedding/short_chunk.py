"""ShortChunkCNN_Res on a running mel: the early layers column by column, the late ones afresh.

In: log-mel frames (n, 128) in decibel.  Out: embedding and tags of the newest window (231 frames).
Thread: ears.

Seven residual layers halve mel and time. The receptive field (762 frames) is longer than the
window, so the zeros around it shape every deep column and no pure stream exists. But in the first
three layers, nine tenths of the work, only the outermost two or three columns on each side see the
edge. Windows begin at multiples of 8 frames, so the inner columns of these layers are the same
numbers in every window: they are calculated once, from the running mel, and kept. Each window
calculates its outer columns with zeros beside them, puts both together, and runs layers 4 to 7.
That is the whole-window network exactly, not an approximation; what is given up is the moment: the
embedding changes every 8 frames (128 ms).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from traumer_live.core.types import Array
from traumer_live.embedding.far_ring import FarRing
from traumer_live.embedding.tagger_weights import ShortChunkWeights, sigmoid

EARLY = 3  # layers whose inner columns are kept
STEP = 2**EARLY  # frames between windows
# Columns of each early layer that see the zeros beside the window, at its beginning and its end.
OUTER_LEFT, OUTER_RIGHT = (2, 3, 3), 2
# A window ends with the newest frame; layer 1 then leaves out that frame until its neighbours came.
AGO = (1, 0, 0)  # newest input columns that a layer does not use yet
REACH = 3  # input columns that a residual layer looks at beside its own, on each side


class ShortChunkSteps(Protocol):
    """One way to calculate, stateless: numpy or onnxruntime."""

    def strip(self, layer: int, columns: Array, inside: Array) -> Array:
        """Input columns (channels, bins, 2n + 5) -> n columns (channels', bins / 2, n).

        Output column k stands over input column 2k + 3. ``inside`` (n + 2,) is 0 where the columns
        between the two convolutions lie outside the window, 1 elsewhere.
        """
        ...


class ShortChunkEncoder:
    """What both ways of evaluation have in common."""

    def __init__(self, weights: ShortChunkWeights, steps: ShortChunkSteps) -> None:
        self._weights, self._steps = weights, steps
        self._listening = weights.listening
        self._frames = weights.listening.window_frames
        self.mel_spec, self.tag_names = self._listening.mel_spec, self._listening.tag_names
        self.e_dim = int(weights.hidden.weight.shape[1])
        # Half of the window, and half of the step that the newest window may be old.
        self.delay_s = (self._frames + STEP - 1) / self.mel_spec.frame_rate / 2
        self.reset()

    def push(self, mel: Array) -> None:
        """Add log-mel frames (n, 128)."""
        fresh = mel.astype(np.float32) * self._listening.input_gain + self._listening.input_offset
        self._take(fresh)

    def embedding(self) -> tuple[Array, Array]:
        """e (512,) and tags of the newest window that ends on the grid of steps."""
        e = self._embedding()
        hidden = np.maximum(self._weights.hidden(e), np.float32(0))
        return e, sigmoid(self._weights.dense(hidden))

    def reset(self) -> None:
        """Back to silence."""
        raise NotImplementedError

    def _take(self, columns: Array) -> None:
        raise NotImplementedError

    def _embedding(self) -> Array:
        raise NotImplementedError

    def _whole(self, layer: int, x: Array) -> Array:
        """One layer over all columns (channels, bins, n) of a window."""
        return self._outer(layer, x, start=0, count=(x.shape[2] + 1) // 2)

    def _outer(self, layer: int, x: Array, *, start: int, count: int) -> Array:
        """Output columns from ``start`` on, with zeros beside the window's input columns x."""
        first = 2 * start - REACH
        columns = np.zeros((*x.shape[:2], 2 * count + 5), np.float32)
        there = slice(max(first, 0), min(first + columns.shape[2], x.shape[2]))
        columns[..., there.start - first : there.stop - first] = x[..., there]
        between = np.arange(start - 1, start + count + 1)
        inside = (between >= 0) & (between < (x.shape[2] + 1) // 2)
        return self._steps.strip(layer, columns, inside.astype(np.float32))


class WholeShortChunk(ShortChunkEncoder):
    """Every window afresh: what the hybrid is measured against."""

    def reset(self) -> None:
        """Back to silence."""
        self._mel = FarRing(self._frames + STEP, (self.mel_spec.n_mels,))
        self._mel.fill(np.float32(self._listening.silence))
        self._count = 0

    def _take(self, columns: Array) -> None:
        self._mel.write(columns)
        self._count += len(columns)

    def _embedding(self) -> Array:
        window = self._mel.latest(self._frames, ago=self._count % STEP)
        x = np.ascontiguousarray(window.T[None])  # (1, bins, frames)
        for layer in range(len(self._weights.layers)):
            x = self._whole(layer, x)
        e: Array = x.max(axis=2)[:, 0]
        return e


class HybridShortChunk(ShortChunkEncoder):
    """Inner columns of the early layers kept, outer ones and late layers for each window."""

    def reset(self) -> None:
        """Back to silence: every ring holds what silence gives, so little is calculated."""
        column = np.full((1, self.mel_spec.n_mels), self._listening.silence, np.float32)
        self._waiting = np.zeros((0, self.mel_spec.n_mels), np.float32)
        self._rings: list[FarRing] = []  # the mel, then what each early layer made
        for layer in range(EARLY + 1):
            ring = FarRing(self._frames // 2**layer + STEP, column.shape)
            ring.fill(column)
            self._rings.append(ring)
            around = np.repeat(column[..., None], 7, axis=2)
            column = self._steps.strip(layer, around, np.ones(3, np.float32))[..., 0]
        self._e: Array | None = None

    def _take(self, columns: Array) -> None:
        self._waiting = np.concatenate([self._waiting, columns])
        bound = STEP * (self._frames // STEP + 2)
        if len(self._waiting) > 2 * bound:  # nobody asks for embeddings
            surplus = (len(self._waiting) - bound) // STEP * STEP
            self._waiting = self._waiting[surplus:]

    def _embedding(self) -> Array:
        while len(self._waiting) >= STEP:
            fresh, self._waiting = self._waiting[:STEP], self._waiting[STEP:]
            self._advance(fresh)
            self._e = None
        if self._e is None:
            self._e = self._window()
        return self._e.copy()

    def _advance(self, mel: Array) -> None:
        """Take one step of mel frames (8, bins) through the early layers."""
        self._rings[0].write(mel[:, None])
        for layer in range(EARLY):
            count = STEP // 2 ** (layer + 1)
            columns = self._rings[layer].latest(2 * count + 5, ago=AGO[layer])
            inside = np.ones(count + 2, np.float32)
            made = self._steps.strip(layer, columns.transpose(1, 2, 0), inside)
            self._rings[layer + 1].write(made.transpose(2, 0, 1))

    def _window(self) -> Array:
        x = self._rings[0].latest(self._frames).transpose(1, 2, 0)  # (1, bins, frames)
        for layer in range(EARLY):
            x = self._together(layer, x)
        for layer in range(EARLY, len(self._weights.layers)):
            x = self._whole(layer, x)
        e: Array = x.max(axis=2)[:, 0]
        return e

    def _together(self, layer: int, x: Array) -> Array:
        """An early layer's columns: outer ones of this window, inner ones as they were kept."""
        left, total = OUTER_LEFT[layer], (x.shape[2] + 1) // 2
        inner = self._rings[layer + 1].latest(total - left - OUTER_RIGHT)
        return np.concatenate(
            [
                self._outer(layer, x, start=0, count=left),
                inner.transpose(1, 2, 0),
                self._outer(layer, x, start=total - OUTER_RIGHT, count=OUTER_RIGHT),
            ],
            axis=2,
        )
