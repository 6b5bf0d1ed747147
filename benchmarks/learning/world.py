"""The music and the pictures of the simulation, from the numbers in world.safetensors.

In: that file.  Out: a World.  Thread: any.

A picture is its w in 48 numbers: scores in the leading principal components, turned by a random
rotation so that each number is a mixture of all, as the components of a real w are. What a picture
between the measured ones looks like is guessed by kernel ridge regression; ``surrogate_r2`` says
how well, on pictures that it was not fitted to.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

from traumer_live.core.types import Array
from traumer_live.labelling.annotators import Collection, ranks
from traumer_live.labelling.matchmaking import gaussian
from traumer_live.labelling.music_attributes import MusicAttributes
from traumer_live.labelling.scaling import Spread

FILE = Path(__file__).parent / "world.safetensors"
RIDGE = 0.1
CHECKED = 500  # pictures that the surrogate is checked on


@dataclass(frozen=True)
class World:
    """All that can be heard and shown."""

    embeddings: Array  # (clips, e_dim)
    pieces: NDArray[np.str_]  # (clips,)
    music: Collection
    pictures: Array  # (n, w_dim), normalised
    spread: Spread
    look: Look
    header: dict[str, str]


@dataclass(frozen=True)
class Look:
    """Attributes of any picture, as ranks among the generator's."""

    known: Array  # (n, w_dim)
    solution: Array  # (n, attributes)
    length: float
    r2: tuple[float, ...]  # of each attribute, on pictures left out

    def __call__(self, pictures: Array) -> Array:  # (..., w_dim) -> (..., attributes)
        flat = pictures.reshape(-1, pictures.shape[-1])
        found = _kernel(flat, self.known, self.length) @ self.solution
        return _normal_cdf(found).reshape(*pictures.shape[:-1], -1).astype(np.float32)


def load_world(path: Path = FILE, *, seed: int = 0) -> World:
    """The world; ``seed`` turns the numbers of w."""
    with safe_open(path, framework="numpy") as file:
        header = file.metadata()
        tensors = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118  (it is no dict)
    scores = tensors["pictures.scores"]
    turn = np.linalg.qr(np.random.default_rng(seed).standard_normal((scores.shape[1],) * 2))[0]
    w = scores @ turn.astype(np.float32)
    pictures = w / w.std(0)
    attributes = tuple(MusicAttributes(**a) for a in json.loads(header["attributes"]))
    music = Collection(attributes, tensors["music.tags"], tuple(json.loads(header["tag_names"])))
    return World(
        embeddings=tensors["music.embeddings"],
        pieces=np.array(json.loads(header["pieces"])),
        music=music,
        pictures=pictures,
        spread=Spread(np.zeros(w.shape[1], np.float32), np.ones(w.shape[1], np.float32)),
        look=_fitted_look(pictures, tensors["pictures.attributes"]),
        header=header,
    )


def _fitted_look(pictures: Array, attributes: Array) -> Look:
    wanted = gaussian(np.stack([ranks(column) for column in attributes.T], axis=1))
    length = 1.5 * float(np.sqrt(np.square(pictures[:500] - pictures[500:1000]).sum(1)).mean())
    held = np.arange(len(pictures)) < CHECKED
    solution = _solved(pictures[~held], wanted[~held], length)
    guessed = _kernel(pictures[held], pictures[~held], length) @ solution
    r2 = 1 - np.square(guessed - wanted[held]).mean(0) / wanted[held].var(0)
    whole = _solved(pictures, wanted, length)
    return Look(pictures, whole, length, tuple(float(r) for r in r2))


def _solved(pictures: Array, wanted: Array, length: float) -> Array:
    covariance = _kernel(pictures, pictures, length).astype(np.float64)
    return np.linalg.solve(covariance + RIDGE * np.eye(len(pictures)), wanted).astype(np.float32)


def _kernel(a: Array, b: Array, length: float) -> Array:
    squares = np.square(a).sum(1)[:, None] + np.square(b).sum(1)[None] - 2 * a @ b.T
    return np.exp(-np.maximum(squares, 0) / (2 * length**2)).astype(np.float32)


def _normal_cdf(x: Array) -> Array:
    """Abramowitz and Stegun 26.2.17, within 1e-7."""
    t = 1 / (1 + 0.2316419 * np.abs(x))
    series = t * (
        0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429)))
    )
    upper = np.exp(-x * x / 2) / np.sqrt(2 * np.pi) * series
    return np.where(x < 0, upper, 1 - upper)
