"""The two steps of the streaming evaluation, and what travels in and out of them.

In and out: arrays whose last axes are (mel bin, channel).  Thread: ears.

A 3x3 convolution over columns x[t] with dilation d is a sum of three products,

    conv[t] = x[t-d] K0 + x[t] K1 + x[t+d] K2        K0..K2: kernel taps in time, each 3 bins wide

so every column is multiplied once by each tap and the products are kept: ``before`` = x K0 (it is
the earlier neighbour), ``centre`` = x K1, ``after`` = x K2. The inner columns of a window share
these with all other windows. Only the first pooled column of each layer is a window's own, since
zeros stand to its left; with the products kept it costs two taps a layer, not two convolutions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from traumer_live.core.types import Array


@dataclass(frozen=True)
class Past:
    """What one layer needs of its past to take new columns."""

    before: Array  # (2 dilation, bins_out, channels)
    centre: Array  # (dilation, bins_out, channels)
    active: Array  # ((pool.time - 1) dilation, bins_pooled, channels)


@dataclass(frozen=True)
class Grown:
    """What one layer made of n new columns."""

    before: Array  # (n, bins_out, channels)
    centre: Array  # (n, bins_out, channels)
    after: Array  # (n, bins_out, channels)
    active: Array  # (n, bins_pooled, channels): after ReLU, norm and the pool over mel


@dataclass(frozen=True)
class Edge:
    """The kept products beside a window's first column, for one layer after the first."""

    second_after: Array  # (1, bins_out, channels) of the window's second column
    second_centre: Array  # (1, bins_out, channels) of its second column
    third_after: Array  # (1, bins_out, channels) of its third column


class Steps(Protocol):
    """One way to calculate, stateless: numpy or onnxruntime."""

    def advance(self, mel: Array, past: Sequence[Past]) -> list[Grown]:
        """Take new normalised mel frames (n, 94) through all five layers."""
        ...

    def finish(self, start: Array, edges: Sequence[Edge], rest: Array) -> tuple[Array, Array]:
        """e (256,) and tags (50,) of one window.

        Args:
            start: its first five normalised mel frames (5, 94)
            edges: of layers 2..5
            rest: ``active`` of layer 5 that the last pools look at besides the edge (6, 1, 128)
        """
        ...
