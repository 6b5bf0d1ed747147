"""Training only: reads a composition off the painter's plan and writes it as a Gaussian code.

In: plans (n, 3, PLAN, PLAN) in -1..1.  Out: a code z (n, N_CODE), close to a standard normal.

The painter's own numbers are a poor input for a network: which forms they mean jumps from family to
family, and in hours only blur was learnt from them. A variational autoencoder (Kingma and Welling
2013, arXiv 1312.6114) finds numbers in which neighbours look alike; the generator is its decoder,
as in Larsen et al. 2016 (arXiv 1512.09300). What is not composition never reaches the code: the
plan it reads is painted with a touch at rest and has no colours.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tools.training.network import N_CODE

PLAN = 32  # pixels
WIDTHS = (32, 64, 128, 192)


class Composer(nn.Module):
    """Convolutions down to 4 x 4, then mean and spread of every number of the code."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for k, width in enumerate(WIDTHS):
            stride = 1 if k == 0 else 2
            layers += [nn.Conv2d(channels, width, 3, stride, 1), nn.GroupNorm(8, width), nn.SiLU()]
            channels = width
        self.body = nn.Sequential(*layers, nn.Flatten())
        self.head = nn.Linear(16 * channels, 2 * N_CODE)
        nn.init.normal_(self.head.weight, std=0.01)

    def forward(self, plan: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and logarithm of the variance, each (n, N_CODE)."""
        with torch.autocast("cpu", torch.bfloat16):
            mean, log_variance = self.head(self.body(plan)).float().chunk(2, 1)
        return mean, log_variance.clamp(-8, 2)

    def code(self, plan: Tensor) -> tuple[Tensor, Tensor]:
        """A code drawn for each plan, and how far their distribution is from a standard normal.

        The distance is the Kullback-Leibler divergence in nats, the mean over the pictures.
        """
        mean, log_variance = self(plan)
        code = mean + torch.exp(log_variance / 2) * torch.randn_like(mean)
        divergence = (mean.square() + log_variance.exp() - 1 - log_variance).sum(1) / 2
        return code, divergence.mean()
