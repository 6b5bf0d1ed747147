"""A pool of painted pictures, slowly renewed.

Out: batches of pictures, each with its plan, its composition at rest, its touch and its palette.
Painting costs 3-60 ms a picture; each is used in a few steps before it is replaced.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tools.gallery import parameters
from tools.gallery.painter import paint_with_plan, plan_at_rest
from tools.gallery.parameters import N_PALETTE, N_TOUCH
from tools.training.composer import PLAN
from tools.training.losses import reduced

PLAN_SIZE = 64  # pixels of the plan that the generator's features are asked for
CHUNK = 32  # pictures painted at once


@dataclass(frozen=True)
class Lesson:
    """A batch; pictures and plans in -1..1."""

    pictures: Tensor  # (n, 3, s, s)
    plans: Tensor  # (n, 3, PLAN_SIZE, PLAN_SIZE)
    at_rest: Tensor  # (n, 3, PLAN, PLAN)
    touch: Tensor  # (n, N_TOUCH)
    palette: Tensor  # (n, N_PALETTE)

    def split(self, parts: int) -> list[Lesson]:
        """The batch in equal parts."""
        columns = [getattr(self, name).chunk(parts) for name in self.__dataclass_fields__]
        return [Lesson(*part) for part in zip(*columns, strict=True)]


class Pool:
    """``capacity`` pictures of ``size`` pixels as uint8, with what made each."""

    def __init__(self, capacity: int, size: int, *, bristles: bool) -> None:
        self.pictures = torch.empty(capacity, 3, size, size, dtype=torch.uint8)
        self.plans = torch.empty(capacity, 3, PLAN_SIZE, PLAN_SIZE, dtype=torch.uint8)
        self.at_rest = torch.empty(capacity, 3, PLAN, PLAN, dtype=torch.uint8)
        self.touch, self.palette = torch.empty(capacity, N_TOUCH), torch.empty(capacity, N_PALETTE)
        self.size, self.bristles = size, bristles
        self._next = 0
        self._due = 0.0
        for start in range(0, capacity, CHUNK):
            self._paint(torch.arange(start, min(start + CHUNK, capacity)))

    def renew(self, count: float) -> None:
        """Replace the ``count`` oldest pictures, soon: painting is cheaper in larger numbers."""
        self._due += count
        if self._due < CHUNK:
            return
        where = (self._next + torch.arange(CHUNK)) % len(self.touch)
        self._next, self._due = int(where[-1]) + 1, self._due - CHUNK
        self._paint(where)

    def draw(self, batch: int) -> Lesson:
        """A random batch."""
        who = torch.randint(0, len(self.touch), (batch,))
        kept = (self.pictures, self.plans, self.at_rest)
        seen = [pictures[who].float() / 127.5 - 1 for pictures in kept]
        return Lesson(*seen, self.touch[who], self.palette[who])

    @torch.no_grad()
    def _paint(self, where: Tensor) -> None:
        z = torch.randn(3, len(where), parameters.Z_DIM)
        pictures, plans = paint_with_plan(*z, size=self.size, texture=self.bristles)
        self.pictures[where] = (pictures * 255 + 0.5).byte()
        self.plans[where] = (reduced(plans, PLAN_SIZE) * 255 + 0.5).byte()
        self.at_rest[where] = (reduced(plan_at_rest(z[0], size=64), PLAN) * 255 + 0.5).byte()
        self.touch[where], self.palette[where] = parameters.touch(z[1]), parameters.palette(z[2])
