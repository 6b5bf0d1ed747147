"""Tempo and beat from the flux of attacks, without knowing what comes next.

In: flux per region, one row per hop.  Out: Beat (tempo, phase, confidence) for each hop.
Thread: ears.

Five times a second the last eight seconds are compared with themselves (autocorrelation). A tempo
is as good as the mean resemblance after one, two, three and four of its beats; people's preference
for tempi around two a second decides between what fits alike (after Davies and Plumbley 2007). The
beat is where the latest attacks lie within that period; an oscillator follows it without a jump.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Double = NDArray[np.float64]

HISTORY_S = 8.0
ESTIMATE_S = 0.2
SLOWEST, FASTEST = 55.0, 210.0  # beats per minute
TEMPO_STEP = 1.01  # ratio of neighbouring candidates; the summit is interpolated
TEETH = 4  # beats of the comb
PREFERRED, PREFERENCE_OCTAVES = 120.0, 1.1  # log-Gaussian prior
STEADINESS = 0.4  # weight of the newest estimate against the earlier ones
LOYALTY, LOYAL_OCTAVES = 0.05, 0.06  # advantage of the tempo in force and its neighbours
TWICE_AS_GOOD = 0.88  # if twice the tempo fits this well, the notes in between are beats
TWICE_MOST = 190.0  # beats per minute; nobody counts faster
TWICE_UNLIKELY = 0.3  # of the prior: a tapped tempo is not doubled
REGION_WEIGHT = np.array([0.50, 0.28, 0.22])  # bass, mid, treble: the kick tells the beat
REGION_NOISE = np.array(
    [4e-4, 1.2e-4, 4e-5]
)  # flux variance of loud noise (half of it in the bass)
BLUR_HOPS = 1.5  # players are not machines; also makes the lag's summit smooth
CHANCE, SURE = 0.10, 0.4  # mean resemblance of noise, and of a clear beat

PHASE_TEETH, PHASE_FADE = (
    8,
    0.85,
)  # beats looked back for the phase, and the weight of each older one
PULL = 0.1  # share of the phase error taken back in a hop
LARGEST_PULL = 0.5  # of the hop's own advance: the beat may hurry or linger, never step back
BLUR = np.exp(-0.5 * (np.arange(-4, 5) / BLUR_HOPS) ** 2)
TAPS, TAP_GAP_S, TAP_OCTAVES = 3, 2.0, 0.06  # a tapped tempo narrows the prior to about +-4 %
TAP_BEATS = 0.12  # how far from a tapped beat the music's own attacks are believed (about 1 sigma)


@dataclass(frozen=True)
class Beat:
    """Where the music is within its beat."""

    tempo: float = 0.0  # beats per minute; 0 while unknown
    phase: float = 0.0  # 0 on the beat, rising to 1 just before the next
    confidence: float = 0.0


class BeatTracker:
    """Causal tempo and beat phase, one step per hop."""

    def __init__(self, *, hop_s: float, attack_delay_s: float) -> None:
        self._hop_s = hop_s
        self._delay = attack_delay_s / hop_s  # hops between an attack and its flux
        self._hops_per_estimate = round(ESTIMATE_S / hop_s)
        self._tempogram = Tempogram(hop_s)
        self.reset()

    def reset(self) -> None:
        """Go back to the first hop."""
        self._flux = np.zeros((round(HISTORY_S / self._hop_s), len(REGION_WEIGHT)))
        self._hops = 0
        self._tempogram.reset()
        self._tempo = 0.0
        self._confidence = 0.0
        self._phase = 0.0
        self._error = 0.0  # of the phase, in beats, not yet taken back
        self._taps: list[float] = []
        self._tapped = False  # which attack is the beat was said by the user

    def push(self, flux: Double) -> Beat:
        """Hear one hop: flux (regions,)."""
        self._flux[self._hops % len(self._flux)] = flux
        self._hops += 1
        self._advance()
        if self._hops % self._hops_per_estimate == 0:
            self._estimate()
        return Beat(self._tempo, self._phase, self._confidence)

    def tap(self, time_s: float) -> None:
        """The user says: here is a beat.

        The first of two taps or more says where the beat is: the phase goes there, and from then on
        follows only attacks nearby. Three choose the tempo nearby that fits best.
        """
        if self._taps and time_s - self._taps[-1] > TAP_GAP_S:
            self._taps.clear()
        self._taps = [*self._taps[1 - 2 * TAPS :], time_s]
        if len(self._taps) == 2:
            self._count_from_taps()
        if len(self._taps) >= TAPS:
            self._tempogram.prefer(60.0 / float(np.median(np.diff(self._taps))), TAP_OCTAVES)

    def _count_from_taps(self) -> None:
        """Count beats from the first tap; taps of long ago say nothing about another tempo."""
        now = self._hops * self._hop_s
        self._tapped = len(self._taps) > 1 and now - self._taps[-1] < HISTORY_S
        if self._tapped and self._tempo > 0.0:
            self._phase = (now - self._taps[0]) * self._tempo / 60.0 % 1.0
            self._error = 0.0

    def _advance(self) -> None:
        step = self._tempo / 60.0 * self._hop_s  # beats in a hop
        largest = LARGEST_PULL * step
        pull = min(max(PULL * self._error, -largest), largest)
        self._error -= pull
        self._phase = (self._phase + step + pull) % 1.0

    def _estimate(self) -> None:
        heard = min(self._hops, len(self._flux))
        flux = np.roll(self._flux, -(self._hops % len(self._flux)), axis=0)[-heard:]
        flux = blurred(flux)
        tempo, clarity = self._tempogram.push(flux)
        ripe = heard / len(self._flux)
        self._confidence = ripe * min(max((clarity - CHANCE) / (SURE - CHANCE), 0.0), 1.0)
        if self._confidence > 0.0:
            starting = self._tempo == 0.0
            another = starting or abs(np.log2(tempo / self._tempo)) > LOYAL_OCTAVES
            self._tempo = tempo
            if another:
                self._count_from_taps()
            self._follow_beat(standardised(flux) @ REGION_WEIGHT, at_once=starting)
        else:
            self._tapped = False  # the music that was tapped to is over

    def _follow_beat(self, attacks: Double, *, at_once: bool) -> None:
        period = 60.0 / self._tempo / self._hop_s  # hops
        near = self._phase * period - self._delay if self._tapped else None
        phase = (since_last_beat(attacks, period, near=near) + self._delay) / period
        if at_once and not self._tapped:
            self._phase = phase % 1.0
        self._error = (phase - self._phase + 0.5) % 1.0 - 0.5


class Tempogram:
    """How well each tempo explains the last seconds.

    Known limit: kick and snare in turn, with hats between, are heard at half their tempo from 155
    BPM on and at twice it at 70. People differ there too; `prefer` (by taps) settles it.
    """

    def __init__(self, hop_s: float) -> None:
        n = int(np.log(FASTEST / SLOWEST) / np.log(TEMPO_STEP)) + 1
        self.tempi = SLOWEST * TEMPO_STEP ** np.arange(n)  # (tempi,)
        self._periods = 60.0 / self.tempi / hop_s  # (tempi,) hops
        self._octave = np.log(2.0) / np.log(TEMPO_STEP)  # candidates to twice the tempo
        self.reset()

    def reset(self) -> None:
        """Forget everything heard, and what was tapped."""
        self._score = np.zeros(len(self.tempi))
        self._current = 0.0
        self.prefer(PREFERRED, PREFERENCE_OCTAVES)

    def prefer(self, tempo: float, octaves: float) -> None:
        """Expect a tempo, give or take so many octaves."""
        self._prior: Double = np.exp(-0.5 * (np.log2(self.tempi / tempo) / octaves) ** 2)

    def push(self, flux: Double) -> tuple[float, float]:
        """The best tempo, and how much the music resembles itself after its beats (0..1)."""
        resemblance = autocorrelation(flux, longest=int(TEETH * self._periods[0]) + 2)
        lags = np.arange(1, TEETH + 1)[:, None] * self._periods  # (teeth, tempi)
        comb = np.interp(lags, np.arange(len(resemblance)), resemblance).mean(axis=0)  # (tempi,)
        self._score += STEADINESS * (comb - self._score)
        best = self._or_twice(int(np.argmax(self._score * self._prior * self._loyalty())))
        self._current = self._summit(best)
        return self._current, float(self._score[best])

    def _loyalty(self) -> Double:
        if self._current == 0.0:
            return np.ones(len(self.tempi))
        distance: Double = np.abs(np.log2(self.tempi / self._current))
        return np.where(distance < LOYAL_OCTAVES, 1.0 + LOYALTY, 1.0)

    def _or_twice(self, best: int) -> int:
        """If the half-beats sound like beats, they are."""
        twice = round(best + self._octave)
        if twice >= len(self.tempi) or self.tempi[twice] > TWICE_MOST:
            return best
        lowest = max(twice - 2, 0)
        twice = lowest + int(np.argmax(self._score[lowest : twice + 3]))
        fits = self._score[twice] > TWICE_AS_GOOD * self._score[best]
        likely = self._prior[twice] > TWICE_UNLIKELY * self._prior[best]
        return twice if fits and likely else best

    def _summit(self, best: int) -> float:
        """Tempo at the top of the parabola through three candidates."""
        best = min(max(best, 1), len(self.tempi) - 2)
        return float(self.tempi[best] * TEMPO_STEP ** summit(*self._score[best - 1 : best + 2]))


def autocorrelation(flux: Double, *, longest: int) -> Double:
    """Resemblance (lags,) of the flux (hops, regions) to itself; 1 at lag 0 if nothing is noise."""
    n = len(flux)
    spectrum = np.fft.rfft(standardised(flux), 1 << (n + longest).bit_length(), axis=0)
    power = (spectrum.real**2 + spectrum.imag**2) @ REGION_WEIGHT
    products = np.fft.irfft(power)[:longest]
    pairs = np.maximum(n - np.arange(longest), n / 4)  # few pairs say little: let them fade
    return np.asarray(products / pairs, np.float64)


def standardised(flux: Double) -> Double:
    """Flux about its mean in each region, to equal strength where it is more than noise."""
    moving: Double = flux - flux.mean(axis=0)
    strength: Double = np.sqrt(np.mean(moving**2, axis=0) + REGION_NOISE)
    return moving / strength


def blurred(flux: Double) -> Double:
    """Flux with every attack a few hops wide."""
    return np.stack([np.convolve(r, BLUR / BLUR.sum(), mode="same") for r in flux.T], axis=1)


def since_last_beat(attacks: Double, period: float, *, near: float | None = None) -> float:
    """Hops since the last beat, if beats lie where the latest attacks do.

    ``near`` is where a person heard it; attacks further off are others.
    """
    offsets = np.arange(0.0, period, 0.5)  # (offsets,) hops ago
    ago = offsets[:, None] + period * np.arange(PHASE_TEETH)  # (offsets, teeth)
    newest = len(attacks) - 1
    heard = np.interp(newest - ago, np.arange(len(attacks)), attacks, left=0.0)
    weight = heard @ PHASE_FADE ** np.arange(PHASE_TEETH)  # (offsets,)
    if near is not None:
        apart = (offsets - near) / period
        apart -= np.round(apart)  # beats, the short way round
        weight = np.maximum(weight, 0.0) * np.exp(-0.5 * (apart / TAP_BEATS) ** 2)
    best = int(np.argmax(weight))
    around = weight[[best - 1, best, (best + 1) % len(weight)]]
    return float(offsets[best] + 0.5 * summit(*around))


def summit(left: float, middle: float, right: float) -> float:
    """Place of the highest point of a parabola through three neighbours, within half a step."""
    bend = left - 2.0 * middle + right
    if bend >= 0.0:
        return 0.0
    return min(max(0.5 * (left - right) / bend, -0.5), 0.5)
