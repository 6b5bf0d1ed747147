"""How numbers read off w are bent into what the painter needs.

In: numbers (n,), about standard normal.  Out: evenly spread ones, ready for a canvas.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

N_TOUCH = 16  # how it is painted: kind of picture, bands, hardness, contours, strokes
N_PALETTE = 16  # which colours


def uniform(v: Tensor) -> Tensor:
    """A standard normal number as an evenly spread one in 0..1, smoothly."""
    return 0.5 * (1 + torch.erf(v / math.sqrt(2)))


def between(v: Tensor, low: float, high: float) -> Tensor:  # (n,) -> (n, 1, 1)
    """A standard normal number per picture as one spread over low..high, ready for a canvas."""
    return (low + (high - low) * uniform(v))[:, None, None]
