"""Lays pictures that come when they come onto a constant grid of slots.

In: a picture with the slot its sound belongs to.  Out: every slot written once, in order.
Thread: the recorder's.  No clock inside: equal input gives an equal movie.
"""

from __future__ import annotations

from collections.abc import Callable

from traumer_live.core.types import Pixels


class Slots:
    """Gaps repeat the last picture; of two pictures for one slot the newer one wins."""

    def __init__(self, write: Callable[[Pixels, int], None], *, nothing: Pixels) -> None:
        """``write(pixels, slot)`` takes each slot; ``nothing`` stands in until a picture comes."""
        self._write = write
        self._newest = nothing
        self._any = False
        self._fresh = False  # the newest picture is not written yet
        self.next = 0  # first slot not written
        self.repeated = 0
        self.replaced = 0

    def put(self, pixels: Pixels, slot: int) -> None:
        """A picture for ``slot``; one that comes too late goes into the next free slot."""
        if not self._any:  # what came before the first picture shows it too
            self._newest, self._any = pixels, True
        self.reach(slot)
        self.replaced += self._fresh
        self._newest, self._fresh = pixels, True

    def reach(self, end: int) -> None:
        """Write every slot below ``end``."""
        while self.next < end:
            self._write(self._newest, self.next)
            self.repeated += not self._fresh
            self._fresh = False
            self.next += 1
