"""The fast path into the picture: what the pulse adds to a smoothed w_plus within one tick.

In: w_plus, the Pulse of the same tick, and how strongly it may act.  Out: w_plus, noise gain.
Thread: ears.  In the preset "paper" none of this is called.

The offset walks along three fixed directions (bass, mid, treble) of the generator's own w
statistics, on the fine rows only: colour and touch answer the beat, composition does not jump.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from traumer_live.core.types import Array, Pulse
from traumer_live.latent.levels import level_rows

OFFSET = 0.45  # sigmas that a full band moves the fine rows at strength 1
PSI_SWING = 0.12  # how much loudness opens the truncation at strength 1
ONSET_GRAIN = 1.5  # how much an onset adds to the noise gain at strength 1


@dataclass(frozen=True)
class Modulated:
    """What the generator is asked for at one tick."""

    w_plus: Array  # (num_ws, w_dim)
    noise_gain: float


class Modulation:
    """Applies a Pulse to w_plus along directions drawn once from ``seed``."""

    def __init__(
        self, sigma: Array, *, num_ws: int, seed: int, level_sizes: Sequence[int] | None = None
    ) -> None:
        bands = np.random.default_rng(seed).standard_normal((3, sigma.size))
        self._directions = (bands * sigma).astype(np.float32)  # (3, w_dim)
        self._fine = level_rows(num_ws, level_sizes)["fine"]

    def psi(self, pulse: Pulse, strength: float) -> float:
        """The factor on truncation: above one when loud, below when soft."""
        return 1.0 + strength * PSI_SWING * (2 * pulse.loudness - 1)

    def apply(self, w_plus: Array, pulse: Pulse, strength: float, noise_gain: float) -> Modulated:
        """``w_plus`` (num_ws, w_dim) with its fine rows moved by the bands, and the noise gain."""
        bands = np.array([pulse.bass, pulse.mid, pulse.treble], dtype=np.float32)
        moved = w_plus.copy()
        moved[self._fine] += strength * OFFSET * (bands @ self._directions)
        grain = noise_gain * (1.0 + strength * ONSET_GRAIN * pulse.onset)
        return Modulated(moved, grain)
