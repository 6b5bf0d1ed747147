"""A gate that has learned the noise of the room: what is not clearly more than that is silence.

In: mono sound, blocks of any length (n,).  Out: a gain 0..1 for each sample; what was learned, as
text for the settings.  Thread: ears.

A room is quiet in some bands and loud in others: the hum of an amplifier must not hide soft
strings. So the noise is learned per octave, and any band that rises clearly above its own noise
opens the gate for the whole sound. The gain is settled at each hop and slides over the next one;
it depends on absolute sample indices only, so blocks of any size give the same samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from traumer_live.audio.sliding_gain import SlidingGain
from traumer_live.core.types import Array

Double = NDArray[np.float64]

EDGES_HZ = (40.0, 90.0, 180.0, 355.0, 710.0, 1400.0, 2800.0, 5600.0, 11_200.0, 18_000.0)
BANDS = len(EDGES_HZ) - 1
HOP_S = 1 / 120  # grid of the gain
WINDOW_HOPS = 3  # sound that one look at the bands covers: 25 ms
SMOOTH_S = 0.03  # of the bands' power: noise trembles
LEARN_S = 3.0
SETTLE_S = 0.2  # before that, after a jump from silence into the room
USUAL = 95.0  # per cent of the time in which the room is not louder than its learned noise
OPEN_DB, STAY_DB = 8.0, 4.0  # above the noise: opens, and stays open
HOLD_S = 0.5  # a pause within music is no end of it
CLOSE_S = 0.25
SILENT_DB = -95.0  # of a band: there is no noise to learn
STEADY_DB = 9.0  # noise is not further above its own median than that for long
LOUDEST_DB = -30.0  # of all bands: nobody's room is that loud, it is music


@dataclass(frozen=True)
class Lesson:
    """What came of listening to the room: a floor, or why there is none."""

    floor: str = ""  # as the settings keep it
    why_not: str = ""  # one sentence


class NoiseGate:
    """Opens for what is louder than the room, in any band."""

    def __init__(self, rate: int) -> None:
        self.hop = round(rate * HOP_S)
        self._bands = _BandPower(rate, self.hop)
        self._hold_hops = round(HOLD_S / HOP_S)
        self._fall = HOP_S / CLOSE_S
        self._settle_hops = round(SETTLE_S / HOP_S)
        self._learn_hops = round(LEARN_S / HOP_S)
        self._learning: list[Double] | None = None
        self._lesson: Lesson | None = None
        self._slide = SlidingGain(self.hop)
        self._held = 0  # hops for which it stays open
        self.is_open = True

    @property
    def learned(self) -> float | None:
        """How much of the lesson is over, 0..1; None when nothing is being learned."""
        whole = self._settle_hops + self._learn_hops
        return None if self._learning is None else len(self._learning) / whole

    def learn(self) -> None:
        """Listen to the room for SETTLE_S and LEARN_S seconds from now on."""
        self._learning = []

    def take_lesson(self) -> Lesson | None:
        """What came of it, once."""
        lesson, self._lesson = self._lesson, None
        return lesson

    def gains(self, mono: Array, floor: Double | None) -> Double:
        """The gain of each sample of ``mono`` (n,); open while there is no ``floor`` (BANDS,)."""
        return self._slide.follow(mono, lambda hop: self._settle(hop, floor))

    def _settle(self, hop: Array, floor: Double | None) -> float:
        """The gain after this hop."""
        level = 10.0 * np.log10(self._bands.push(hop) + 1e-13)  # (BANDS,) dB
        if self._learning is not None:
            self._note(level)
        return self._wanted(level, floor)

    def _wanted(self, level: Double, floor: Double | None) -> float:
        if floor is None:
            self.is_open = True
        elif np.any(level > floor + (STAY_DB if self.is_open else OPEN_DB)):
            self.is_open, self._held = True, self._hold_hops
        elif self._held > 0:
            self._held -= 1
        else:
            self.is_open = False
        return 1.0 if self.is_open else max(self._slide.gain - self._fall, 0.0)

    def _note(self, level: Double) -> None:
        assert self._learning is not None
        self._learning.append(level)
        if len(self._learning) == self._settle_hops + self._learn_hops:
            self._lesson = _lesson(np.array(self._learning[self._settle_hops :]))
            self._learning = None


def floor_of(text: str) -> Double | None:
    """The learned noise (BANDS,) in dB; None when nothing usable was learned."""
    try:
        numbers = np.array([float(word) for word in text.split()])
    except ValueError:
        return None
    return numbers if numbers.size == BANDS and np.isfinite(numbers).all() else None


def _lesson(levels: Double) -> Lesson:
    """From the levels of each hop, (hops, BANDS) in dB."""
    usual = np.percentile(levels, USUAL, axis=0)
    median = np.maximum(np.median(levels, axis=0), SILENT_DB)
    whole = 10.0 * np.log10(np.sum(10.0 ** (usual / 10.0)))
    if usual.max() < SILENT_DB:
        return Lesson(why_not="This source has no noise: there is nothing for a gate to do.")
    if whole > LOUDEST_DB or np.any(usual > median + STEADY_DB):
        return Lesson(
            why_not="That was no steady noise; let nothing play, and have the gate learn again."
        )
    return Lesson(floor=" ".join(f"{value:.1f}" for value in usual))


class _BandPower:
    """Power of each band over the last hops, smoothed."""

    def __init__(self, rate: int, hop: int) -> None:
        n = WINDOW_HOPS * hop
        frequencies = np.fft.rfftfreq(n, 1 / rate)
        self._window = np.hanning(n + 1)[:n]
        self._scale = 2.0 / (n * float(np.sum(self._window**2)))  # Parseval: the mean square
        *self._starts, self._end = np.searchsorted(frequencies, EDGES_HZ)  # bins of the bands
        self._sound = np.zeros(n)
        self._hop = hop
        self._share = 1.0 - float(np.exp(-hop / rate / SMOOTH_S))
        self._power = np.zeros(BANDS)

    def push(self, x: Array) -> Double:
        self._sound[: -self._hop] = self._sound[self._hop :]
        self._sound[-self._hop :] = x
        spectrum = np.fft.rfft(self._sound * self._window)
        power = (spectrum.real**2 + spectrum.imag**2)[: self._end]
        bands = np.add.reduceat(power, self._starts) * self._scale  # (BANDS,)
        self._power += self._share * (bands - self._power)
        return self._power
