"""Fit the transfer to labels: ``w = mu + 2 sigma tanh(W e + b)`` under the paper's L1 loss.

In: embeddings with the w that each should give.  Out: a Transfer and its losses.  Thread: any;
seconds for some hundred clips, numpy only, the same result every time.

What the paper leaves open is settled by measurement (docs/starter-mapping.md):
- The loss counts differences in standard deviations of w, or the few wide components would rule.
- Embeddings are standardised and reduced to their principal components first: their channels
  differ a hundredfold in size, and one rate would never do for all. Both are linear, so they are
  folded into W and b, and what is shipped is the plain formula.
- W pays for its size (weight decay); how much is chosen by cross-validation over pieces.
- The L1 optimum of labels that cannot be told from the music is their median: average pictures.
  ``enlivened`` gives the fitted map the reach of the generator back, without turning it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.types import Array
from traumer_live.latent.transfer import REACH, Transfer

KEPT = 24  # directions of the embeddings; the rest hardly tells one piece from another
FLOOR = 1.0  # of the average variance inside a piece, added to every direction
SATURATED = 0.95  # a label further out than that of the tanh's reach pulls no harder
VARIED = 64  # principal components of w in which pictures differ
LOUDEST = 1.5  # of the gain that the median component needs
STEPS = 120
RATE = 0.02  # of Adam, falling to zero along a cosine
MOMENTS = (0.9, 0.99)


@dataclass(frozen=True)
class Examples:
    """What the transfer is to learn. Windows of one clip share its weight of one."""

    embeddings: Array  # (windows, e_dim)
    w: Array  # (windows, w_dim)
    weight: Array  # (windows,)
    groups: NDArray[np.str_]  # (windows,), equal for windows of one piece

    def __len__(self) -> int:
        return len(self.embeddings)

    def where(self, chosen: NDArray[np.bool_]) -> Examples:
        """The chosen windows only."""
        return Examples(
            self.embeddings[chosen], self.w[chosen], self.weight[chosen], self.groups[chosen]
        )


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation of w over random z, per component."""

    mu: Array  # (w_dim,)
    sigma: Array  # (w_dim,)

    def normalised(self, w: Array) -> Array:
        """w in standard deviations from the mean."""
        return np.asarray((w - self.mu) / self.sigma, np.float32)


@dataclass(frozen=True)
class Fit:
    """A fitted transfer, and the loss at every step."""

    transfer: Transfer
    losses: tuple[float, ...]


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
        return Transfer(plain.astype(np.float32), offset.astype(np.float32), *_parts(spread))

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


def fit_transfer(
    examples: Examples,
    spread: Spread,
    *,
    decay: float,
    start: Transfer | None = None,
    steps: int = STEPS,
) -> Fit:
    """The transfer with the least L1 loss plus ``decay`` times the mean square of W.

    ``start`` warms the search; without one it begins at the ridge regression.
    """
    scale = scaling(examples.embeddings, examples.groups)
    x = scale(examples.embeddings)  # (windows, kept)
    target = spread.normalised(examples.w) / REACH  # (windows, w_dim), in reaches of the tanh
    share = examples.weight / examples.weight.sum()
    weight, bias = scale.unfolded(start) if start else ridge(x, target, share, decay=decay)
    losses = []
    adam = _Adam((weight, bias))
    for step in range(steps):
        loss, slopes = _loss(x, target, share, weight, bias, decay)
        losses.append(loss)
        rate = RATE * 0.5 * (1 + np.cos(np.pi * step / steps))
        weight, bias = adam.step((weight, bias), slopes, rate)
    return Fit(scale.folded(weight, bias, spread), tuple(losses))


def ridge(x: Array, target: Array, share: Array, *, decay: float) -> tuple[Array, Array]:
    """Weight (kept, w_dim) and bias of the least squares before the tanh, with weight decay."""
    wanted = np.arctanh(np.clip(target, -SATURATED, SATURATED))
    centre, level = share @ x, share @ wanted
    scatter = (x - centre).T @ ((x - centre) * share[:, None])
    weight = np.linalg.solve(
        scatter + decay * np.eye(len(scatter)), (x - centre).T @ ((wanted - level) * share[:, None])
    )
    return weight.astype(np.float32), (level - centre @ weight).astype(np.float32)


def l1(transfer: Transfer, examples: Examples) -> float:
    """The paper's loss: mean difference from the labels, in standard deviations of w."""
    spread = Spread(transfer.mu, transfer.sigma)
    return l1_between(transfer(examples.embeddings), examples, spread)


def l1_between(found: Array, examples: Examples, spread: Spread) -> float:
    """The same for w (windows, w_dim) found in any way."""
    off = np.abs(found - examples.w) / spread.sigma
    return float(examples.weight @ off.mean(1) / examples.weight.sum())


def enlivened(transfer: Transfer, embeddings: Array, pictures: Array) -> Transfer:
    """The same map, turned up until what it dreams varies as the generator's pictures do.

    Every principal component of w gets a gain of its own, so none is driven further than any
    picture goes; a component that the fit hardly reaches is not blown up to noise.

    Args:
        transfer: as fitted.
        embeddings: (n, e_dim) of typical music, averaged as the smoothing will.
        pictures: (n, w_dim), random w in standard deviations from mu.
    """
    before = embeddings @ transfer.weight.T + transfer.bias  # (n, w_dim), before the tanh
    centre = before.mean(0)
    _, sizes, loads = np.linalg.svd(pictures - pictures.mean(0), full_matrices=False)
    natural = sizes[:VARIED] / np.sqrt(len(pictures)) / REACH
    loads = loads[:VARIED]  # (VARIED, w_dim)
    missing = natural / (((before - centre) @ loads.T).std(0) + 1e-9)
    gain = np.minimum(missing, LOUDEST * np.median(missing))
    weight = loads.T @ (gain[:, None] * (loads @ transfer.weight))
    bias = centre - weight @ embeddings.mean(0)
    return replace(transfer, weight=weight.astype(np.float32), bias=bias.astype(np.float32))


def _loss(
    x: Array, target: Array, share: Array, weight: Array, bias: Array, decay: float
) -> tuple[float, tuple[Array, Array]]:
    """Loss and its slopes for weight and bias."""
    found = np.tanh(x @ weight + bias)  # (windows, w_dim)
    off = found - target
    loss = float(share @ np.abs(off).mean(1)) + decay * float(np.square(weight).sum(0).mean())
    slope = np.sign(off) * (1 - found * found) * (share[:, None] / target.shape[1])
    return REACH * loss, (x.T @ slope + 2 * decay / target.shape[1] * weight, slope.sum(0))


class _Adam:
    """Kingma and Ba 2015, for a pair of arrays."""

    def __init__(self, values: tuple[Array, Array]) -> None:
        self._first = [np.zeros_like(v) for v in values]
        self._second = [np.zeros_like(v) for v in values]
        self._steps = 0

    def step(
        self, values: tuple[Array, Array], slopes: tuple[Array, Array], rate: float
    ) -> tuple[Array, Array]:
        self._steps += 1
        weight, bias = (self._moved(k, values[k], slopes[k], rate) for k in range(2))
        return weight, bias

    def _moved(self, k: int, value: Array, slope: Array, rate: float) -> Array:
        for kept, power, beta in ((self._first, 1, MOMENTS[0]), (self._second, 2, MOMENTS[1])):
            kept[k] = beta * kept[k] + (1 - beta) * slope**power
        first = self._first[k] / (1 - MOMENTS[0] ** self._steps)
        second = self._second[k] / (1 - MOMENTS[1] ** self._steps)
        return np.asarray(value - rate * first / (np.sqrt(second) + 1e-12), np.float32)


def _parts(spread: Spread) -> tuple[Array, Array]:
    return spread.mu.astype(np.float32), spread.sigma.astype(np.float32)
