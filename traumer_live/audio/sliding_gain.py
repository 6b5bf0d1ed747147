"""A gain that is decided step by step and slides in between.

In: sound (n,), blocks of any length; a function that hears each whole step and says the next gain.
Out: the gain of each sample.  Thread: ears.

It depends on absolute sample indices only, so blocks of any size give the same samples.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.types import Array

Double = NDArray[np.float64]


class SlidingGain:
    """Starts at 1; each decision is reached at the end of the step after it."""

    def __init__(self, step: int) -> None:
        self.step = step  # samples
        self.gain = 1.0  # where it is heading
        self._ramp = (np.arange(step) + 1) / step
        self._fill = np.zeros(step, np.float32)  # the step now being heard
        self._filled = 0
        self._gains = np.ones(step)  # for each sample of that step

    def follow(self, x: Array, decide: Callable[[Array], float]) -> Double:  # (n,) -> (n,)
        """The gain of each sample of ``x``; ``decide`` hears every step that x completes."""
        out = np.empty(len(x))
        at = 0
        while at < len(x):
            n = min(self.step - self._filled, len(x) - at)
            out[at : at + n] = self._gains[self._filled : self._filled + n]
            self._fill[self._filled : self._filled + n] = x[at : at + n]
            self._filled += n
            at += n
            if self._filled == self.step:
                before, self.gain = self.gain, decide(self._fill)
                self._gains = before + (self.gain - before) * self._ramp
                self._filled = 0
        return out
