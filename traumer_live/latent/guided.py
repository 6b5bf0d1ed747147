"""A personal mapping that knows where it knows nothing, and leans on the starter mapping there.

In: an embedding.  Out: w or w_plus, and how sure the mapping is.  Thread: ears; 0.2 ms.

Far from all labelled music a fitted map is a guess in a straight line. There the picture eases
over to what the starter mapping dreams: fully below FAR, not at all above NEAR, without a corner.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from traumer_live.core.types import Array
from traumer_live.latent.blend import mixed
from traumer_live.latent.familiarity import Familiarity
from traumer_live.latent.level_transfer import AnyTransfer

# Of confidence. Windows of the labelled clips themselves have .5 to .8; of other pieces of the same
# collection .15 in the median with 10 labels, .32 with 40, .45 with 100.
FAR, NEAR = 0.03, 0.2


@dataclass(frozen=True)
class Guided:
    """A mapping with its confidence, and what it falls back to."""

    own: AnyTransfer
    familiarity: Familiarity
    starter: AnyTransfer | None = None  # for the same models; without one, confidence is only told

    @property
    def e_dim(self) -> int:
        """Numbers in an embedding."""
        return self.own.e_dim

    @property
    def w_dim(self) -> int:
        """Numbers in a w."""
        return self.own.w_dim

    @property
    def sigma(self) -> Array:
        """Standard deviation of w (w_dim,)."""
        return self.own.sigma

    def confidence(self, embedding: Array) -> float:
        """How well labels cover this moment (e_dim,), 0..1."""
        return float(self.familiarity.confidence(embedding))

    def __call__(self, embedding: Array) -> Array:
        """w (w_dim,), or w_plus (num_ws, w_dim), of one embedding (e_dim,)."""
        w = self.own(embedding)
        if self.starter is None:
            return w
        share = reliance(self.confidence(embedding))
        return w if share == 0 else mixed(w, self.starter(embedding), share)


def reliance(confidence: float) -> float:
    """How much of the starter mapping is seen at this confidence, 1..0."""
    x = float(np.clip((confidence - FAR) / (NEAR - FAR), 0, 1))
    return 1 - x * x * (3 - 2 * x)


def confidence_of(mapping: AnyTransfer, embedding: Array) -> float | None:
    """How sure a mapping is of this moment; None for one that cannot say."""
    return mapping.confidence(embedding) if isinstance(mapping, Guided) else None
