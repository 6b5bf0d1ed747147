"""Smooth random fields made of a few plane waves, and small shapes used by all families.

In: coefficients (n, N_WAVES), positions (n, s, s).  Out: fields (n, s, s) of about unit variance.
All is analytic, so a picture is the same at any size and a field can be read at warped places.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from tools.gallery.parameters import N_WAVES


@dataclass(frozen=True)
class Waves:
    """Fixed plane waves; coefficients choose their mixture."""

    kx: Tensor  # (N_WAVES,) radians per half canvas
    ky: Tensor
    phase: Tensor

    def __call__(self, coefficients: Tensor, x: Tensor, y: Tensor) -> Tensor:
        """The field (n, s, s) of coefficients (n, k) at x, y (n or 1, s, s)."""
        total = torch.zeros(())
        for k in range(coefficients.shape[1]):
            wave = torch.cos(self.kx[k] * x + self.ky[k] * y + self.phase[k])
            total = total + coefficients[:, k, None, None] * wave
        return total * math.sqrt(2 / coefficients.shape[1])


@lru_cache
def waves(seed: int, low: float, high: float) -> Waves:
    """Waves with ``low`` to ``high`` periods over the canvas, directions evenly spread."""
    generator = torch.Generator().manual_seed(seed)
    angle = (torch.arange(N_WAVES) + torch.rand(N_WAVES, generator=generator)) * math.pi / N_WAVES
    angle = angle[torch.randperm(N_WAVES, generator=generator)]
    periods = torch.linspace(low, high, N_WAVES)
    phase = torch.rand(N_WAVES, generator=generator) * 2 * math.pi
    k = periods * math.pi
    return Waves(k * torch.cos(angle), k * torch.sin(angle), phase)


@lru_cache
def grid(size: int) -> tuple[Tensor, Tensor]:
    """x to the right and y downward, pixel centres in -1..1, each (1, size, size)."""
    at = (torch.arange(size) + 0.5) / size * 2 - 1
    y, x = torch.meshgrid(at, at, indexing="ij")
    return x[None].contiguous(), y[None].contiguous()


def step(v: Tensor, width: Tensor | float) -> Tensor:
    """A soft edge at v = 0, about ``width`` wide."""
    return torch.sigmoid(v * (4 / width))


def bump(v: Tensor, width: Tensor | float) -> Tensor:
    """A soft line at v = 0."""
    return torch.exp(-((v / width) ** 2))


def mix(a: Tensor, b: Tensor | float, share: Tensor) -> Tensor:
    """a where share is 0, b where it is 1."""
    return a + (b - a) * share
