"""What is dreamt while nothing plays: a slow walk between random pictures.

In: show time and how silent it is.  Out: a w.  Thread: ears.

The walk depends on show time alone, so it is the same live, offline and after a restart.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from traumer_live.core.types import SHOW_RATE, Array

STEP_S = 9.0  # seconds from one picture of the walk to the next
SILENCE_LOUDNESS = 0.02  # below this the music counts as gone
INTO_IDLE_S = 3.0  # the walk takes over this slowly when the music stops ...
OUT_OF_IDLE_S = 0.6  # ... and gives way this quickly when it starts
BEFORE_THE_SHOW = (1.0, 0)  # a show begins in silence


class IdleDrift:
    """Blends w toward a seeded random walk while it is silent."""

    def __init__(self, map_z: Callable[[Array], Array], *, z_dim: int, seed: int) -> None:
        self._map_z = map_z
        self._z_dim = z_dim
        self._seed = seed
        self._stations: dict[int, Array] = {}
        self._share, self._heard_at = BEFORE_THE_SHOW

    @property
    def state(self) -> tuple[float, int]:
        """How much of the walk is seen, 0..1, and the show time of the last ``blend``."""
        return self._share, self._heard_at

    @state.setter
    def state(self, state: tuple[float, int]) -> None:
        self._share, self._heard_at = state

    def reset(self) -> None:
        """Back to the silence before the show."""
        self.state = BEFORE_THE_SHOW

    def blend(self, w: Array, loudness: float, sample_index: int) -> Array:
        """``w`` (w_dim,) of the music, or the walk, or on the way from one to the other."""
        elapsed = (sample_index - self._heard_at) / SHOW_RATE
        self._heard_at = sample_index
        silent = loudness < SILENCE_LOUDNESS
        step = elapsed / INTO_IDLE_S if silent else -elapsed / OUT_OF_IDLE_S
        self._share = float(np.clip(self._share + step, 0.0, 1.0))
        if self._share == 0.0:
            return w
        share = _ease(self._share)
        return np.asarray((1 - share) * w + share * self.walk(sample_index), dtype=np.float32)

    def stray(self, w: Array, share: float, centre: Array, sample_index: int) -> Array:
        """``w`` of the music led off towards the walk: 0 leaves it, 1 is the walk alone.

        Both turn round ``centre`` (w_dim,), so that half of each is no paler than the whole of one.
        """
        if share == 0.0:
            return w
        music, walk = math.cos(share * math.pi / 2), math.sin(share * math.pi / 2)
        strayed = centre + music * (w - centre) + walk * (self.walk(sample_index) - centre)
        return np.asarray(strayed, dtype=np.float32)

    def walk(self, sample_index: int) -> Array:
        """w of the walk at one moment of show time."""
        position = sample_index / SHOW_RATE / STEP_S
        station = int(position)
        here, there = self._station(station), self._station(station + 1)
        share = _ease(position - station)
        return np.asarray((1 - share) * here + share * there, dtype=np.float32)

    def _station(self, number: int) -> Array:
        if number not in self._stations:
            z = np.random.default_rng([self._seed, number]).standard_normal((1, self._z_dim))
            self._stations = {k: w for k, w in self._stations.items() if abs(k - number) <= 1}
            self._stations[number] = self._map_z(z.astype(np.float32))[0]
        return self._stations[number]


def _ease(x: float) -> float:
    """A smooth step from 0 to 1: no corner where one picture hands over to the next."""
    return x * x * (3 - 2 * x)
