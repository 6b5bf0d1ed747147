"""How well the labelled music covers a moment: the variance of a Gaussian process.

In: an embedding.  Out: confidence 0..1.  Thread: ears; 0.1 ms for 256 places of 24 numbers.

The labels are places in the music's scaled space; between them, a Gaussian process with the kernel
``exp(-d² / 2 length²)`` is as uncertain as it is far from all of them (Rasmussen and Williams 2006,
eq. 2.26). The variance depends on where the labels are, not on what they say, so it is known
before the fit, and costs two small products a moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from traumer_live.core.errors import ModelError
from traumer_live.core.types import Array

NOISE = 0.1  # variance of one label about the truth, in units of the prior's
MOST_PLACES = 256  # kept for the show; its price grows with the square
TENSORS = ("familiar.mean", "familiar.basis", "familiar.places", "familiar.length")


@dataclass(frozen=True)
class Familiarity:
    """Where labels are, in the space in which music is compared."""

    mean: Array  # (e_dim,)
    basis: Array  # (e_dim, kept)
    places: Array  # (n, kept)
    length: float  # how far a label speaks, in units of that space
    _inverse: Array = field(init=False, repr=False)  # (n, n)

    def __post_init__(self) -> None:
        fits = (
            self.basis.shape[:1] == self.mean.shape
            and self.places.shape[1:] == self.basis.shape[1:]
        )
        if not fits or not self.length > 0 or not len(self.places):
            raise ModelError("What this mapping says of its known music does not fit together.")
        covariance = kernel(self.places, self.places, self.length)
        inverse = np.linalg.inv(covariance.astype(np.float64) + NOISE * np.eye(len(covariance)))
        object.__setattr__(self, "_inverse", inverse.astype(np.float32))

    @property
    def e_dim(self) -> int:
        """Numbers in an embedding."""
        return len(self.mean)

    def confidence(self, embeddings: Array) -> Array:
        """Share of the uncertainty that the labels take away (...,) for embeddings (..., e_dim).

        1: among labelled music; 0: unlike anything labelled.
        """
        scaled = (embeddings - self.mean) @ self.basis  # (..., kept)
        near = kernel(np.atleast_2d(scaled.reshape(-1, scaled.shape[-1])), self.places, self.length)
        known = ((near @ self._inverse) * near).sum(1)
        return np.asarray(np.clip(known * (1 + NOISE), 0, 1), np.float32).reshape(scaled.shape[:-1])


def kernel(a: Array, b: Array, length: float) -> Array:  # (n, m)
    """How much two moments of music have to say about each other: 1 for equal ones."""
    squares = np.square(a).sum(1)[:, None] + np.square(b).sum(1)[None] - 2 * a @ b.T
    return np.asarray(np.exp(-np.maximum(squares, 0) / (2 * length**2)), np.float32)


def to_file(familiarity: Familiarity) -> dict[str, Array]:
    """The tensors of a mapping pack."""
    parts = (familiarity.mean, familiarity.basis, familiarity.places)
    length = np.array([familiarity.length], np.float32)
    return {
        n: np.ascontiguousarray(a, np.float32)
        for n, a in zip(TENSORS, (*parts, length), strict=True)
    }


def from_file(tensors: Mapping[str, Array]) -> Familiarity:
    """What ``to_file`` wrote.

    Raises:
        ModelError: the parts do not fit together.
    """
    mean, basis, places, length = (tensors[name].astype(np.float32) for name in TENSORS)
    if mean.ndim != 1 or basis.ndim != 2 or places.ndim != 2 or length.shape != (1,):
        raise ModelError("What this mapping says of its known music does not fit together.")
    return Familiarity(mean, basis, places, float(length[0]))
