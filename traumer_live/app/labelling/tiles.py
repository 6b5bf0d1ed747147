"""One picture that may be chosen: its w, its pixels as they come, and how it was refined.

In: w, pixels from the easel.  Out: a Pick for the store.  Thread: GUI.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from traumer_live.core.types import Array, Pixels
from traumer_live.labelling.label import Pick

Origin = Literal["proposed", "random", "alike", "favourite"]


@dataclass(eq=False)  # each is itself, whatever it shows
class Tile:
    """A picture on the wall, or a favourite."""

    w: Array  # (w_dim,), or (num_ws, w_dim) once rows were mixed
    origin: Origin
    number: int = 0  # its place on the screen, from 1
    original: Array | None = None  # w before it was refined
    pixels: Pixels | None = None
    large: Pixels | None = None
    look: Array | None = None  # its measured attributes
    version: int = 0  # pixels of an older one are of another w

    @property
    def refined(self) -> bool:
        """Whether it is no longer what was shown first."""
        return self.original is not None

    @property
    def best(self) -> Pixels | None:
        """The largest pixels there are."""
        return self.large if self.large is not None else self.pixels

    def refine(self, w: Array) -> None:
        """Go over to another w; its picture is to be painted anew."""
        if self.original is None:
            self.original = self.w
        self._become(w)

    def restore(self) -> bool:
        """Back to what was shown first; whether anything changed."""
        if self.original is None:
            return False
        original, self.original = self.original, None
        self._become(original)
        return True

    def pick(self) -> Pick:
        """As the store keeps it."""
        look = None if self.look is None else self.look.copy()
        return Pick(np.ascontiguousarray(self.w, np.float32), look)

    def _become(self, w: Array) -> None:
        self.w = w
        self.version += 1
        self.large = None  # the thumbnail stays until the new one comes
