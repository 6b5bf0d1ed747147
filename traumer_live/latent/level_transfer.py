"""A transfer with a w of its own for every style level, and what all transfers have in common.

In: an embedding.  Out: w_plus (num_ws, w_dim).  Thread: ears.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from traumer_live.core.errors import ModelError
from traumer_live.core.types import Array
from traumer_live.latent.levels import LEVELS, level_rows
from traumer_live.latent.transfer import Transfer


class AnyTransfer(Protocol):
    """From music to pictures, however it was learnt."""

    @property
    def e_dim(self) -> int:
        """Numbers in an embedding."""

    @property
    def w_dim(self) -> int:
        """Numbers in a w."""

    @property
    def sigma(self) -> Array:
        """Standard deviation of w (w_dim,)."""

    def __call__(self, embedding: Array) -> Array:
        """w (..., w_dim), or w_plus (..., num_ws, w_dim), for embeddings (..., e_dim)."""


@dataclass(frozen=True)
class LevelTransfer:
    """Three transfers that share their input: coarse, middle and fine, one after the other."""

    joint: Transfer  # (3 * w_dim, e_dim)
    level_sizes: tuple[int, ...]  # rows of w_plus that each level has

    def __post_init__(self) -> None:
        split = len(self.level_sizes) == len(LEVELS) and min(self.level_sizes, default=0) > 0
        if self.joint.w_dim % len(LEVELS) or not split:
            raise ModelError("The mapping's style levels do not fit together; fit it again.")

    @property
    def num_ws(self) -> int:
        """Rows of w_plus."""
        return sum(self.level_sizes)

    @property
    def e_dim(self) -> int:
        """Numbers in an embedding."""
        return self.joint.e_dim

    @property
    def w_dim(self) -> int:
        """Numbers in a w."""
        return self.joint.w_dim // len(LEVELS)

    @property
    def sigma(self) -> Array:
        """Standard deviation of w (w_dim,)."""
        return self.joint.sigma[: self.w_dim]

    def __call__(self, embedding: Array) -> Array:
        """w_plus (..., num_ws, w_dim) for embeddings (..., e_dim)."""
        found = self.joint(embedding)
        levels = found.reshape(*found.shape[:-1], len(LEVELS), self.w_dim)
        w_plus = np.empty((*found.shape[:-1], self.num_ws, self.w_dim), np.float32)
        for k, rows in enumerate(level_rows(self.num_ws, self.level_sizes).values()):
            w_plus[..., rows, :] = levels[..., k : k + 1, :]
        return w_plus
