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
from traumer_live.labelling import descent
from traumer_live.labelling.scaling import Scaling, Spread, scaling
from traumer_live.latent.transfer import REACH, Transfer

__all__ = ["Examples", "Fit", "Scaling", "Spread", "enlivened", "fit_transfer", "l1", "scaling"]

SATURATED = 0.95  # a label further out than that of the tanh's reach pulls no harder
VARIED = 64  # principal components of w in which pictures differ
LOUDEST = 1.5  # of the gain that the median component needs
STEPS = 120
RATE = 0.02  # of Adam, falling to zero along a cosine


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
class Fit:
    """A fitted transfer, and the loss at every step."""

    transfer: Transfer
    losses: tuple[float, ...]


def fit_transfer(
    examples: Examples,
    spread: Spread,
    *,
    decay: float,
    scale: Scaling | None = None,
    prior: Transfer | None = None,
    start: Transfer | None = None,
    steps: int = STEPS,
    rate: float = RATE,
) -> Fit:
    """The transfer with the least L1 loss plus ``decay`` times the mean square of W.

    Args:
        examples: what is to be learnt.
        spread: mean and deviation of w.
        decay: what W pays for its size.
        scale: of the embeddings; None measures it on the examples, which takes many pieces.
        prior: W pays for its distance from this transfer's instead, where it has one to trust.
        start: warms the search; without one it begins at the ridge regression.
        steps: of Adam.
        rate: of Adam at the first step.
    """
    scale = scale or scaling(examples.embeddings, examples.groups)
    x = scale(examples.embeddings)  # (windows, kept)
    target = spread.normalised(examples.w) / REACH  # (windows, w_dim), in reaches of the tanh
    share = examples.weight / examples.weight.sum()
    home = scale.unfolded(prior)[0] if prior else None  # (kept, w_dim)
    weight, bias = (
        scale.unfolded(start) if start else ridge(x, target, share, decay=decay, home=home)
    )
    task = descent.task(x, target, share, decay=decay, home=home)
    weight, bias, losses = descent.descend(task, weight, bias, steps=steps, rate=rate)
    return Fit(scale.folded(weight, bias, spread), losses)


def ridge(
    x: Array, target: Array, share: Array, *, decay: float, home: Array | None = None
) -> tuple[Array, Array]:
    """Weight (kept, w_dim) and bias of the least squares before the tanh, with weight decay.

    ``home`` (kept, w_dim) is the weight that costs nothing; None is zero.
    """
    wanted = np.arctanh(np.clip(target, -SATURATED, SATURATED))
    if home is not None:
        wanted = wanted - x @ home
    centre, level = share @ x, share @ wanted
    scatter = (x - centre).T @ ((x - centre) * share[:, None])
    weight = np.linalg.solve(
        scatter + decay * np.eye(len(scatter)), (x - centre).T @ ((wanted - level) * share[:, None])
    )
    bias = level - centre @ weight
    if home is not None:
        weight = weight + home
    return weight.astype(np.float32), bias.astype(np.float32)


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
