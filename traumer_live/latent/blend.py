"""Two people's taste with a fader between them.

In: an embedding.  Out: w or w_plus between what the two mappings dream to it.  Thread: ears; the
fader may be turned from any, since a new ``Blend`` is made for every position.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from traumer_live.core.errors import ModelError
from traumer_live.core.types import Array
from traumer_live.latent.level_transfer import AnyTransfer


@dataclass(frozen=True)
class Blend:
    """The way from one mapping to another; each is a plain path in w."""

    first: AnyTransfer
    second: AnyTransfer
    share: float  # of the second: 0 is the first alone, 1 the second alone

    def __post_init__(self) -> None:
        a, b = self.first, self.second
        if (a.e_dim, a.w_dim) != (b.e_dim, b.w_dim):
            raise ModelError(
                "The two mappings were made for different models, so there is nothing between "
                "them; carry one of them over first: traumer-live map translate"
            )

    @property
    def e_dim(self) -> int:
        """Numbers in an embedding."""
        return self.first.e_dim

    @property
    def w_dim(self) -> int:
        """Numbers in a w."""
        return self.first.w_dim

    @property
    def sigma(self) -> Array:
        """Standard deviation of w (w_dim,)."""
        return self.first.sigma

    def at(self, share: float) -> Blend:
        """The same with the fader elsewhere."""
        return replace(self, share=float(np.clip(share, 0, 1)))

    def __call__(self, embedding: Array) -> Array:
        """w (..., w_dim), or w_plus (..., num_ws, w_dim), for embeddings (..., e_dim)."""
        if self.share == 0:
            return self.first(embedding)
        if self.share == 1:
            return self.second(embedding)
        return mixed(self.first(embedding), self.second(embedding), self.share)


def mixed(a: Array, b: Array, share: float | Array) -> Array:
    """``a`` with a share of ``b``; a w beside a w_plus counts for all of its rows."""
    if a.ndim < b.ndim:
        a = a[..., None, :]
    if b.ndim < a.ndim:
        b = b[..., None, :]
    return np.asarray(a + share * (b - a), np.float32)
