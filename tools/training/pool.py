"""A pool of painted pictures, slowly renewed.

Out: batches (z of three levels, picture, plan).  Painting costs 3-60 ms a picture; each is used in
a few steps before it is replaced.
"""

from __future__ import annotations

import torch
from torch import Tensor

from tools.gallery.painter import paint_with_plan
from tools.gallery.parameters import Z_DIM
from tools.training.losses import reduced

PLAN_SIZE = 64  # pixels
CHUNK = 32  # pictures painted at once


class Pool:
    """``capacity`` pictures of ``size`` pixels as uint8, with the three z that made each."""

    def __init__(self, capacity: int, size: int, *, bristles: bool, spread: float) -> None:
        self.z = torch.randn(capacity, 3, Z_DIM)
        self.pictures = torch.empty(capacity, 3, size, size, dtype=torch.uint8)
        self.plans = torch.empty(capacity, 3, PLAN_SIZE, PLAN_SIZE, dtype=torch.uint8)
        self.size, self.bristles, self.spread = size, bristles, spread
        self._next = 0
        self._due = 0
        for start in range(0, capacity, CHUNK):
            self._paint(torch.arange(start, min(start + CHUNK, capacity)))

    def renew(self, count: int) -> None:
        """Replace the ``count`` oldest pictures, soon: painting is cheaper in larger numbers."""
        self._due += count
        if self._due < CHUNK:
            return
        where = (self._next + torch.arange(self._due)) % len(self.z)
        self._next, self._due = int(where[-1]) + 1, 0
        self.z[where] = torch.randn(len(where), 3, Z_DIM)
        self._paint(where)

    def draw(self, batch: int) -> tuple[Tensor, Tensor, Tensor]:
        """z (3, batch, Z_DIM), pictures (batch, 3, size, size) and plans, both in -1..1."""
        who = torch.randint(0, len(self.z), (batch,))
        pictures, plans = (kept[who].float() / 127.5 - 1 for kept in (self.pictures, self.plans))
        return self.z[who].transpose(0, 1), pictures, plans

    @torch.no_grad()
    def _paint(self, where: Tensor) -> None:
        z = self.z[where].transpose(0, 1)
        pictures, plans = paint_with_plan(
            *z, size=self.size, texture=self.bristles, spread=self.spread
        )
        self.pictures[where] = (pictures * 255 + 0.5).byte()
        self.plans[where] = (reduced(plans, PLAN_SIZE) * 255 + 0.5).byte()
