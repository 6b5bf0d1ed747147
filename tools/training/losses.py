"""How far a dreamt picture is from its painted target.

In: pictures (n, 3, s, s) in -1..1.  Out: scalars.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F  # noqa: N812
from torch import Tensor

THUMBNAILS = (16, 32, 64)  # pixels
CELLS = 4  # parts of a view, to a side, whose manner is compared


def reduced(pictures: Tensor, size: int) -> Tensor:  # (n, 3, r, r) -> (n, 3, size, size)
    """Pictures averaged down to ``size`` pixels."""
    factor = pictures.shape[-1] // size
    return F.avg_pool2d(pictures, factor) if factor > 1 else pictures


def closeness(fake: Tensor, real: Tensor) -> Tensor:
    """Picture distance on three scales, and of edges, which blur would hide."""
    near = apart(fake, real)
    small = sum(F.l1_loss(F.avg_pool2d(fake, k), F.avg_pool2d(real, k)) for k in (4, 8))
    return near + small / 2 + edges(fake, real)


def edges(fake: Tensor, real: Tensor) -> Tensor:
    """Distance of the differences between neighbours, where thin lines weigh as much as areas."""
    across = F.l1_loss(fake.diff(dim=3), real.diff(dim=3))
    return across + F.l1_loss(fake.diff(dim=2), real.diff(dim=2))


def guidance(fake: Tensor, real: Tensor) -> Tensor:
    """The target as thumbnails; detail is the adversary's affair."""
    return sum(
        (F.l1_loss(reduced(fake, size), reduced(real, size)) for size in THUMBNAILS),
        fake.new_zeros(()),
    )


def manner(seen: Sequence[Tensor], wanted: Sequence[Tensor]) -> Tensor:
    """How differently two pictures are painted, wherever each single stroke lies.

    Means and deviations of frozen features (n, c, s, s) within each of CELLS x CELLS parts, after
    Gatys et al. 2015, "Texture Synthesis Using Convolutional Neural Networks" (arXiv 1505.07376).
    Bristles are random, so that no distance of pixels can ask for them; their statistics can be
    asked for, and so the rows of the touch learn what an adversary, who accepts any paint, did
    not teach them.
    """
    total = wanted[0].new_zeros(())
    for mine, theirs in zip(seen, wanted, strict=True):
        scale = theirs.std() + 1e-6
        (mean, spread), (mean_wanted, spread_wanted) = local(mine), local(theirs)
        total = total + F.l1_loss(mean, mean_wanted) / scale
        total = total + F.l1_loss(spread, spread_wanted) / scale
    return total / len(wanted)


def local(features: Tensor) -> tuple[Tensor, Tensor]:  # (n, c, s, s) -> 2 of (n, c, CELLS, CELLS)
    """Mean and standard deviation within each cell."""
    cell = max(features.shape[-1] // CELLS, 1)
    mean = F.avg_pool2d(features, cell)
    variance = F.avg_pool2d(features.square(), cell) - mean.square()
    return mean, (variance.clamp(min=0) + 1e-4).sqrt()


def apart(a: Tensor, b: Tensor) -> Tensor:
    """Mean absolute and squared difference, added."""
    return F.l1_loss(a, b) + F.mse_loss(a, b)
