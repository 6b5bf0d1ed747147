"""A pool of painted pictures, slowly renewed.

Out: batches of pictures, each with its plan, its fields and the z of every level it was painted
from.  Painting costs 3-60 ms a picture; each is used in a few steps before it is replaced.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tools.gallery.painter import N_GROUND, paint_openly
from tools.gallery.parameters import Z_DIM
from tools.training.losses import reduced

PLAN_SIZE = 64  # pixels of the plan that the generator's features are asked for
FIELD_SIZE = 32  # ... and of the fields
CHUNK = 32  # pictures painted at once
MIXED = 0.75  # share of the pictures whose levels come from three different z


@dataclass(frozen=True)
class Lesson:
    """A batch; all pictures in -1..1."""

    z: Tensor  # (n, 3, Z_DIM): composition, touch and palette are read off one row each
    pictures: Tensor  # (n, 3, s, s)
    plans: Tensor  # (n, 3, PLAN_SIZE, PLAN_SIZE)
    fields: Tensor  # (n, N_GROUND, FIELD_SIZE, FIELD_SIZE)

    def split(self, parts: int) -> list[Lesson]:
        """The batch in equal parts."""
        columns = [getattr(self, name).chunk(parts) for name in self.__dataclass_fields__]
        return [Lesson(*part) for part in zip(*columns, strict=True)]


class Pool:
    """``capacity`` pictures of ``size`` pixels in 8 bits, with what made each."""

    def __init__(self, capacity: int, size: int, *, bristles: bool) -> None:
        self.z = torch.empty(capacity, 3, Z_DIM)
        self.pictures = torch.empty(capacity, 3, size, size, dtype=torch.uint8)
        self.plans = torch.empty(capacity, 3, PLAN_SIZE, PLAN_SIZE, dtype=torch.uint8)
        self.fields = torch.empty(capacity, N_GROUND, FIELD_SIZE, FIELD_SIZE, dtype=torch.uint8)
        self.size, self.bristles = size, bristles
        self._next = 0
        self._due = 0.0
        for start in range(0, capacity, CHUNK):
            self._paint(torch.arange(start, min(start + CHUNK, capacity)))

    def next(self, batch: int, fresh: float) -> Lesson:
        """A random batch, after ``fresh`` pictures became due to be replaced."""
        self.renew(fresh)
        return self.draw(batch)

    def renew(self, count: float) -> None:
        """Replace the ``count`` oldest pictures, soon: painting is cheaper in larger numbers."""
        self._due += count
        if self._due < CHUNK:
            return
        where = (self._next + torch.arange(CHUNK)) % len(self.z)
        self._next, self._due = int(where[-1]) + 1, self._due - CHUNK
        self._paint(where)

    def draw(self, batch: int) -> Lesson:
        """A random batch."""
        who = torch.randint(0, len(self.z), (batch,))
        kept = (self.pictures, self.plans, self.fields)
        return Lesson(self.z[who], *(pictures[who].float() / 127.5 - 1 for pictures in kept))

    @torch.no_grad()
    def _paint(self, where: Tensor) -> None:
        z = torch.randn(3, len(where), Z_DIM)
        same = torch.rand(len(where)) > MIXED
        z[:, same] = z[:1, same]
        seen = paint_openly(*z, size=self.size, texture=self.bristles)
        self.z[where] = z.transpose(0, 1)
        self.pictures[where] = eight_bits(seen.pictures)
        self.plans[where] = eight_bits(reduced(seen.plans, PLAN_SIZE))
        self.fields[where] = eight_bits(reduced(seen.fields, FIELD_SIZE) / 2 + 0.5)


def eight_bits(x: Tensor) -> Tensor:
    """0..1 as 0..255."""
    return (x * 255 + 0.5).byte()
