"""Choose a picture for every clip so that one transfer can learn them all.

In: clips, candidates, the wanted attributes.  Out: a Match: the choice and the transfer fitted to
it.  Thread: any; some seconds.

Many pictures have the attributes that a clip wants, and in everything else they differ at random.
Labels drawn from them one by one teach nothing but the attributes: the best fit of the rest is its
average, a grey picture. A person with a taste is consistent: similar music gets similar pictures
in every respect. So choosing and fitting take turns. Among 200 pictures a clip takes the one that
suits it and lies near what the present transfer dreams to it; the transfer is fitted to these; then
another 200 are shown, the picture chosen so far among them. It starts at a smooth guess: in
directions of w that show in the attributes, as wanted; in all others, a fixed random turn of what
tells pieces apart. The labels are real pictures of the generator throughout.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.types import Array
from traumer_live.labelling.annotators import ranks, unsuitability
from traumer_live.labelling.candidates import Candidates
from traumer_live.labelling.clips import Clips
from traumer_live.labelling.fit import (
    STEPS,
    Examples,
    Fit,
    Spread,
    enlivened,
    fit_transfer,
    scaling,
)
from traumer_live.latent.transfer import Transfer

SCREEN = 200  # pictures shown at a time, as to the paper's annotator
ROUNDS = 8
SUITS = 6.0  # what unsuitability costs, in mean squared standard deviations of w
REPEATED = 0.15  # what each earlier choice of the same picture costs
DECAY = 0.3  # of W; a compromise, docs/starter-mapping.md has the table
QUICK_STEPS = 40  # of the fits between the rounds
DIRECTIONS = 16  # of the music that the first guess follows
VIEWED = 64  # principal components of w that the first guess uses
FREE = 0.5  # share of the first guess that the attributes do not decide

Choice = NDArray[np.intp]  # (clips,) which candidate


@dataclass(frozen=True)
class Round:
    """How well the choice and the transfer agreed after one round."""

    unsuitability: float  # mean over the clips; 0 is exactly what was wanted
    distance: float  # mean squared standard deviations between label and dream
    loss: float  # L1 of the fit


@dataclass(frozen=True)
class Match:
    """The choice and what was learnt from it."""

    chosen: Choice
    fit: Fit  # to the paper's loss, as it comes
    transfer: Transfer  # the same, enlivened: what is shipped
    rounds: tuple[Round, ...]


def match(
    clips: Clips,
    candidates: Candidates,
    wanted: Array,  # (clips, attributes), ranks 0..1
    spread: Spread,
    *,
    decay: float = DECAY,
    rounds: int = ROUNDS,
) -> Match:
    """Choose and fit in turns."""
    offered = offered_ranks(candidates)
    costs = SUITS * unsuitability(wanted, offered)  # (clips, candidates)
    pictures = spread.normalised(candidates.w)
    dreams = first_guess(clips, pictures, wanted, offered)  # (clips, w_dim), normalised
    chosen: Choice | None = None
    fit: Fit | None = None
    story = []
    for number in range(rounds):
        chosen = choose(costs, distances(dreams, pictures), number, chosen)
        fit = fit_transfer(
            examples(clips, candidates.w[chosen]),
            spread,
            decay=decay,
            start=fit.transfer if fit else None,
            steps=STEPS if number == rounds - 1 else QUICK_STEPS,
        )
        transfer = enlivened(fit.transfer, clips.typical, pictures)
        dreams = spread.normalised(transfer(clips.typical))
        story.append(_round(costs, dreams, pictures, chosen, fit))
    if chosen is None or fit is None:
        raise ValueError("matching takes at least one round")
    return Match(chosen, fit, transfer, tuple(story))


def offered_ranks(candidates: Candidates) -> Array:
    """The attributes of the candidates as ranks 0..1 among them."""
    return np.stack([ranks(column) for column in candidates.attributes.T], axis=1)


def examples(clips: Clips, w: Array) -> Examples:
    """Every window with the w (clips, w_dim) of its clip; the windows share the clip's weight."""
    count, windows, e_dim = clips.embeddings.shape
    return Examples(
        clips.embeddings.reshape(-1, e_dim),
        np.repeat(w, windows, axis=0),
        np.full(count * windows, 1 / windows, np.float32),
        np.repeat(np.array(clips.pieces), windows),
    )


def distances(dreams: Array, pictures: Array) -> Array:  # (clips, candidates)
    """Mean squared difference between what is dreamt and each picture."""
    squares = np.square(dreams).sum(1)[:, None] + np.square(pictures).sum(1)[None]
    return np.asarray((squares - 2 * dreams @ pictures.T) / pictures.shape[1])


def choose(costs: Array, away: Array, number: int, before: Choice | None) -> Choice:
    """The best of this round's screen, or what was chosen before; popular pictures cost more."""
    clips, candidates = costs.shape
    screens = max(1, candidates // SCREEN)
    used = np.zeros(candidates, np.float32)
    chosen = np.zeros(clips, np.intp)
    for clip in np.random.default_rng(number).permutation(clips):
        first = (clip + number) % screens * SCREEN
        shown = np.arange(first, min(first + SCREEN, candidates))
        if before is not None:
            shown = np.append(shown, before[clip])
        cost = costs[clip, shown] + away[clip, shown] + REPEATED * used[shown]
        chosen[clip] = shown[np.argmin(cost)]
        used[chosen[clip]] += 1
    return chosen


def first_guess(clips: Clips, pictures: Array, wanted: Array, offered: Array) -> Array:
    """A smooth map from music to w (clips, w_dim), normalised: half wanted, half a random turn."""
    heard = _directions(clips)  # (clips, DIRECTIONS)
    mean, views, loads = _principal(pictures)  # pictures = mean + views @ loads
    shows = _regression(views, gaussian(offered))  # (VIEWED, attributes)
    asks = _regression(heard, gaussian(wanted))  # (DIRECTIONS, attributes)
    seen = np.linalg.pinv(shows)  # (attributes, VIEWED)
    turn = np.random.default_rng(1).standard_normal((heard.shape[1], views.shape[1]))
    unseen = turn - turn @ shows @ seen  # moves no attribute
    guess = _unit(asks @ seen) * (1 - FREE) + _unit(unseen) * FREE  # (DIRECTIONS, VIEWED)
    dreams = heard @ guess
    dreams *= np.sqrt(views.shape[1] / np.square(dreams).sum(1).mean())  # the reach of a picture
    return np.asarray(mean + dreams @ loads, np.float32)


def gaussian(places: Array) -> Array:
    """Ranks 0..1 as the values of a normal distribution."""
    normal = NormalDist().inv_cdf
    values = np.vectorize(normal, otypes=[np.float32])(np.clip(places, 0.005, 0.995))
    return np.asarray(values, np.float32)


def _directions(clips: Clips) -> Array:
    """Scores of the clips (clips, DIRECTIONS) in what tells the pieces apart best."""
    _, windows, e_dim = clips.embeddings.shape
    groups = np.repeat(np.array(clips.pieces), windows)
    heard = scaling(clips.embeddings.reshape(-1, e_dim), groups, DIRECTIONS)(clips.typical)
    return np.asarray(heard - heard.mean(0))


def _principal(pictures: Array) -> tuple[Array, Array, Array]:
    """Mean, scores of unit variance (n, kept), and loads (kept, w_dim) of normalised w."""
    mean = pictures.mean(0)
    scores, sizes, loads = np.linalg.svd(pictures - mean, full_matrices=False)
    kept = min(VIEWED, len(sizes))
    root = np.sqrt(len(pictures))
    return mean, scores[:, :kept] * root, sizes[:kept, None] / root * loads[:kept]


def _regression(x: Array, y: Array) -> Array:
    """Ridge regression with a ridge of two hundredths of the data."""
    scatter = x.T @ x
    floor = 0.02 * np.trace(scatter) / len(scatter) + 1e-9
    return np.asarray(np.linalg.solve(scatter + floor * np.eye(len(scatter)), x.T @ y))


def _unit(matrix: NDArray[np.floating]) -> Array:
    return np.asarray(matrix / (np.linalg.norm(matrix) + 1e-9), np.float32)


def _round(costs: Array, dreams: Array, pictures: Array, chosen: Choice, fit: Fit) -> Round:
    suits = costs[np.arange(len(chosen)), chosen].mean() / SUITS
    away = np.square(dreams - pictures[chosen]).mean()
    return Round(float(suits), float(away), fit.losses[-1])
