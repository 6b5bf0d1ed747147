"""The encoder that runs live: every mel frame is calculated once, whatever the window.

In: log-mel frames (n, 96), any n.  Out: embedding and tags of the newest window.  Thread: ears.

A window's columns are the same numbers in every window that holds them, but for the pools, which
start counting at the window's own first frame. So each layer is calculated for every start ("all
phases"): a stride of two becomes a dilation of two in all that follows, and a pool becomes a
sliding maximum. What differs is the left edge, where a window sees zeros and not the past; it is
calculated only for the windows that are asked for. The right edge never matters: 161 of 187 frames
reach the output, and the newest of those is the newest frame pushed.

The result equals the whole-window network to rounding (1e-4 is promised and tested).
"""

from __future__ import annotations

import numpy as np

from traumer_live.core.types import Array
from traumer_live.embedding.checkpoint import Weights
from traumer_live.embedding.columns import ColumnRing
from traumer_live.embedding.far_ring import FarRing
from traumer_live.embedding.geometry import (
    CHANNELS,
    EFFECTIVE_BINS,
    EFFECTIVE_FRAMES,
    EMBEDDING_COLUMNS,
    EMBEDDING_DIM,
    LAYERS,
    LayerShape,
)
from traumer_live.embedding.steps import Edge, Grown, Past, Steps

_LAST = LAYERS[-1]
_START_FRAMES = LAYERS[0].pool.time + 1  # frames behind the first pooled column of a window
# Of the last layer's two pools the edge gives the first two columns.
_REST_COLUMNS = EMBEDDING_COLUMNS * _LAST.pool.time - 2
_REST_SPAN = (_REST_COLUMNS - 1) * _LAST.dilation + 1  # frames from the first to the last of them
# Frames calculated at once at most. All 161 of a reset together took 95 MB, of which onnxruntime
# gives nothing back; a tick brings two or three.
_AT_ONCE = 8


class StreamingEncoder:
    """MTT_vgg on a running mel, with the columns of the last 161 frames kept in fixed rings."""

    def __init__(self, weights: Weights, steps: Steps) -> None:
        self._weights = weights
        self._steps = steps
        self.mel_spec, self.tag_names = weights.mel_spec, weights.tag_names
        self.e_dim, self.delay_s = EMBEDDING_DIM, EFFECTIVE_FRAMES / self.mel_spec.frame_rate / 2
        self._waiting: list[Array] = []  # normalised frames not yet calculated
        self._mel = ColumnRing(EFFECTIVE_FRAMES, (EFFECTIVE_BINS,))
        self._memories = [_LayerMemory(shape) for shape in LAYERS]
        self._is_silent = False  # nothing was pushed since the last reset
        self.reset()

    def push(self, mel: Array) -> None:
        """Add log-mel frames (n, 96); they are calculated, all together, at ``embedding()``."""
        if len(mel) == 0:
            return
        self._is_silent = False
        lower = mel[-EFFECTIVE_FRAMES:, :EFFECTIVE_BINS].astype(np.float32)
        self._waiting.append(lower * self._weights.input_gain + self._weights.input_offset)
        self._forget_what_no_window_sees()

    def embedding(self) -> tuple[Array, Array]:
        """e (256,) and tags (50,) of the window that ends at the newest frame pushed."""
        self._advance()
        edges = [memory.edge() for memory in self._memories[1:]]
        rest = self._memories[-1].active.latest(_REST_SPAN)[:: _LAST.dilation]
        start = self._mel.latest(_START_FRAMES, ago=EFFECTIVE_FRAMES - _START_FRAMES)
        return self._steps.finish(start, edges, rest)

    def reset(self) -> None:
        """Back to silence: as many silent frames as any window can see."""
        if self._is_silent:  # a show resets what was made for it just now; that is 0.1 s of work
            return
        self._waiting.clear()
        self.push(np.zeros((EFFECTIVE_FRAMES, self.mel_spec.n_mels), np.float32))
        self._advance()
        self._is_silent = True

    def _advance(self) -> None:
        """Calculate the columns of the waiting frames and keep them."""
        if not self._waiting:
            return
        mel = np.concatenate(self._waiting)[-EFFECTIVE_FRAMES:]
        self._waiting.clear()
        self._mel.write(mel)
        for start in range(0, len(mel), _AT_ONCE):
            block = mel[start : start + _AT_ONCE]
            grown = self._steps.advance(block, [memory.past() for memory in self._memories])
            for memory, made in zip(self._memories, grown, strict=True):
                memory.write(made)

    def _forget_what_no_window_sees(self) -> None:
        """Bound the waiting frames when nobody asks for embeddings."""
        while sum(map(len, self._waiting[1:])) >= EFFECTIVE_FRAMES:
            self._waiting.pop(0)


class _LayerMemory:
    """The kept columns of one layer; each ring's newest column trails the mel by its lag."""

    def __init__(self, shape: LayerShape) -> None:
        self._shape = shape
        d = shape.dilation
        # How far back the left edge of a window lies; the first layer's is made from the mel again.
        reach = d if shape is LAYERS[0] else EFFECTIVE_FRAMES - shape.lag - d
        products = (shape.bins_out, CHANNELS)
        self._before = ColumnRing(2 * d, products)
        self._centre = FarRing(reach, products)  # large, and little of them is read at a time
        self._after = FarRing(reach, products)
        span = _REST_SPAN if shape is _LAST else (shape.pool.time - 1) * d
        self.active = ColumnRing(span, (shape.bins_pooled, CHANNELS))

    def past(self) -> Past:
        """What the layer needs to take new columns."""
        d = self._shape.dilation
        return Past(
            before=self._before.latest(2 * d),
            centre=self._centre.latest(d),
            active=self.active.latest((self._shape.pool.time - 1) * d),
        )

    def write(self, grown: Grown) -> None:
        """Keep what the new columns gave."""
        self._before.write(grown.before)
        self._centre.write(grown.centre)
        self._after.write(grown.after)
        self.active.write(grown.active)

    def edge(self) -> Edge:
        """The products beside the first column of the newest window."""
        d = self._shape.dilation
        first = EFFECTIVE_FRAMES - 1 - self._shape.lag  # columns ago
        return Edge(
            second_after=self._after.latest(1, ago=first - d),
            second_centre=self._centre.latest(1, ago=first - d),
            third_after=self._after.latest(1, ago=first - 2 * d),
        )
