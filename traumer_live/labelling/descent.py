"""The search for the least L1 loss: gradient descent with Adam, a block of components at a time.

In: scaled embeddings, the targets of each, a beginning.  Out: weight, bias, the loss of every step.
Thread: any; numpy only, the same result every time.

Every component of w is learnt by itself: loss, slopes and Adam never mix two of them. So a block of
components takes all its steps while it lies in the processor's cache, in memory that is asked for
once; and pictures chosen for the same window of music share one tanh. Together with float32 all
through, a fit to 60 labels with 5 pictures each takes a fifth of what whole arrays took.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.types import Array
from traumer_live.latent.transfer import REACH

Rows = NDArray[np.intp]

BLOCK = 96  # components of w at a time
MOMENTS = (0.9, 0.99)  # of Adam (Kingma and Ba 2015)


@dataclass(frozen=True)
class Task:
    """What is to be met, with what W pays for its size."""

    x: Array  # (windows, kept), no two alike
    targets: Array  # (pictures, windows, w_dim), in reaches of the tanh
    shares: Array  # (pictures, windows), sums to one; 0 where a window has fewer pictures
    decay: float
    home: Array | None = None  # (kept, w_dim), the weight that costs nothing; None: zero


def task(x: Array, target: Array, share: Array, *, decay: float, home: Array | None) -> Task:
    """Rows (n, ...) with windows that come more than once put together.

    Args:
        x: (n, kept) scaled embeddings.
        target: (n, w_dim).
        share: (n,), sums to one.
        decay: what the weight pays for its mean square.
        home: (kept, w_dim).
    """
    x = np.ascontiguousarray(x, np.float32)
    rows = x.view(np.dtype((np.void, x.dtype.itemsize * x.shape[1])))[:, 0]
    _, first, window = np.unique(rows, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))  # windows in the order in which they come
    window = order[window]
    layer = _occurrence(window)
    targets = np.zeros((int(layer.max()) + 1, len(first), target.shape[1]), np.float32)
    shares = np.zeros(targets.shape[:2], np.float32)
    targets[layer, window] = target
    shares[layer, window] = share
    return Task(x[np.sort(first)], targets, shares, decay, home)


def descend(
    task: Task, weight: Array, bias: Array, *, steps: int, rate: float
) -> tuple[Array, Array, tuple[float, ...]]:
    """Weight (kept, w_dim), bias (w_dim,), and the loss before each step.

    ``rate`` falls to zero along a cosine.
    """
    weight, bias = np.array(weight, np.float32), np.array(bias, np.float32)
    losses = np.zeros(steps)
    for start in range(0, len(bias), BLOCK):
        block = _Block(task, slice(start, start + BLOCK), weight, bias)
        for step in range(steps):
            losses[step] += block.step(rate * 0.5 * (1 + np.cos(np.pi * step / steps)))
        block.write(weight, bias)
    return weight, bias, tuple(float(loss) for loss in losses)


class _Block:
    """Some components of w, with everything that a step of theirs needs."""

    def __init__(self, task: Task, part: slice, weight: Array, bias: Array) -> None:
        self._x, self._turned = task.x, np.ascontiguousarray(task.x.T)
        self._targets = np.ascontiguousarray(task.targets[..., part])
        self._w_dim = task.targets.shape[2]
        self._shares = task.shares[..., None]
        self._decay = task.decay
        self._part = part
        # Weight and bias as one array, so that Adam goes over it once: the bias is the last row.
        self._now = np.concatenate([weight[:, part], bias[None, part]])
        zero = np.zeros_like(self._now)
        self._home = zero[:-1] if task.home is None else task.home[:, part].astype(np.float32)
        self._adam = _Adam(self._now.shape)
        self._found, self._slope, self._off, self._sign = (
            np.empty(self._targets.shape[1:], np.float32) for _ in range(4)
        )
        self._slopes, self._paid = np.empty_like(zero), np.empty_like(zero[:-1])

    def step(self, rate: float) -> float:
        """One step down; this block's part of the loss before it."""
        found, slope = self._found, self._slope
        np.matmul(self._x, self._now[:-1], out=found)
        found += self._now[-1]
        np.tanh(found, out=found)  # (windows, block)
        missed = self._miss(found, slope)
        np.subtract(self._now[:-1], self._home, out=self._paid)
        np.square(found, out=found)
        np.subtract(1, found, out=found)
        slope *= found
        slope /= self._w_dim
        np.matmul(self._turned, slope, out=self._slopes[:-1])
        slope.sum(0, out=self._slopes[-1])
        cost = self._decay * float(np.vdot(self._paid, self._paid))
        self._paid *= 2 * self._decay / self._w_dim
        self._slopes[:-1] += self._paid
        self._adam.step(self._now, self._slopes, rate)
        return float(REACH * (missed + cost) / self._w_dim)

    def _miss(self, found: Array, slope: Array) -> float:
        """Summed weighted differences; ``slope`` becomes their slope for what was found."""
        missed = 0.0
        slope[:] = 0
        for target, share in zip(self._targets, self._shares, strict=True):
            np.subtract(found, target, out=self._off)
            np.sign(self._off, out=self._sign)
            self._sign *= share
            slope += self._sign
            missed += float(np.vdot(self._sign, self._off))  # share |off|
        return missed

    def write(self, weight: Array, bias: Array) -> None:
        """Put what was found where it belongs."""
        weight[:, self._part], bias[self._part] = self._now[:-1], self._now[-1]


class _Adam:
    """Kingma and Ba 2015, in place."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._first, self._second, self._spare = (np.zeros(shape, np.float32) for _ in range(3))
        self._steps = 0

    def step(self, value: Array, slope: Array, rate: float) -> None:
        """Change ``value``; ``slope`` is used up."""
        self._steps += 1
        a, b = MOMENTS
        spare = self._spare
        np.multiply(slope, 1 - a, out=spare)
        self._first *= a
        self._first += spare
        np.square(slope, out=slope)
        slope *= 1 - b
        self._second *= b
        self._second += slope
        np.multiply(self._second, 1 / (1 - b**self._steps), out=spare)
        np.sqrt(spare, out=spare)
        spare += 1e-12
        np.divide(self._first, spare, out=spare)
        spare *= rate / (1 - a**self._steps)
        value -= spare


def _occurrence(window: Rows) -> Rows:
    """Of each row, how often its window came before."""
    order = np.argsort(window, kind="stable")
    ordered = window[order]
    begins = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    lengths = np.diff(np.append(begins, len(ordered)))
    found = np.empty(len(window), np.intp)
    found[order] = np.arange(len(window)) - np.repeat(begins, lengths)
    return found
