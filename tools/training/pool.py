"""A pool of painted pictures, slowly renewed.

Out: batches of pictures, each with everything it was painted from.  Painting costs 3 to 100 ms a
picture; each is used in a few dozen steps before it is replaced. What has to be learnt is the same
at every place of a picture, so that even a small pool is many examples.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from tools.gallery.bristles import NOISE_SIZES, along, doubled, fresh_noise
from tools.gallery.families import FAMILIES
from tools.gallery.painter import paint_openly
from tools.gallery.parameters import N_PALETTE, N_TOUCH
from tools.gallery.underdrawing import CONFIG, LAID_AT, underdrawing
from tools.training.losses import reduced
from tools.training.network import KINDS_AT, PLAN_AT, RELIEF_AT

CHUNK = 16  # pictures painted at once
MIXED = 0.75  # share of the pictures whose levels come from three different w


@dataclass(frozen=True)
class Lesson:
    """A batch; all pictures in -1..1."""

    features: Tensor  # (n, c, LAID_AT, LAID_AT) of the underdrawing
    touch: Tensor  # (n, N_TOUCH)
    palette: Tensor  # (n, N_PALETTE)
    pictures: Tensor  # (n, 3, s, s)
    plans: Tensor  # (n, 3, PLAN_AT, PLAN_AT)
    kinds: Tensor  # (n, 2 families, KINDS_AT, KINDS_AT)
    strokes: Tensor  # (n, 2, PLAN_AT, PLAN_AT): direction of the brush, at twice its angle
    relief: Tensor  # (n, 1, RELIEF_AT, RELIEF_AT): thickness of the paint
    long: Tensor  # noise (n, 1, 64, 64)
    short: Tensor  # (n, 1, 128, 128)
    grain: Tensor  # (n, 1, 256, 256)

    @property
    def noise(self) -> tuple[Tensor, Tensor, Tensor]:
        """The planes that bristles were painted from."""
        return self.long, self.short, self.grain

    def split(self, parts: int) -> list[Lesson]:
        """The batch in equal parts."""
        columns = [getattr(self, f.name).chunk(parts) for f in fields(self)]
        return [Lesson(*part) for part in zip(*columns, strict=True)]


class Pool:
    """``capacity`` pictures of ``size`` pixels in 8 bits, with what made each."""

    def __init__(self, capacity: int, size: int, *, bristles: bool) -> None:
        half, byte = torch.float16, torch.uint8
        self.features = torch.empty(
            capacity, CONFIG.channels(LAID_AT), LAID_AT, LAID_AT, dtype=half
        )
        self.touch, self.palette = torch.empty(capacity, N_TOUCH), torch.empty(capacity, N_PALETTE)
        self.pictures = torch.empty(capacity, 3, size, size, dtype=byte)
        self.plans = torch.empty(capacity, 3, PLAN_AT, PLAN_AT, dtype=byte)
        self.kinds = torch.empty(capacity, 2 * len(FAMILIES), KINDS_AT, KINDS_AT, dtype=byte)
        self.strokes = torch.empty(capacity, 2, PLAN_AT, PLAN_AT, dtype=half)
        self.relief = torch.empty(capacity, 1, RELIEF_AT, RELIEF_AT, dtype=half)
        self.noise = [torch.empty(capacity, 1, s, s, dtype=half) for s in NOISE_SIZES]
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
        where = (self._next + torch.arange(CHUNK)) % len(self.touch)
        self._next, self._due = int(where[-1]) + 1, self._due - CHUNK
        self._paint(where)

    def draw(self, batch: int) -> Lesson:
        """A random batch."""
        who = torch.randint(0, len(self.touch), (batch,))
        return Lesson(
            self.features[who].float(),
            self.touch[who],
            self.palette[who],
            *(kept[who].float() / 127.5 - 1 for kept in (self.pictures, self.plans, self.kinds)),
            *(kept[who].float() for kept in (self.strokes, self.relief, *self.noise)),
        )

    @torch.no_grad()
    def _paint(self, where: Tensor) -> None:
        under, count = underdrawing(), len(where)
        composition, touch, palette = under.random_w(3 * count).chunk(3)
        same = torch.rand(count)[:, None] > MIXED
        touch, palette = (torch.where(same, composition, w) for w in (touch, palette))
        features, m, p = under.features(composition), under.touch(touch), under.palette(palette)
        noise = [plane.half().float() for plane in fresh_noise(count)]
        fields = under.fields(features)
        seen = paint_openly(fields, m, p, size=self.size, noise=noise if self.bristles else ())
        self.features[where], self.touch[where], self.palette[where] = features.half(), m, p
        self.pictures[where] = eight_bits(seen.pictures)
        self.plans[where] = eight_bits(reduced(seen.plans, PLAN_AT))
        self.kinds[where] = eight_bits(reduced(seen.kinds, KINDS_AT))
        self.strokes[where] = doubled(along(fields, PLAN_AT)).half()
        thick = F.interpolate(seen.relief[:, None], size=(RELIEF_AT, RELIEF_AT), mode="area")
        self.relief[where] = thick.half()
        for kept, plane in zip(self.noise, noise, strict=True):
            kept[where] = plane.half()


def eight_bits(x: Tensor) -> Tensor:
    """0..1 as 0..255."""
    return (x * 255 + 0.5).byte()
