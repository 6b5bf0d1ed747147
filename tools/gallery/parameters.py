"""How a Gaussian z is read: which numbers mean composition, which touch, which palette.

In: z (n, Z_DIM) standard normal.  Out: the slice of one kind, and helpers that bend it.
All three kinds live in one z, so a plain random z is a whole picture; style mixing takes each kind
from another z.

``spread`` is for training: at 1 the gallery is endless, below it every family stays near one anchor
composition. A network learns the anchors first and their variety later.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor

N_FAMILIES = 8
N_WAVES = 10  # coefficients of one random field
N_COMPOSITION = 32  # 8 family logits, 10 field, 10 second field, 4 placing the subject
N_TOUCH = 16
N_PALETTE = 16
CERTAIN = 5.5  # how decidedly one family wins; higher makes fewer double exposures
ANCHOR_SEED = 8  # chosen by eye
Z_DIM = N_COMPOSITION + N_TOUCH + N_PALETTE


def unit_energy(z: Tensor) -> Tensor:  # (n, Z_DIM) -> same
    """z with a mean square of one, which is all that a StyleGAN2 mapping network can see of it."""
    return z * torch.rsqrt(z.square().mean(1, keepdim=True) + 1e-8)


def composition(z: Tensor, spread: float = 1.0) -> Tensor:  # (n, N_COMPOSITION)
    """What is where; with a smaller spread nearer to the anchor of the family."""
    c = unit_energy(z)[:, :N_COMPOSITION]
    family, fields = c[:, :N_FAMILIES], c[:, N_FAMILIES:]
    anchor = torch.softmax(CERTAIN * family, 1) @ anchors()  # (n, N_COMPOSITION - N_FAMILIES)
    return torch.cat([family, anchor * math.sqrt(1 - spread**2) + spread * fields], 1)


def touch(z: Tensor, spread: float = 1.0) -> Tensor:  # (n, N_TOUCH)
    """How it is painted: warp, bands, hardness, strokes, grain; milder with a smaller spread."""
    return unit_energy(z)[:, N_COMPOSITION : N_COMPOSITION + N_TOUCH] * spread


@lru_cache
def anchors() -> Tensor:  # (N_FAMILIES, N_COMPOSITION - N_FAMILIES)
    """One well-made composition per family, which others vary."""
    generator = torch.Generator().manual_seed(ANCHOR_SEED)
    return torch.randn(N_FAMILIES, N_COMPOSITION - N_FAMILIES, generator=generator)


def palette(z: Tensor) -> Tensor:  # (n, N_PALETTE)
    """Which colours."""
    return unit_energy(z)[:, N_COMPOSITION + N_TOUCH :]


def uniform(v: Tensor) -> Tensor:
    """A standard normal number as an evenly spread one in 0..1, smoothly."""
    return 0.5 * (1 + torch.erf(v / math.sqrt(2)))


def between(v: Tensor, low: float, high: float) -> Tensor:  # (n,) -> (n, 1, 1)
    """A standard normal number per picture as one spread over low..high, ready for a canvas."""
    return (low + (high - low) * uniform(v))[:, None, None]
