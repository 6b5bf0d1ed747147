"""Attacks of notes and drums: how much new sound begins in each hop.

In: magnitudes of narrow bands, one row per hop.  Out: flux per region (bass, mid, treble), 0..1,
and an envelope that jumps to 1 at an attack and fades within 150 ms.  Thread: ears.

Bands are whitened by their own recent peak (Stowell and Plumbley 2007), so a soft hi-hat counts as
much as a loud kick, and a piece as much at -30 dB as at 0. Flux is what rose since two hops ago,
the newest spectrum that shares hardly any sample with this one.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from traumer_live.audio.auto_range import smoothing

Double = NDArray[np.float64]

PEAK_S = 6.0  # a band's peak is forgotten over this time
PEAK_FLOOR = 1e-4  # -80 dBFS; below it a band is silent, not soft
COMPRESSION = 10.0  # log(1 + 10 x): attacks on top of held notes still count
LAG = 2  # hops
FULL_SCALE = float(np.log1p(COMPRESSION))
DEAD_ZONE = 0.05  # a rise this small is the trembling of a held sound

USUAL_S = 1.5  # over which the usual flux is known, above which an attack must stand
USUAL_DEVIATIONS = 2.0
STRONGEST_S = 5.0  # the strongest attack is forgotten over this time
STRONGEST_FLOOR = 0.1  # flux; less than this at full scale would be noise
FADE_S = 0.050  # the envelope falls to 5 % within 150 ms


class Flux:
    """Rise of the whitened bands, averaged over each region."""

    def __init__(self, *, hop_s: float, regions: tuple[slice, ...]) -> None:
        self._regions = regions  # which bands are bass, mid, treble
        self._keep = 1.0 - smoothing(PEAK_S, hop_s)
        self.reset()

    def reset(self) -> None:
        """Forget everything heard."""
        self._peak: Double | float = PEAK_FLOOR
        self._past: deque[Double] = deque(maxlen=LAG)

    def push(self, magnitudes: Double) -> Double:
        """Flux of one hop from its magnitudes (bands,): (regions,)."""
        self._peak = np.maximum(np.maximum(magnitudes, PEAK_FLOOR), self._peak * self._keep)
        # Both moments under today's peak: a kick out of soft noise is a rise from nearly nothing.
        before = self._past[0] if len(self._past) == LAG else np.zeros_like(magnitudes)
        self._past.append(magnitudes)
        rise = np.maximum(self._white(magnitudes) - self._white(before) - DEAD_ZONE, 0.0)
        return np.array([rise[bands].sum() / (bands.stop - bands.start) for bands in self._regions])

    def _white(self, magnitudes: Double) -> Double:
        return np.log1p(COMPRESSION * magnitudes / self._peak) / FULL_SCALE


class OnsetEnvelope:
    """What stands out of the usual flux, as light that flares up and fades."""

    def __init__(self, *, hop_s: float) -> None:
        self._usual_rate = smoothing(USUAL_S, hop_s)
        self._keep = 1.0 - smoothing(STRONGEST_S, hop_s)
        self._fade = 1.0 - smoothing(FADE_S, hop_s)
        self.reset()

    def reset(self) -> None:
        """Forget everything heard."""
        self._mean, self._variance = 0.0, 0.0
        self._strongest = STRONGEST_FLOOR
        self._envelope = 0.0

    def push(self, flux: float, *, presence: float) -> float:
        """Envelope of one hop, 0..1."""
        excess = max(flux - self._mean - USUAL_DEVIATIONS * self._variance**0.5, 0.0)
        self._learn(flux)
        self._strongest = max(excess, self._strongest * self._keep, STRONGEST_FLOOR)
        strength = presence * excess / self._strongest
        self._envelope = max(strength, self._envelope * self._fade)
        return self._envelope

    def _learn(self, flux: float) -> None:
        surprise = flux - self._mean
        self._mean += self._usual_rate * surprise
        self._variance += self._usual_rate * (surprise**2 - self._variance)
