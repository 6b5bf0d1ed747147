"""Embeddings and w in units in which one rate of learning suits all of their components.

In: embeddings, statistics of w.  Out: Scaling and Spread, both linear, so that a transfer learnt on
scaled embeddings folds into the paper's plain formula.  Thread: any; pure functions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.types import Array
from traumer_live.latent.transfer import Transfer

KEPT = 24  # directions of the embeddings; the rest hardly tells one piece from another
COMPONENTS = 48  # principal components of the channels, where these are taken instead
FLOOR = 1.0  # of the average variance inside a piece, added to every direction


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation of w over random z, per component."""

    mu: Array  # (w_dim,)
    sigma: Array  # (w_dim,)

    def normalised(self, w: Array) -> Array:
        """w in standard deviations from the mean."""
        return np.asarray((w - self.mu) / self.sigma, np.float32)

    @property
    def parts(self) -> tuple[Array, Array]:
        """mu and sigma as a transfer carries them."""
        return self.mu.astype(np.float32), self.sigma.astype(np.float32)

    def repeated(self, count: int) -> Spread:
        """The same for ``count`` w one after the other, as levels are learnt."""
        return Spread(np.tile(self.mu, count), np.tile(self.sigma, count))


@dataclass(frozen=True)
class Scaling:
    """Embedding -> standardised principal components: x = (e - mean) @ basis."""

    mean: Array  # (e_dim,)
    basis: Array  # (e_dim, kept)

    def __call__(self, embeddings: Array) -> Array:
        """Scores x (n, kept) of embeddings (n, e_dim)."""
        return np.asarray((embeddings - self.mean) @ self.basis, np.float32)

    def folded(self, weight: Array, bias: Array, spread: Spread) -> Transfer:
        """The transfer on plain embeddings that equals ``x @ weight + bias`` on scaled ones."""
        plain = (self.basis @ weight).T  # (w_dim, e_dim)
        offset = bias - plain @ self.mean
        return Transfer(plain.astype(np.float32), offset.astype(np.float32), *spread.parts)

    def unfolded(self, transfer: Transfer) -> tuple[Array, Array]:
        """Weight (kept, w_dim) and bias (w_dim,) that come nearest to ``transfer``."""
        weight = np.linalg.pinv(self.basis) @ transfer.weight.T
        return weight.astype(np.float32), transfer.bias + transfer.weight @ self.mean


def scaling(embeddings: Array, groups: NDArray[np.str_], kept: int = KEPT) -> Scaling:
    """Standardise every channel, then turn to the directions that tell ``groups`` apart.

    Each direction is measured in units of what varies inside a group (linear discriminants, with
    some of the average variance added to every direction: few groups are known).
    """
    mean, deviation = embeddings.mean(0), embeddings.std(0) + 1e-6
    scaled = (embeddings - mean) / deviation
    names, group = np.unique(groups, return_inverse=True)
    member = np.eye(len(names), dtype=np.float32)[group]  # (n, groups)
    means = (member.T @ scaled) / member.sum(0)[:, None]
    inside = scaled - means[group]
    within = inside.T @ inside / len(inside)
    within += FLOOR * np.trace(within) / len(within) * np.eye(len(within))
    to_unit = np.linalg.inv(np.linalg.cholesky(within)).T  # (e_dim, e_dim)
    between = np.cov((means @ to_unit).T)
    values, vectors = np.linalg.eigh(between)
    basis = to_unit @ vectors[:, ::-1][:, :kept] / np.sqrt(values[-1])
    return Scaling(mean, (basis / deviation[:, None]).astype(np.float32))


def plain_scaling(e_dim: int) -> Scaling:
    """Embeddings as they come: the paper's own."""
    return Scaling(np.zeros(e_dim, np.float32), np.eye(e_dim, dtype=np.float32))


def channel_scaling(embeddings: Array, kept: int = COMPONENTS) -> Scaling:
    """Standardised channels, turned to their leading principal components; the first has size 1."""
    mean, deviation = embeddings.mean(0), embeddings.std(0) + 1e-6
    covariance = np.cov(((embeddings - mean) / deviation).T)
    values, vectors = np.linalg.eigh(covariance)
    basis = vectors[:, ::-1][:, :kept] / np.sqrt(values[-1])
    return Scaling(mean, (basis / deviation[:, None]).astype(np.float32))
