"""One simulated evening: clips are asked for, pictures shown, labels taken, the mapping refitted.

In: a World, a Person, a Way of asking, a seed.  Out: an Evening: error and pictures viewed, by
labels.  Thread: any; about a second for a hundred labels.

Error is the person's own mean cost of what is dreamt to pieces that no label is of, without their
noise: 0 is exactly what they want, 1 is any picture.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.learning.people import Person
from benchmarks.learning.world import World
from traumer_live.core.types import Array
from traumer_live.labelling.ensemble import dreams, ensemble
from traumer_live.labelling.fit import Examples
from traumer_live.labelling.proposals import propose
from traumer_live.labelling.queries import Question, next_clips, typical_length
from traumer_live.labelling.recipes import ORDINARY, PAPER, Recipe, School, learn, quick_choice
from traumer_live.latent.familiarity import Familiarity

CHECKS = (5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 70, 80, 90, 100)  # labels at which we measure
RETHINK = (20, 30, 40, 60, 80)  # labels at which the recipe is chosen anew
FIRST = 5  # clips asked before any query needs a mapping
POOL_SHARE = 0.6  # of the pieces; the rest are for the error
BLIND = ("random", "k-center", "variance", "coverage")  # queries that look at the music alone
PAPER_SCREEN, SMALL_SCREEN = 200, 48  # pictures shown at a time
MOST_VIEWED = 600  # of one clip; then the best seen is taken
REFERENCE = 800  # pictures that "any picture" is measured on
SUITS = 0.02  # a picture suits that is among the best fiftieth; if none does, there are more
TESTED = 120  # clips that the error is measured on


@dataclass(frozen=True)
class Way:
    """How an evening goes."""

    query: str  # of labelling.queries
    proposals: bool  # pictures proposed from the mapping so far, or at random
    screen: int = SMALL_SCREEN
    picks: int = 1  # pictures taken of each clip
    plain_fit: bool = False  # the paper's fit, without anything of ours

    @property
    def listens(self) -> bool:
        """Whether what the mapping dreams so far has a say."""
        return self.proposals or self.query not in BLIND

    @property
    def name(self) -> str:
        if self.plain_fit:
            return "as in the paper"
        shown = f"{self.screen} {'proposed' if self.proposals else 'random'}"
        return f"{self.query}, {self.picks} of {shown}"


PAPER_WAY = Way("random", proposals=False, screen=PAPER_SCREEN, plain_fit=True)


@dataclass(frozen=True)
class Evening:
    """What came of it."""

    errors: tuple[float, ...]  # at CHECKS
    viewed: tuple[int, ...]  # pictures, of each label


@dataclass
class _Labels:
    clips: list[int]
    pictures: list[Array]  # (picks, w_dim) each


def spend(world: World, person: Person, way: Way, school: School, *, seed: int) -> Evening:
    """Label up to 100 clips, looking at the error now and then."""
    rng = np.random.default_rng([seed, 1])
    pool, test = _split(world, seed)
    judge = _Judge(world, person, np.concatenate([pool, test]), rng)
    labels, errors, viewed = _Labels([], []), [], list[int]()
    recipe = ORDINARY
    while len(labels.clips) < CHECKS[-1]:
        count = len(labels.clips)
        if count in RETHINK and not way.plain_fit:
            recipe = quick_choice(_examples(world, labels), school)
        members = _members(world, labels, school, recipe if way.listens else None)
        clip = _asked(world, pool, labels, members, way, school, seed=seed)
        picture, seen = _shown(world, judge, clip, members, labels, way, school, rng)
        labels.clips.append(clip)
        labels.pictures.append(picture)
        viewed.append(seen)
        if len(labels.clips) in CHECKS:
            used = PAPER if way.plain_fit else replace(recipe, loss="squares")
            mapping = learn(used, _examples(world, labels), school).transfer
            errors.append(judge.error(mapping(world.embeddings[test]), test))
    return Evening(tuple(errors), tuple(viewed))


class _Judge:
    """The person before the screen, and the scale of their cost for each clip."""

    def __init__(
        self, world: World, person: Person, clips: NDArray[np.intp], rng: np.random.Generator
    ) -> None:
        self._person, self._rng = person, rng
        reference = rng.choice(len(world.pictures), REFERENCE, replace=False)
        seen = person.see(world.pictures[reference])
        costs = {int(clip): person.cost(int(clip), seen) for clip in clips}
        self._any = float(np.mean([c.mean() for c in costs.values()]))
        self._scale = {clip: float(c.std()) for clip, c in costs.items()}
        self._content = {clip: float(np.quantile(c, SUITS)) for clip, c in costs.items()}

    def content(self, clip: int, screen: Array) -> bool:
        """Whether anything suits."""
        return bool(self._judged(clip, screen).min() <= self._content[clip])

    def picked(self, clip: int, shown: Array, count: int) -> NDArray[np.intp]:
        """The pictures taken."""
        return self._person.pick(self._judged(clip, shown), count, self._rng)

    def _judged(self, clip: int, shown: Array) -> Array:
        return self._person.judge(clip, shown, self._scale[clip], self._rng)

    def error(self, dreamt: Array, clips: NDArray[np.intp]) -> float:
        seen = self._person.see(dreamt)
        costs = [self._person.cost(int(c), s[None])[0] for c, s in zip(clips, seen, strict=True)]
        return float(np.mean(costs)) / self._any


def _shown(
    world: World,
    judge: _Judge,
    clip: int,
    members: Array,
    labels: _Labels,
    way: Way,
    school: School,
    rng: np.random.Generator,
) -> tuple[Array, int]:
    """The pictures taken for a clip, after as many screens as it needs; and how many were seen."""
    screens, content, seen = [], False, 0
    while not content and seen < MOST_VIEWED:
        screens.append(_screen(world, clip, members, labels, way, school, rng))
        seen += len(screens[-1])
        content = judge.content(clip, screens[-1])
    shown = np.concatenate(screens)
    return shown[judge.picked(clip, shown, way.picks)], seen


def _screen(
    world: World,
    clip: int,
    members: Array,
    labels: _Labels,
    way: Way,
    school: School,
    rng: np.random.Generator,
) -> Array:
    pool = world.pictures[rng.choice(len(world.pictures), PAPER_SCREEN, replace=False)]
    if not way.proposals:
        return pool[: way.screen]
    sure = 0.0
    if labels.clips:
        sure = float(_familiarity(world, labels, school).confidence(world.embeddings[clip]))
    guesses = members[:, clip] if len(members) else np.zeros((0, pool.shape[1]), np.float32)
    return propose(pool, guesses, way.screen, confidence=sure, seed=int(rng.integers(1 << 31)))


def _asked(
    world: World,
    pool: NDArray[np.intp],
    labels: _Labels,
    members: Array,
    way: Way,
    school: School,
    *,
    seed: int,
) -> int:
    places = _places(world, school)
    left = np.setdiff1d(pool, labels.clips)
    dim = world.pictures.shape[1]
    question = Question(
        library=places[left],
        asked=places[labels.clips],
        length=typical_length(places[pool]),
        dreams=members[:, left] if len(members) else np.zeros((1, len(left), dim), np.float32),
        labels=np.stack([p.mean(0) for p in labels.pictures])
        if labels.pictures
        else np.zeros((0, dim), np.float32),
        seed=seed * 1000 + len(labels.clips),
    )
    early = len(labels.clips) < FIRST and way.query != "random"  # no ensemble yet
    return int(left[next_clips(question, 1, query="coverage" if early else way.query)[0]])


def _members(world: World, labels: _Labels, school: School, recipe: Recipe | None) -> Array:
    """What the ensemble dreams (members, clips, w_dim); none when nobody asks for it."""
    if recipe is None or len(labels.clips) < FIRST:
        return np.zeros((0, 0, 0), np.float32)
    found = ensemble(
        _examples(world, labels), school.spread, school.scale(recipe), decay=recipe.decay
    )
    return dreams(found, school.spread, world.embeddings)


def _examples(world: World, labels: _Labels) -> Examples:
    picks = len(labels.pictures[0])
    chosen = np.repeat(labels.clips, picks)
    return Examples(
        world.embeddings[chosen],
        np.concatenate(labels.pictures),
        np.full(len(chosen), 1 / picks, np.float32),
        world.pieces[chosen],
    )


def _places(world: World, school: School) -> Array:
    return school.scales["discriminants"](world.embeddings)


def _familiarity(world: World, labels: _Labels, school: School) -> Familiarity:
    scale = school.scales["discriminants"]
    places = _places(world, school)
    return Familiarity(scale.mean, scale.basis, places[labels.clips], typical_length(places))


def _split(world: World, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Clips that may be asked for, and clips of other pieces for the error."""
    names = np.unique(world.pieces)
    order = np.random.default_rng([seed, 2]).permutation(names)
    inside = np.isin(world.pieces, order[: round(POOL_SHARE * len(names))])
    return np.flatnonzero(inside), np.flatnonzero(~inside)[:TESTED]
