"""A person's mapping, from their labels: the recipe chosen, the transfer fitted, the report.

In: labels, facts about the models, music to measure embeddings on.  Out: Personal.  Thread: any;
seconds for a hundred labels, under a second for ``refit``. Deterministic; numpy only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from traumer_live.core.types import Array
from traumer_live.labelling.fit import Fit
from traumer_live.labelling.judging import Judgement, Shown, judge
from traumer_live.labelling.label import Label, ModelIds
from traumer_live.labelling.lessons import Lessons, lessons
from traumer_live.labelling.queries import core_set, typical_length
from traumer_live.labelling.recipes import (
    PAPER,
    Recipe,
    School,
    choose,
    learn,
    quick_choice,
    school,
)
from traumer_live.labelling.scaling import Spread
from traumer_live.latent.familiarity import Familiarity
from traumer_live.latent.level_transfer import AnyTransfer, LevelTransfer
from traumer_live.latent.levels import thirds
from traumer_live.latent.transfer import Transfer

LIVELY = 0.75  # of the pictures' own distance from the average, that typical dreams shall have
LOUDEST = 1.5  # the most that a fitted map is turned up to get there

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Room:
    """What the labels were made with, and what else is known there."""

    models: ModelIds
    num_ws: int
    spread: Spread  # of w
    pictures: Array  # (n, w_dim), random w of the generator, 200 or more
    music: Array  # (windows, e_dim), of many pieces, labelled or not
    pieces: NDArray[np.str_]  # (windows,)
    level_sizes: tuple[int, ...] | None = None  # None: thirds
    starter: Transfer | None = None  # the starter mapping for the same two models


@dataclass(frozen=True)
class Personal:
    """What was learnt."""

    transfer: Transfer  # of one w, or of the three levels one after the other
    level_sizes: tuple[int, ...] | None  # with levels: rows of each
    recipe: Recipe
    losses: tuple[float, ...]  # of every step of the last fit; empty for least squares
    gain: float  # by which the fitted map was turned up
    familiarity: Familiarity
    lessons: Lessons
    judgements: tuple[Judgement, ...] = ()  # empty after ``refit``

    @property
    def mapping(self) -> AnyTransfer:
        """What the show plays."""
        if self.level_sizes is None:
            return self.transfer
        return LevelTransfer(self.transfer, self.level_sizes)


def fit_labels(
    labels: Sequence[Label],
    room: Room,
    *,
    shown: Shown = lambda _: None,
    start: Transfer | None = None,
    progress: Progress = lambda _: None,
) -> Personal:
    """Choose a recipe by cross-validation, fit it to all labels, and judge it.

    Raises:
        LabelError: fewer than five labels were made with these models.
    """
    with _one_thread():
        known, learner = prepared(labels, room)
        progress(f"{len(known.labels)} labels of {len(set(known.examples.groups))} pieces")
        choice = choose(known.examples, learner, progress=progress)
        progress(f"fitting {choice.recipe}")
        made = _made(known, learner, choice.recipe, room, start)
        return replace(made, judgements=judge(known, learner, choice, shown, room.pictures))


def refit(
    labels: Sequence[Label], room: Room, recipe: Recipe | None, *, start: Transfer | None = None
) -> Personal:
    """The same recipe on other labels, warm: for a label that was just made at the gig.

    Without a recipe the best by its least squares is taken, which takes a second.

    Raises:
        LabelError: fewer than five labels were made with these models.
    """
    with _one_thread():
        known, learner = prepared(labels, room)
        recipe = recipe or quick_choice(known.examples, learner)
        return _made(known, learner, recipe, room, start)


def prepared(labels: Sequence[Label], room: Room) -> tuple[Lessons, School]:
    """Labels and music, ready to learn from.

    Raises:
        LabelError: fewer than five labels were made with these models.
    """
    known = lessons(labels, room.models, num_ws=room.num_ws, level_sizes=room.level_sizes)
    music = np.concatenate([room.music, known.examples.embeddings])
    pieces = np.concatenate([room.pieces, known.examples.groups])
    prior = room.starter
    if prior is not None and known.levels:
        prior = _on_every_level(prior)
    return known, school(music, pieces, known.spread(room.spread), prior=prior)


def familiarity_of(known: Lessons, learner: School) -> Familiarity:
    """Where the labels are, for the confidence."""
    scale = learner.scales["discriminants"]
    clips = np.stack([label.clip.typical for label in known.labels])
    length = typical_length(scale(learner.music))
    return Familiarity(scale.mean, scale.basis, core_set(scale(clips), length), length)


def turned_up(transfer: Transfer, music: Array, pictures: Array) -> tuple[Transfer, float]:
    """The same directions, further out, where dreams are much timider than pictures.

    Labels that differ by chance are learnt as their middle; a show of middles is grey.
    """
    before = music @ transfer.weight.T + transfer.bias
    centre = before.mean(0)
    sigma = np.maximum(transfer.sigma, 1e-9)
    reached = np.abs(transfer(music) - transfer.mu) / sigma
    repeats = transfer.w_dim // pictures.shape[1]
    natural = np.abs(np.tile(pictures, (1, repeats)) - transfer.mu) / sigma
    gain = float(np.clip(LIVELY * natural.mean() / max(reached.mean(), 1e-9), 1, LOUDEST))
    weight = gain * transfer.weight
    bias = centre - weight @ music.mean(0)
    return replace(transfer, weight=weight, bias=bias.astype(np.float32)), gain


def _one_thread() -> AbstractContextManager[object]:
    """Matrices this small gain nothing from BLAS threads, which wait for each other noisily.

    Beside a busy show or another program they took up to ten times the processor.
    """
    limits: AbstractContextManager[object] = threadpool_limits(limits=1, user_api="blas")
    return limits


def _made(
    known: Lessons, learner: School, recipe: Recipe, room: Room, start: Transfer | None
) -> Personal:
    if start is not None and not _continues(start, known, recipe):
        start = None
    fit: Fit = learn(recipe, known.examples, learner, start=start)
    transfer, gain = fit.transfer, 1.0
    if recipe != PAPER:
        transfer, gain = turned_up(fit.transfer, learner.music, room.pictures)
    sizes = room.level_sizes or thirds(room.num_ws)
    return Personal(
        transfer,
        sizes if known.levels else None,
        recipe,
        fit.losses,
        gain,
        familiarity_of(known, learner),
        known,
    )


def _continues(start: Transfer, known: Lessons, recipe: Recipe) -> bool:
    """Whether a search may begin at an earlier mapping.

    Not where the levels or the models were others; nor the paper's, which is only held by stopping
    early: begun again and again it would learn the labels by heart.
    """
    shape = (known.examples.w.shape[1], known.examples.embeddings.shape[1])
    return start.weight.shape == shape and recipe != PAPER


def _on_every_level(transfer: Transfer) -> Transfer:
    """One w on all three levels, as a joint transfer."""
    weight = np.tile(transfer.weight, (3, 1))
    return Transfer(weight, *(np.tile(p, 3) for p in (transfer.bias, transfer.mu, transfer.sigma)))
