"""Directions in w along which a picture becomes brighter, warmer, richer in colour, or livelier.

In: pictures by their w with what was measured of them, as they are painted.  Out: a step in w.
Thread: one, its owner's; some milliseconds when it has seen more than before.

The directions are learnt from the pictures that were shown anyway: principal components of their w,
and a linear regression of the measures on them. A step changes its own measure and leaves the
others where they are, as far as a linear view can tell, by the shortest way. More colour is a step
away from grey in the picture's own hue, so it depends on the picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from traumer_live.core.types import Array
from traumer_live.labelling.picture_attributes import PICTURE_ATTRIBUTES
from traumer_live.labelling.scaling import Spread

AXES = ("brightness", "warmth", "colour", "liveliness")
# What is learnt, in standard deviations of the measured attributes; warmth is made of two of these.
BASIS: Mapping[str, Mapping[str, float]] = {
    "lightness": {"lightness": 1.0},
    "yellowness": {"yellowness": 1.0},
    "redness": {"redness": 1.0},
    "liveliness": {"complexity": 0.4, "edges": 0.35, "contrast": 0.25},
}
WARMTH = {"yellowness": 0.8, "redness": 0.6}
FEWEST = 60  # pictures before a direction means anything
MOST = 1000  # that are remembered
AGAIN = 1.5  # times as many pictures as at the last time: learn anew
PICTURES_PER_COMPONENT = 6
MOST_COMPONENTS = 32
STEP = 0.75  # standard deviations of the measure
FARTHEST = 2.5  # of a step, in standard deviations of the pictures along its direction
RIDGE = 0.02


@dataclass(frozen=True)
class _Learnt:
    seen: int
    mean: Array  # (w_dim,), of the pictures' normalised w
    slope: Array  # (w_dim, attributes): what a linear view expects a picture to look like
    look: Array  # (attributes,), of the average picture
    deviation: Array  # (attributes,)
    steps: Mapping[str, Array]  # of BASIS, each (w_dim,), normalised w


class Compass:
    """Learns the directions."""

    def __init__(self, spread: Spread) -> None:
        self._spread = spread
        self._w: list[Array] = []
        self._looks: list[Array] = []
        self._learnt: _Learnt | None = None

    def __len__(self) -> int:
        return len(self._w)

    @property
    def ready(self) -> bool:
        """Whether it has seen enough."""
        return len(self) >= FEWEST

    @property
    def deviation(self) -> Array | None:
        """How much pictures differ in each attribute (attributes,); None before it is known."""
        return self._known().deviation if self.ready else None

    def add(self, w: Array, look: Array) -> None:
        """One more picture: its w (w_dim,), and what was measured of it."""
        if np.isfinite(look).all():
            self._w.append(self._spread.normalised(w))
            self._looks.append(look)
            del self._w[:-MOST], self._looks[:-MOST]

    def nudged(self, w: Array, axis: str, by: float) -> Array:
        """``w`` (w_dim,) or (num_ws, w_dim) with ``by`` steps more of one of AXES; never farther
        out than it was, or than pictures are.

        Raises:
            ValueError: too few pictures were seen.
        """
        if not self.ready:
            raise ValueError(f"{len(self)} pictures are too few to know a direction")
        before = self._spread.normalised(w)
        after = before + by * self._step(axis, before)
        size = np.linalg.norm(after, axis=-1, keepdims=True)
        most = np.maximum(np.linalg.norm(before, axis=-1, keepdims=True), self._outermost())
        after = after * np.minimum(1, most / np.maximum(size, 1e-9))
        return np.asarray(self._spread.mu + self._spread.sigma * after, np.float32)

    def _step(self, axis: str, w: Array) -> Array:  # (w_dim,)
        known = self._known()
        if axis == "brightness":
            return known.steps["lightness"]
        if axis == "liveliness":
            return known.steps["liveliness"]
        if axis == "colour":
            return _mixed(known.steps, self._hue(w, known))
        return _mixed(known.steps, WARMTH)

    def _hue(self, w: Array, known: _Learnt) -> dict[str, float]:
        """Which way from grey a picture's own colour is: more of that is more colour."""
        own = w.mean(0) if w.ndim == 2 else w
        look = known.look + (own - known.mean) @ known.slope
        a, b = (float(look[PICTURE_ATTRIBUTES.index(name)]) for name in ("redness", "yellowness"))
        size = max(float(np.hypot(a, b)), 1e-6)
        return {"redness": a / size, "yellowness": b / size}

    def _outermost(self) -> float:
        """How far from the average pictures are at most."""
        return float(np.quantile(np.linalg.norm(np.stack(self._w), axis=1), 0.98))

    def _known(self) -> _Learnt:
        if self._learnt is None or len(self) >= AGAIN * self._learnt.seen:
            self._learnt = _learn(np.stack(self._w), np.stack(self._looks))
        return self._learnt


def _learn(w: Array, looks: Array) -> _Learnt:
    """From pictures' normalised w (n, w_dim) and attributes (n, attributes)."""
    mean, look, deviation = w.mean(0), looks.mean(0), looks.std(0) + 1e-6
    scores, back = _components(w - mean)  # whitened (n, kept), (kept, w_dim)
    expected = scores.T @ (looks - look) / len(w)  # (kept, attributes)
    wanted = (looks - look) / deviation @ _basis()  # (n, len(BASIS))
    wanted = wanted / (wanted.std(0) + 1e-6)
    slope = scores.T @ wanted / len(w)  # (kept, len(BASIS))
    # The shortest step that moves one measure by STEP and the others by nothing.
    gram = slope.T @ slope + RIDGE * np.eye(len(BASIS), dtype=np.float32)
    step = STEP * slope @ np.linalg.inv(gram)  # (kept, len(BASIS))
    step = step * np.minimum(1, FARTHEST / np.maximum(np.linalg.norm(step, axis=0), 1e-9))
    sizes = np.square(back).sum(1, keepdims=True)
    steps = {name: (step[:, k] @ back).astype(np.float32) for k, name in enumerate(BASIS)}
    plain = ((back / sizes).T @ expected).astype(np.float32)
    return _Learnt(len(w), mean, plain, look, deviation, steps)


def _components(centred: Array) -> tuple[Array, Array]:
    """Whitened principal components of (n, w_dim), and the way back."""
    values, vectors = np.linalg.eigh(centred @ centred.T)  # n is small, w_dim may be large
    kept = min(MOST_COMPONENTS, len(centred) // PICTURES_PER_COMPONENT)
    kept = max(1, min(kept, int((values > 1e-6 * values[-1]).sum())))
    scores = vectors[:, : -kept - 1 : -1] * np.sqrt(len(centred), dtype=np.float32)
    return scores.astype(np.float32), scores.T.astype(np.float32) @ centred / len(centred)


def _mixed(steps: Mapping[str, Array], weights: Mapping[str, float]) -> Array:
    parts = [weight * steps[name] for name, weight in weights.items()]
    return np.asarray(np.sum(parts, axis=0), np.float32)


def _basis() -> Array:  # (attributes, len(BASIS))
    columns = [[axis.get(name, 0.0) for name in PICTURE_ATTRIBUTES] for axis in BASIS.values()]
    return np.array(columns, np.float32).T
