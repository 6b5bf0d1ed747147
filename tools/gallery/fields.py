"""Small shapes and derivatives that everything on the canvas is made of.

In: fields (n, s, s).  Out: fields (n, s, s).
"""

from __future__ import annotations

from functools import lru_cache

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor


def step(v: Tensor, width: Tensor | float) -> Tensor:
    """A soft edge at v = 0, about ``width`` wide."""
    return torch.sigmoid(v * (4 / width))


def bump(v: Tensor, width: Tensor | float) -> Tensor:
    """A soft line at v = 0."""
    return torch.exp(-((v / width) ** 2))


def mix(a: Tensor, b: Tensor | float, share: Tensor) -> Tensor:
    """a where share is 0, b where it is 1."""
    return a + (b - a) * share


def slopes(field: Tensor) -> tuple[Tensor, Tensor]:  # (n, s, s) -> 2 of (n, s, s)
    """How fast the field changes to the right and downward, per half canvas."""
    padded = F.pad(field[:, None], [1, 1, 1, 1], mode="replicate")[:, 0]
    per_pixel = field.shape[-1] / 4
    right = (padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]) * per_pixel
    down = (padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]) * per_pixel
    return right, down


def enlarged(fields: Tensor, size: int) -> Tensor:  # (n, k, s, s) -> (n, k, size, size)
    """Fields at another size, smoothly: bicubic, as a product with a matrix from either side."""
    along = bicubic(fields.shape[-1], size)
    return along @ fields @ along.t()


@lru_cache
def bicubic(before: int, size: int) -> Tensor:  # (size, before)
    """What bicubic enlarging makes of every sample of a line."""
    lines = torch.eye(before)[None, None]
    return F.interpolate(lines, size=(size, before), mode="bicubic", align_corners=False)[0, 0]
