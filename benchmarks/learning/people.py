"""Synthetic annotators: what each of them wants to see to a clip, and how they choose.

In: a World, a seed.  Out: a Person.  Thread: any.

Two kinds of taste, neither of which the learner knows:
- attributes: a clip asks for certain ranks of lightness, saturation and so on, and everything else
  in a picture is indifferent (the literature's annotator, its mirror, one who only sees colours,
  one whose wishes are a random mixture of musical moods);
- a hidden transfer: every clip has one picture in w, by a linear or a bent map of the embedding.
On top of either: noise of judgement, and inconsistency, where something far down the list is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.learning.world import World
from traumer_live.core.types import Array
from traumer_live.labelling.annotators import IMPORTANCE, ranks, wanted_attributes
from traumer_live.labelling.picture_attributes import PICTURE_ATTRIBUTES
from traumer_live.labelling.scaling import Scaling

NOISE = 0.25  # of judgement, in standard deviations of the cost over random pictures
INCONSISTENT = 0.1  # of the choices fall on any of the best LAX
LAX = 20
COLOURS = ("lightness", "saturation", "yellowness", "redness")

See = Callable[[Array], Array]  # pictures (n, w_dim) -> what this person looks at (n, features)
Cost = Callable[[int, Array], Array]  # clip, what is seen (n, features) -> (n,), 0 is perfect


@dataclass(frozen=True)
class Person:
    """Somebody's taste."""

    name: str
    see: See
    cost: Cost
    noise: float = NOISE
    inconsistent: float = INCONSISTENT

    def judge(self, clip: int, pictures: Array, scale: float, rng: np.random.Generator) -> Array:
        """What the pictures seem to be worth to this person now (n,), lower is better."""
        true = self.cost(clip, self.see(pictures))
        return true + self.noise * scale * rng.standard_normal(len(pictures))

    def pick(self, judged: Array, count: int, rng: np.random.Generator) -> NDArray[np.intp]:
        """The pictures taken (count,), the best first; now and then some that are not the best."""
        order = np.argsort(judged)
        if rng.random() < self.inconsistent:
            return rng.choice(order[: max(LAX, 2 * count)], count, replace=False)
        return order[:count]


def people(world: World, scale: Scaling, *, seed: int) -> dict[str, Person]:
    """One of each kind, drawn anew for each seed where chance has a part."""
    rng = np.random.default_rng(seed)
    wanted = wanted_attributes(world.music)  # (clips, attributes)
    mirrored = wanted.copy()
    mirrored[:, :4] = 1 - mirrored[:, :4]
    heard = scale(world.embeddings)  # (clips, kept)
    importance = dict(IMPORTANCE)
    colours = {name: float(name in COLOURS) for name in PICTURE_ATTRIBUTES}
    tastes = {
        "literature": (wanted, importance),
        "mirrored": (mirrored, importance),
        "colours only": (wanted, colours),
        "own moods": (_own_moods(wanted, rng), importance),
    }
    found = {n: Person(n, world.look, _by_attributes(w, i)) for n, (w, i) in tastes.items()}
    for name, make in (("hidden linear", _linear), ("hidden bent", _bent)):
        found[name] = Person(name, lambda pictures: pictures, _by_w(make(heard, world, rng)))
    return found


def _by_attributes(wanted: Array, importance: Mapping[str, float]) -> Cost:
    weight = np.array([importance[name] for name in PICTURE_ATTRIBUTES], np.float32)
    weight /= weight.sum()

    def cost(clip: int, seen: Array) -> Array:
        return np.square(seen - wanted[clip]) @ weight

    return cost


def _by_w(target: Array) -> Cost:
    """By the angle between picture and target: how strong a picture is, is another matter.

    With squared differences a grey average would please everybody more than any real picture.
    """
    unit = target / np.linalg.norm(target, axis=1, keepdims=True)

    def cost(clip: int, seen: Array) -> Array:
        return 1 - (seen @ unit[clip]) / (np.linalg.norm(seen, axis=1) + 1e-6)

    return cost


def _own_moods(wanted: Array, rng: np.random.Generator) -> Array:
    """Every attribute follows a random mixture of what the literature's annotator goes by."""
    mixture = rng.standard_normal((wanted.shape[1],) * 2)
    mixed = (wanted - 0.5) @ mixture
    return np.stack([ranks(column) for column in mixed.T], axis=1).astype(np.float32)


def _linear(heard: Array, world: World, rng: np.random.Generator) -> Array:
    weight = rng.standard_normal((heard.shape[1], world.pictures.shape[1]))
    return _as_wide_as_pictures(heard @ weight)


def _bent(heard: Array, world: World, rng: np.random.Generator) -> Array:
    """Two layers: half of what it wants no linear map can follow."""
    inner = rng.standard_normal((heard.shape[1], 64)) * 1.5 / heard.std(0).mean()
    hidden = np.tanh(
        (heard - heard.mean(0)) @ inner / np.sqrt(heard.shape[1]) + rng.standard_normal(64)
    )
    return _as_wide_as_pictures(hidden @ rng.standard_normal((64, world.pictures.shape[1])))


def _as_wide_as_pictures(target: Array) -> Array:
    centred = target - target.mean(0)
    return (0.8 * centred / centred.std(0)).astype(np.float32)
