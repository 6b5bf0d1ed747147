"""How to learn from few labels: the paper's way and ours, and the choice between them.

In: examples, the music they come from.  Out: the recipe that cross-validation prefers, fits made by
it.  Thread: any; seconds for a hundred labels.  Deterministic.

A recipe says how embeddings are scaled, what W pays for its size or for its distance from the
starter mapping's W, and which differences are summed: absolute ones as in the paper, or squares.

Recipes are judged by ``agreement``: does the dream to an unheard piece lie in the direction of the
picture chosen for it? L1 would be the paper's measure, but a picture chosen among 200 differs from
its neighbours in much that nobody chose, and with such labels the least L1 is that of a grey
average: in simulation the recipe of least L1 pleased the annotator less (docs/active-learning.md).
Many recipes are compared by their least squares, which take milliseconds; the best one, under
either loss, and the paper's are then fitted in full on every fold, and the best of these wins: on
held-out pieces the choice is never worse than the plain paper version, whatever the labels are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.types import Array
from traumer_live.labelling.crossvalidation import FOLDS, Method, folds, held_out
from traumer_live.labelling.fit import Examples, Fit, fit_transfer
from traumer_live.labelling.scaling import (
    KEPT,
    Scaling,
    Spread,
    channel_scaling,
    plain_scaling,
    scaling,
)
from traumer_live.latent.transfer import Transfer

Scale = Literal["plain", "channels", "discriminants"]

Loss = Literal["absolute", "squares"]

DECAYS = (0.1, 0.3, 1.0)
DIRECTIONS = (12, KEPT)
FEW = 20  # labels; with fewer, folds say more about themselves than about recipes
FEWEST_PIECES = 3  # that discriminants are measured on
QUICK_STEPS = 60  # of the fits on the folds
PAPER_STEPS = 120
PAPER_RATE = 2e-4  # with so few steps: stopping early is all that holds W; the best of five tried


@dataclass(frozen=True)
class Recipe:
    """One way to learn."""

    scale: Scale
    kept: int = 0  # directions; 0: all channels
    decay: float = 0.0
    from_starter: bool = False  # W pays for its distance from the starter mapping's
    loss: Loss = "absolute"

    def __str__(self) -> str:
        if self.scale == "plain":
            return "the plain paper version"
        what = f"{self.kept} discriminants" if self.kept else "standardised channels"
        home = ", from the starter mapping" if self.from_starter else ""
        return f"{what}, weight decay {self.decay:g}{home}, {self.loss} differences"


PAPER = Recipe("plain")
ORDINARY = Recipe("channels", decay=0.3)  # the best with few labels, in simulation


def to_header(recipe: Recipe) -> str:
    """The recipe as a pack's header keeps it."""
    return json.dumps(asdict(recipe))


def recipe_of(header: Mapping[str, str]) -> Recipe | None:
    """The recipe that a pack was made by; None where it does not say, or not so we understand."""
    try:
        told = json.loads(header["recipe"])
        known = {field.name for field in fields(Recipe)}
        found = Recipe(**{name: value for name, value in told.items() if name in known})
    except (KeyError, ValueError, TypeError, AttributeError):
        return None
    return found if found == PAPER or found in _all() else None


def _all() -> tuple[Recipe, ...]:
    """Everything that a choice can come to, under either loss."""
    ours = recipes(with_starter=True)
    return (*ours, *(replace(recipe, loss="squares") for recipe in ours))


@dataclass(frozen=True)
class School:
    """What every recipe learns with; only the labels change."""

    spread: Spread
    scales: dict[Scale, Scaling]
    music: Array  # (windows, e_dim) that the scalings were measured on
    prior: Transfer | None = None  # the starter mapping, where it is for the same models

    def scale(self, recipe: Recipe) -> Scaling:
        """The recipe's own."""
        whole = self.scales[recipe.scale]
        return replace(whole, basis=whole.basis[:, : recipe.kept]) if recipe.kept else whole

    def prior_of(self, recipe: Recipe) -> Transfer | None:
        """What the recipe's W is drawn to."""
        return self.prior if recipe.from_starter else None


def school(
    embeddings: Array, groups: NDArray[np.str_], spread: Spread, *, prior: Transfer | None = None
) -> School:
    """Scalings measured on music (windows, e_dim) of many pieces, labelled or not.

    Labels are few; how embeddings vary is learnt from all the music there is.
    """
    channels = channel_scaling(embeddings)
    told_apart = len(set(groups)) >= FEWEST_PIECES  # else nothing is known of how pieces differ
    scales: dict[Scale, Scaling] = {
        "plain": plain_scaling(embeddings.shape[1]),
        "channels": channels,
        "discriminants": scaling(embeddings, groups) if told_apart else channels,
    }
    return School(spread, scales, embeddings, prior)


def recipes(*, with_starter: bool) -> tuple[Recipe, ...]:
    """All that are compared, but the paper's."""
    homes = (False, True) if with_starter else (False,)
    ways: list[tuple[Scale, int]] = [("discriminants", kept) for kept in DIRECTIONS]
    ways.append(("channels", 0))
    return tuple(Recipe(s, k, d, home) for s, k in ways for d in DECAYS for home in homes)


def learn(
    recipe: Recipe,
    examples: Examples,
    school: School,
    *,
    start: Transfer | None = None,
    steps: int | None = None,
) -> Fit:
    """The transfer that the recipe makes of the examples."""
    if recipe.scale == "plain":
        return _as_in_the_paper(examples, school, start, steps or PAPER_STEPS)
    if recipe.loss == "squares":
        start, steps = None, 0  # the least squares are where the search would begin
    return fit_transfer(
        examples,
        school.spread,
        decay=recipe.decay,
        scale=school.scale(recipe),
        prior=school.prior_of(recipe),
        start=start,
        **({} if steps is None else {"steps": steps}),
    )


@dataclass(frozen=True)
class Choice:
    """The recipe that was chosen, and what every full fit dreamt to pieces it had not heard."""

    recipe: Recipe
    dreams: dict[Recipe, Array]  # (windows, w_dim) in the examples' order, of each recipe tried
    agreement: dict[Recipe, float]


def choose(
    examples: Examples, school: School, *, progress: Callable[[str], None] = lambda _: None
) -> Choice:
    """The best recipe by cross-validation over pieces."""
    best = quick_choice(examples, school)
    dreams: dict[Recipe, Array] = {}
    for recipe in (best, replace(best, loss="squares"), PAPER):
        progress(f"trying {recipe}")
        dreams[recipe] = held_out(method(recipe, school), examples)
    found = {r: mean_agreement(w, examples, school.spread) for r, w in dreams.items()}
    return Choice(max(found, key=lambda recipe: found[recipe]), dreams, found)


def quick_choice(examples: Examples, school: School) -> Recipe:
    """The best recipe but the paper's, judged by least squares."""
    clips = clip_means(examples)
    known = recipes(with_starter=school.prior is not None)
    if clips.weight.sum() < FEW:
        return ORDINARY
    found = [_quick_agreement(recipe, clips, school) for recipe in known]
    return known[int(np.argmax(found))]


def agreement(found: Array, wanted: Array, middle: Array) -> Array:  # (n,)
    """Cosine between what is dreamt and what was chosen, both as seen from the labels' average.

    All are normalised: found and wanted (n, w_dim), middle (w_dim,).
    """
    a, b = found - middle, wanted - middle
    sizes = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.asarray((a * b).sum(1) / np.maximum(sizes, 1e-9), np.float32)


def mean_agreement(found: Array, examples: Examples, spread: Spread) -> float:
    """Agreement of what ``held_out`` found; 0 is what a guess without the music would get."""
    total = 0.0
    for held in folds(examples.groups, FOLDS):
        known, test = examples.where(~held), examples.where(held)
        middle = np.average(spread.normalised(known.w), axis=0, weights=known.weight)
        dreams, wanted = spread.normalised(found[held]), spread.normalised(test.w)
        total += float(test.weight @ agreement(dreams, wanted, middle))
    return total / float(examples.weight.sum())


def method(recipe: Recipe, school: School) -> Method:
    """A recipe as cross-validation takes it."""

    def found(known: Examples, embeddings: Array) -> Array:
        steps = None if recipe.scale == "plain" else QUICK_STEPS
        return learn(recipe, known, school, steps=steps).transfer(embeddings)

    return found


def _quick_agreement(recipe: Recipe, examples: Examples, school: School) -> float:
    squares = replace(recipe, loss="squares")
    return mean_agreement(held_out(method(squares, school), examples), examples, school.spread)


def _as_in_the_paper(examples: Examples, school: School, start: Transfer | None, steps: int) -> Fit:
    """Embeddings as they come, one of each clip, no weight decay, from W = 0."""
    known = clip_means(examples)
    e_dim, w_dim = known.embeddings.shape[1], known.w.shape[1]
    nothing = Transfer(
        np.zeros((w_dim, e_dim), np.float32), np.zeros(w_dim, np.float32), *school.spread.parts
    )
    scale = school.scales["plain"]
    return fit_transfer(
        known,
        school.spread,
        decay=0.0,
        scale=scale,
        start=start or nothing,
        steps=steps,
        rate=PAPER_RATE,
    )


def clip_means(examples: Examples) -> Examples:
    """One example for all windows that share piece and picture, with their weight together."""
    keys = np.column_stack([np.unique(examples.groups, return_inverse=True)[1], examples.w])
    _, first, clip = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    member = np.eye(len(first), dtype=np.float32)[clip.reshape(-1)] * examples.weight[:, None]
    weight = member.sum(0)
    means = (member.T @ examples.embeddings) / weight[:, None]
    return Examples(means, examples.w[first], weight, examples.groups[first])
