"""How well labels are learnt: held-out L1, and where the chosen picture comes among those shown.

In: lessons, what each way of learning dreams to pieces it has not heard.  Out: Judgements.
Thread: any; some seconds for a hundred labels.

The rank is what a person would see: were the 200 pictures sorted by their likeness to the dream,
how far down would the picture be that was chosen? 1 is the best, 100.5 is chance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from traumer_live.core.types import Array
from traumer_live.labelling.crossvalidation import average, held_out, nearest, ridge_regression
from traumer_live.labelling.fit import l1_between
from traumer_live.labelling.label import Label
from traumer_live.labelling.lessons import Lessons, single_w
from traumer_live.labelling.recipes import Choice, School, mean_agreement

SHOWN = 200
RIDGE_DECAY = 0.3

Shown = Callable[[Label], Array | None]  # the pictures (n, w_dim) that a label was chosen from


@dataclass(frozen=True)
class Judgement:
    """One way of learning, on pieces it has not heard."""

    name: str
    l1: float  # standard deviations of w
    rank: float  # median rank of the chosen picture among 200
    agreement: float  # cosine between dream and chosen picture, seen from the average


def judge(
    lessons: Lessons, school: School, choice: Choice, shown: Shown, others: Array
) -> tuple[Judgement, ...]:
    """The baselines, the plain paper version and the chosen recipe.

    Args:
        lessons: what is learnt from.
        school: the spread of w is that of the examples.
        choice: with the dreams of the recipes that were tried.
        shown: the pictures that a label was chosen from, where they are known.
        others: (n, w_dim) random pictures, for labels whose pictures are not known.
    """
    spread, examples = school.spread, lessons.examples
    dreams = {
        "average w": held_out(average, examples),
        "nearest labelled clip": held_out(nearest, examples),
        "ridge": held_out(ridge_regression(spread, decay=RIDGE_DECAY), examples),
        **{str(recipe): found for recipe, found in choice.dreams.items()},
    }
    screens = [_screen(label, shown(label), others) for label in lessons.labels]
    return tuple(
        Judgement(
            name,
            l1_between(found, examples, spread),
            _median_rank(found, lessons, screens, school),
            mean_agreement(found, examples, spread),
        )
        for name, found in dreams.items()
    )


def table(judgements: Sequence[Judgement], chosen: str) -> list[str]:
    """Lines for people; the chosen way is marked."""
    width = max(len(j.name) for j in judgements)
    lines = [f"  {'held-out pieces':{width}}    L1   rank of 200   agreement"]
    for j in judgements:
        mark = "*" if j.name == chosen else " "
        lines.append(f"{mark} {j.name:{width}}  {j.l1:.3f}  {j.rank:11.0f}  {j.agreement:10.2f}")
    return lines


def rank_among(dream: Array, chosen: Array, screen: Array, middle: Array) -> float:
    """The chosen picture's place on the screen by its likeness to the dream, for 200 pictures.

    Likeness is the cosine as seen from ``middle``; all are normalised (w_dim,), screen (n, w_dim).
    """
    likeness = _cosines(screen - middle, dream - middle)
    own = _cosines((chosen - middle)[None], dream - middle)[0]
    better = float((likeness > own + 1e-6).sum())
    ties = float((np.abs(likeness - own) <= 1e-6).sum())
    place = (better + max(ties - 1, 0) / 2) / max(len(screen) - 1, 1)  # 0..1
    return 1 + place * (SHOWN - 1)


def _cosines(a: Array, b: Array) -> Array:
    sizes = np.linalg.norm(a, axis=1) * np.linalg.norm(b)
    return np.asarray((a @ b) / np.maximum(sizes, 1e-9))


def _screen(label: Label, shown: Array | None, others: Array) -> Array:
    """What the pick was chosen from, with it."""
    chosen = single_w(label.picks[0])[None]
    if shown is None or shown.shape[1:] != chosen.shape[1:] or len(shown) < 2:
        return np.concatenate([others[: SHOWN - 1], chosen])
    return shown


def _median_rank(found: Array, lessons: Lessons, screens: Sequence[Array], school: School) -> float:
    repeats = school.spread.mu.size // screens[0].shape[1]  # three where levels differ
    spread, middle = school.spread, school.spread.normalised(lessons.examples.w).mean(0)
    ranks = []
    for number, (label, screen) in enumerate(zip(lessons.labels, screens, strict=True)):
        dream = spread.normalised(found[lessons.label_of == number]).mean(0)
        pictures = spread.normalised(np.tile(screen, (1, repeats)))
        chosen = spread.normalised(np.tile(single_w(label.picks[0]), repeats))
        ranks.append(rank_among(dream, chosen, pictures, middle))
    return float(np.median(ranks))
