"""Active learning: which clip to ask for next, so that few labels teach much.

In: a Question: where the library's clips lie, which were asked, what an ensemble dreams to them.
Out: the numbers of the clips to ask for, the most useful first.  Thread: any; pure functions.

Every query is aware of its batch: what it has just chosen counts as asked. They are compared by
simulation in docs/active-learning.md, and DEFAULT is the one that needed the fewest labels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.types import Array
from traumer_live.latent.familiarity import MOST_PLACES, NOISE, kernel

Chosen = NDArray[np.intp]

GAINS_NOTHING = 0.002  # of the library's variance that the best next label takes away: stop there


@dataclass(frozen=True)
class Question:
    """What a query may look at; places are scaled embeddings (``scaling.Scaling``)."""

    library: Array  # (n, kept), the clips that may be asked for
    asked: Array  # (m, kept), where labels are already
    length: float  # how far a label speaks, see ``typical_length``
    dreams: Array  # (members, n, w_dim), what each mapping of an ensemble dreams, normalised w
    labels: Array  # (m, w_dim), the labels' normalised w
    seed: int = 0


Query = Callable[[Question, int], Chosen]


def typical_length(places: Array, *, pairs: int = 4000, seed: int = 0) -> float:
    """Half of the median distance between two clips of a library (n, kept)."""
    a, b = np.random.default_rng(seed).integers(0, len(places), (2, pairs))
    away = np.sqrt(np.square(places[a] - places[b]).sum(1))[a != b]
    return float(np.median(away) / 2) if len(away) and np.median(away) > 0 else 1.0


def core_set(places: Array, length: float, count: int = MOST_PLACES) -> Array:  # (count, kept)
    """At most ``count`` of the places (n, kept), far from one another, so that they cover all."""
    if len(places) <= count:
        return places
    nothing = np.zeros((0, places.shape[1]), np.float32)
    return places[k_center(Question(places, nothing, length, nothing[None], nothing), count)]


def at_random(question: Question, count: int) -> Chosen:
    """Any clips: what every other query has to beat."""
    order = np.random.default_rng(question.seed).permutation(len(question.library))
    return order[:count]


def k_center(question: Question, count: int) -> Chosen:
    """Always the clip farthest from all that were asked: greedy k-center (Gonzalez 1985), the
    core-set query of Sener and Savarese 2018.
    """
    nearest = _nearest(question.library, question.asked)
    chosen: list[int] = []
    for _ in range(min(count, len(nearest))):
        best = int(nearest.argmax()) if np.isfinite(nearest).all() else _middle(question.library)
        chosen.append(best)
        nearest = np.minimum(
            nearest, _distances(question.library, question.library[best][None])[:, 0]
        )
        nearest[chosen] = -1
    return np.array(chosen, np.intp)


def coverage(question: Question, count: int) -> Chosen:
    """The clip whose label takes most of the whole library's variance away: active learning of
    Cohn 1996 on a Gaussian process; after the fit it is the library that will be played.
    """
    return _by_variance(question, count, lambda process: process.gains())


def variance(question: Question, count: int) -> Chosen:
    """The clip that is least certain itself (MacKay 1992; greedy information gain, Krause 2008)."""
    return _by_variance(question, count, lambda process: process.variances())


def disagreement(question: Question, count: int) -> Chosen:
    """Where an ensemble's dreams differ most: query by committee (Seung, Opper, Sompolinsky 1992;
    for regression Krogh and Vedelsby 1995), each choice damping its surroundings.
    """
    return _damped(question, count, _spread(question.dreams))


def expected_change(question: Question, count: int) -> Chosen:
    """Where a label would move W most: expected gradient length (Settles, Craven, Ray 2008; for
    regression Cai, Zhang, Zhou 2013). A linear map's gradient is the error times the input.
    """
    size = np.sqrt(1 + np.square(question.library).sum(1))
    return _damped(question, count, _spread(question.dreams) * size)


def greedy_sampling(question: Question, count: int) -> Chosen:
    """Far from all labels both in the music and in the dream (iGS: Wu, Lin, Huang 2019)."""
    dream = question.dreams.mean(0)  # (n, w_dim)
    places, labels = question.asked, question.labels
    chosen: list[int] = []
    for _ in range(min(count, len(question.library))):
        if not len(places):
            score = -_distances(question.library, question.library.mean(0)[None])[:, 0]
        else:
            score = (_distances(question.library, places) * _distances(dream, labels)).min(1)
        score[chosen] = -np.inf
        best = int(score.argmax())
        chosen.append(best)
        places = np.concatenate([places, question.library[best][None]])
        labels = np.concatenate([labels, dream[best][None]])
    return np.array(chosen, np.intp)


def mixed(question: Question, count: int) -> Chosen:
    """Coverage of the library, weighted by how much the ensemble disagrees there."""
    doubt = _spread(question.dreams)
    weight = doubt / (doubt.mean() + 1e-9)
    return _by_variance(question, count, lambda process: process.gains(weight))


QUERIES: Mapping[str, Query] = {
    "random": at_random,
    "k-center": k_center,
    "variance": variance,
    "coverage": coverage,
    "disagreement": disagreement,
    "expected change": expected_change,
    "greedy sampling": greedy_sampling,
    "mixed": mixed,
}
DEFAULT = "coverage"


def next_clips(question: Question, count: int = 1, *, query: str = DEFAULT) -> Chosen:
    """The clips (count,) to ask for; fewer when the library has no more."""
    return QUERIES[query](question, count)


def gain_of_asking(question: Question) -> float:
    """Share of the library's whole uncertainty that the best next label would take away."""
    if not len(question.library):
        return 0.0
    return float(_Process(question).gains().max())


def enough(question: Question) -> bool:
    """Whether another label of this library would teach hardly anything."""
    return gain_of_asking(question) < GAINS_NOTHING


class _Process:
    """The library's covariance, conditioned on what was asked."""

    def __init__(self, question: Question) -> None:
        library, asked, length = question.library, question.asked, question.length
        self.covariance = kernel(library, library, length).astype(np.float64)
        if len(asked):
            across = kernel(library, asked, length).astype(np.float64)
            known = kernel(asked, asked, length) + NOISE * np.eye(len(asked))
            self.covariance -= across @ np.linalg.solve(known, across.T)

    def variances(self) -> Array:
        return np.asarray(np.maximum(self.covariance.diagonal(), 0), np.float32)

    def gains(self, weight: Array | None = None) -> Array:
        """How far the mean variance falls with a label of each clip."""
        squares = np.square(self.covariance)  # (n, n)
        whole = squares.mean(0) if weight is None else weight @ squares / len(weight)
        return np.asarray(whole / (self.variances() + NOISE), np.float32)

    def ask(self, index: int) -> None:
        column = self.covariance[:, index].copy()
        self.covariance -= np.outer(column, column) / (column[index] + NOISE)


def _by_variance(question: Question, count: int, score: Callable[[_Process], Array]) -> Chosen:
    process, chosen = _Process(question), list[int]()
    for _ in range(min(count, len(question.library))):
        scores = score(process).copy()
        scores[chosen] = -np.inf
        chosen.append(int(scores.argmax()))
        process.ask(chosen[-1])
    return np.array(chosen, np.intp)


def _damped(question: Question, count: int, scores: Array) -> Chosen:
    """The highest scores, each choice taking weight from what is like it."""
    left, chosen = scores.copy(), list[int]()
    for _ in range(min(count, len(scores))):
        left[chosen] = -np.inf
        best = int(left.argmax())
        chosen.append(best)
        like = kernel(question.library, question.library[best][None], question.length)[:, 0]
        left = left * (1 - like)
    return np.array(chosen, np.intp)


def _spread(dreams: Array) -> Array:  # (members, n, w_dim) -> (n,)
    """Mean absolute difference of the members from their mean."""
    return np.asarray(np.abs(dreams - dreams.mean(0)).mean((0, 2)), np.float32)


def _distances(a: Array, b: Array) -> Array:  # (n, m)
    squares = np.square(a).sum(1)[:, None] + np.square(b).sum(1)[None] - 2 * a @ b.T
    return np.asarray(np.sqrt(np.maximum(squares, 0)), np.float32)


def _nearest(library: Array, asked: Array) -> Array:  # (n,)
    if not len(asked):
        return np.full(len(library), np.inf, np.float32)
    return np.asarray(_distances(library, asked).min(1), np.float32)


def _middle(library: Array) -> int:
    """The clip nearest to the middle of all: the first to ask for."""
    return int(_distances(library, library.mean(0)[None])[:, 0].argmin())
