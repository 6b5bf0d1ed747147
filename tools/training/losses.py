"""How far a dreamt picture is from its painted target.

In: pictures (n, 3, s, s) in -1..1.  Out: scalars.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F  # noqa: N812
from torch import Tensor


def reduced(pictures: Tensor, size: int) -> Tensor:  # (n, 3, r, r) -> (n, 3, size, size)
    """Pictures averaged down to ``size`` pixels."""
    factor = pictures.shape[-1] // size
    return F.avg_pool2d(pictures, factor) if factor > 1 else pictures


def closeness(fake: Tensor, real: Tensor) -> Tensor:
    """Picture distance on three scales, and of edges, which blur would hide."""
    near = apart(fake, real)
    small = sum(F.l1_loss(F.avg_pool2d(fake, k), F.avg_pool2d(real, k)) for k in (4, 8))
    across = F.l1_loss(fake.diff(dim=3), real.diff(dim=3))
    down = F.l1_loss(fake.diff(dim=2), real.diff(dim=2))
    return near + small / 2 + across + down


def guidance(fake: Tensor, real: Tensor) -> Tensor:
    """The target as thumbnails, the smaller the stricter; detail is the adversary's affair."""
    total = fake.new_zeros(())
    for size, weight in ((8, 2.0), (16, 1.5), (32, 0.5)):
        total = total + weight * F.l1_loss(reduced(fake, size), reduced(real, size))
    return total


def reading_error(read: Sequence[Tensor], wanted: Tensor) -> Tensor:
    """How far what was read off features of several resolutions is from what was painted."""
    return sum(
        (apart(seen, reduced(wanted, seen.shape[-1])) for seen in read), wanted.new_zeros(())
    )


def apart(a: Tensor, b: Tensor) -> Tensor:
    """Mean absolute and squared difference, added."""
    return F.l1_loss(a, b) + F.mse_loss(a, b)
