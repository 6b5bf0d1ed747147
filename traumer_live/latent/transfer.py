"""The transfer function: a music embedding to a w of the generator.

In: an embedding e (e_dim,).  Out: w (w_dim,).  Thread: ears.

``w = mu + 2 sigma tanh(W e + b)`` (Jeong, Doh, Kwon 2021, section 2.2; after Socher et al. 2013):
mu and sigma are the mean and standard deviation of w over random z, so the result always stays
within two standard deviations of what the generator knows; only W and b are learnt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from traumer_live.core.errors import ModelError
from traumer_live.core.types import Array

REACH = 2.0  # standard deviations that a saturated tanh moves w away from mu


@dataclass(frozen=True)
class Transfer:
    """The learnt map and the statistics of w that it scales to."""

    weight: Array  # (w_dim, e_dim)
    bias: Array  # (w_dim,)
    mu: Array  # (w_dim,)
    sigma: Array  # (w_dim,)

    def __post_init__(self) -> None:
        w_dim = self.weight.shape[0]
        if self.weight.ndim != 2 or {self.bias.shape, self.mu.shape, self.sigma.shape} != {
            (w_dim,)
        }:
            raise ModelError(
                f"The transfer's parts do not fit together: weight {self.weight.shape}, bias "
                f"{self.bias.shape}, mu {self.mu.shape}, sigma {self.sigma.shape}; fit it again."
            )

    @property
    def e_dim(self) -> int:
        """Numbers in an embedding."""
        return int(self.weight.shape[1])

    @property
    def w_dim(self) -> int:
        """Numbers in a w."""
        return int(self.weight.shape[0])

    def __call__(self, embedding: Array) -> Array:
        """w (..., w_dim) for embeddings (..., e_dim)."""
        direction = np.tanh(embedding @ self.weight.T + self.bias)  # (..., w_dim) in -1..1
        return np.asarray(self.mu + REACH * self.sigma * direction, dtype=np.float32)
