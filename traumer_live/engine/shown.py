"""What was lately on the screen, by its w_plus: for whoever says "this one".

In: every picture as it is painted.  Out: the newest, and a strip of the last twelve seconds.
Thread: ``add`` is the dreams'; reading is any's.  A strip takes 3 MB at most.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from traumer_live.core.types import SHOW_RATE, Array, Pixels
from traumer_live.synthesis.generator import Generator

STEP_S = 1.0  # show time between two pictures of the strip
KEPT = 12
SIDE = 256  # pixels of a kept picture's height at most; enough to look at and to measure


@dataclass(frozen=True)
class Picture:
    """One picture that the audience saw, before the look."""

    sample_index: int  # show time of the music that it answers
    w_plus: Array  # (num_ws, w_dim), exactly as it was painted
    pixels: Pixels  # (H, W, 4), reduced where it was larger than SIDE


class Shown:
    """The last pictures of one generator; another one's begin anew."""

    def __init__(self) -> None:
        self._newest: tuple[int, Array, Pixels] | None = None
        self._strip: deque[Picture] = deque(maxlen=KEPT)
        self._generator: Generator | None = None

    @property
    def newest(self) -> Picture | None:
        """The one on the screen now; None before the first."""
        newest = self._newest
        return None if newest is None else _picture(*newest)

    @property
    def strip(self) -> tuple[Picture, ...]:
        """The last ones, a second apart, the newest last."""
        return tuple(self._strip)

    def add(self, sample_index: int, w_plus: Array, pixels: Pixels, generator: Generator) -> None:
        """A picture was painted; costs a comparison, and once a second a copy."""
        if generator is not self._generator:
            self._generator = generator
            self._strip.clear()
        self._newest = (sample_index, w_plus, pixels)
        last = self._strip[-1].sample_index if self._strip else -SHOW_RATE
        if not 0 <= sample_index - last < STEP_S * SHOW_RATE:
            self._strip.append(_picture(sample_index, w_plus, pixels))


def _picture(sample_index: int, w_plus: Array, pixels: Pixels) -> Picture:
    step = -(-len(pixels) // SIDE)
    return Picture(sample_index, w_plus, np.ascontiguousarray(pixels[::step, ::step]))
