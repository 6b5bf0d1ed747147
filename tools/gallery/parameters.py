"""How a Gaussian z is read: which numbers mean composition, which touch, which palette.

In: z (n, Z_DIM) standard normal.  Out: the slice of one kind, and helpers that bend it.
All three kinds live in one z, so a plain random z is a whole picture; style mixing takes each kind
from another z.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

N_FAMILIES = 6
N_WAVES = 6  # coefficients of one random field
N_COMPOSITION = N_FAMILIES + 2 * N_WAVES + 4  # which family, two fields, placing the subject
N_TOUCH = 16
N_PALETTE = 16
CERTAIN = 5.0  # how decidedly one family wins; higher makes fewer double exposures
Z_DIM = N_COMPOSITION + N_TOUCH + N_PALETTE


def unit_energy(z: Tensor) -> Tensor:  # (n, Z_DIM) -> same
    """z with a mean square of one, which is all that a StyleGAN2 mapping network can see of it."""
    return z * torch.rsqrt(z.square().mean(1, keepdim=True) + 1e-8)


def composition(z: Tensor) -> Tensor:  # (n, N_COMPOSITION)
    """What is where."""
    return unit_energy(z)[:, :N_COMPOSITION]


def touch(z: Tensor) -> Tensor:  # (n, N_TOUCH)
    """How it is painted: bands, hardness, contours, strokes, grain."""
    return unit_energy(z)[:, N_COMPOSITION : N_COMPOSITION + N_TOUCH]


def palette(z: Tensor) -> Tensor:  # (n, N_PALETTE)
    """Which colours."""
    return unit_energy(z)[:, N_COMPOSITION + N_TOUCH :]


def uniform(v: Tensor) -> Tensor:
    """A standard normal number as an evenly spread one in 0..1, smoothly."""
    return 0.5 * (1 + torch.erf(v / math.sqrt(2)))


def between(v: Tensor, low: float, high: float) -> Tensor:  # (n,) -> (n, 1, 1)
    """A standard normal number per picture as one spread over low..high, ready for a canvas."""
    return (low + (high - low) * uniform(v))[:, None, None]
