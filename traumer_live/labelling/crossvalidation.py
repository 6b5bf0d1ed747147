"""How well labels can be learnt: L1 on pieces that the fit never heard, beside plain baselines.

In: examples.  Out: the mean L1 of every method.  Thread: any; some seconds.

Folds are of whole pieces: windows and clips of one piece are never on both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.types import Array
from traumer_live.labelling.fit import (
    Examples,
    Spread,
    fit_transfer,
    l1_between,
    ridge,
    scaling,
)
from traumer_live.latent.transfer import REACH

FOLDS = 5

Method = Callable[[Examples, Array], Array]  # learnt from, embeddings (n, e_dim) -> w (n, w_dim)
Mask = NDArray[np.bool_]


def folds(groups: NDArray[np.str_], count: int = FOLDS, *, seed: int = 0) -> Iterator[Mask]:
    """What is held out in each fold: whole groups, every one once."""
    names, group = np.unique(groups, return_inverse=True)
    fold = np.random.default_rng(seed).permutation(len(names)) % count
    for number in range(min(count, len(names))):
        yield fold[group] == number


def cross_validated(method: Method, examples: Examples, spread: Spread) -> float:
    """Mean L1 in standard deviations of w over all held-out windows."""
    return l1_between(held_out(method, examples), examples, spread)


def held_out(method: Method, examples: Examples) -> Array:  # (windows, w_dim)
    """What the method dreams to every window, learnt from the pieces of the other folds."""
    found = np.zeros_like(examples.w)
    for held in folds(examples.groups):
        found[held] = method(examples.where(~held), examples.embeddings[held])
    return found


def report(examples: Examples, spread: Spread, *, decay: float) -> dict[str, float]:
    """L1 of the paper's transfer and of what it must beat."""
    methods = {
        "average w": average,
        "nearest clip": nearest,
        "ridge": ridge_regression(spread, decay=decay),
        "transfer": transfer(spread, decay=decay),
    }
    return {name: cross_validated(method, examples, spread) for name, method in methods.items()}


def average(known: Examples, embeddings: Array) -> Array:
    """The same w for everything: the mean of the labels."""
    mean = np.average(known.w, axis=0, weights=known.weight)
    return np.asarray(np.repeat(mean[None], len(embeddings), axis=0), np.float32)


def nearest(known: Examples, embeddings: Array) -> Array:
    """The label of the most similar window, in standardised channels."""
    scale = known.embeddings.std(0) + 1e-6
    a, b = embeddings / scale, known.embeddings / scale
    away = np.square(a).sum(1)[:, None] + np.square(b).sum(1)[None] - 2 * a @ b.T
    return np.asarray(known.w[away.argmin(1)], np.float32)


def ridge_regression(spread: Spread, *, decay: float) -> Method:
    """Least squares with weight decay, without tanh and L1."""

    def method(known: Examples, embeddings: Array) -> Array:
        scale = scaling(known.embeddings, known.groups)
        target = spread.normalised(known.w) / REACH
        share = known.weight / known.weight.sum()
        weight, bias = ridge(scale(known.embeddings), target, share, decay=decay)
        reached = np.tanh(scale(embeddings) @ weight + bias)
        return np.asarray(spread.mu + REACH * spread.sigma * reached, np.float32)

    return method


def transfer(spread: Spread, *, decay: float) -> Method:
    """The paper's transfer under its L1 loss."""

    def method(known: Examples, embeddings: Array) -> Array:
        return fit_transfer(known, spread, decay=decay).transfer(embeddings)

    return method


def shuffled(examples: Examples, *, seed: int = 0) -> Examples:
    """The same labels given to other clips; whatever is learnt from these is an accident."""
    windows = round(1 / float(examples.weight[0]))
    w = examples.w[::windows]
    turned = w[np.random.default_rng(seed).permutation(len(w))]
    return replace(examples, w=np.repeat(turned, windows, axis=0))
