"""The fast path: what the music does at this very moment.

In: mono sound at 48 kHz, blocks of any length (n,).  Out: Pulse, one per hop of 10 ms, asked for by
sample index.  Thread: ears.

Every number depends on absolute sample indices only, so any block size gives the same pulses, live
and offline. Spectra are computed for all hops of a block at once; followers go hop by hop.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from traumer_live.audio.attacks import Flux, OnsetEnvelope
from traumer_live.audio.auto_range import AutoRange, smoothing
from traumer_live.audio.loudness import k_weight
from traumer_live.audio.tempo import BeatTracker
from traumer_live.core.types import SHOW_RATE, Array, Pulse

Double = NDArray[np.float64]

HOP_S = 0.010
N_FFT = 1024  # samples: 21 ms at 48 kHz; longer would see the bass better and the attack later
HISTORY_S = 10.0  # pulses kept to be asked for
BANDS_PER_OCTAVE = 3
BASS_HZ, TREBLE_HZ, HIGHEST_HZ = 150.0, 2000.0, 16_000.0
PEAK_HOPS = 4  # one tick, rounded up
LEVEL_S = 0.05  # RMS of the meter
ONSET_WEIGHT = np.array([0.25, 0.4, 0.35])  # bass, mid, treble; the few bass bands tremble most
ATTACK_DELAY_S = 0.012  # from an attack to the summit of its flux, half a window and some

SILENCE_DBFS, PRESENCE_DBFS = -65.0, -55.0  # between them every strength fades in
FLOOR_DBFS = -80.0  # of a single band
# Distance between softest and loudest:  loudness, bass, mid, treble
SMALLEST_DB = np.array([12.0, 10.0, 8.0, 8.0])
LARGEST_DB = np.array([36.0, 24.0, 20.0, 24.0])


class PulseTracker:
    """Loudness, onset, bands, tempo and beat of a running stream."""

    def __init__(self, rate: int = SHOW_RATE) -> None:
        self.rate = rate
        self.hop = round(rate * HOP_S)
        self.delay_s = HOP_S  # at most: a sound may wait for its hop to be full
        hop_s = self.hop / rate
        self._spectra = _Spectra(rate, self.hop)
        self._flux = Flux(hop_s=hop_s, regions=self._spectra.regions)
        self._onset = OnsetEnvelope(hop_s=hop_s)
        self._range = AutoRange(
            hop_s=hop_s, smallest_db=SMALLEST_DB, largest_db=LARGEST_DB, floor_db=FLOOR_DBFS
        )
        self._beat = BeatTracker(hop_s=hop_s, attack_delay_s=ATTACK_DELAY_S)
        self._level_rate = smoothing(LEVEL_S, hop_s)
        self.reset()

    def reset(self) -> None:
        """Go back to the first sample."""
        for part in (self._spectra, self._flux, self._onset, self._range, self._beat):
            part.reset()
        self._mean_square = 0.0
        self._peaks: deque[float] = deque(maxlen=PEAK_HOPS)
        self._hops = 0
        self._pulses: deque[Pulse] = deque(maxlen=round(HISTORY_S / HOP_S))

    def push(self, x: Array) -> None:
        """Hear the next samples, mono."""
        for heard in self._spectra.push(x):
            self._hops += 1
            self._pulses.append(self._feel(heard))

    def at(self, sample_index: int) -> Pulse:
        """Newest pulse that knows nothing after this index; the oldest kept if that is gone."""
        ahead = self._hops - min(sample_index // self.hop, self._hops)  # hops newer than asked for
        if not self._pulses or ahead >= self._hops:
            return Pulse()
        return self._pulses[max(len(self._pulses) - 1 - ahead, 0)]

    def tap(self, sample_index: int) -> None:
        """The user says: a beat is here. Call it from the thread that pushes."""
        self._beat.tap(sample_index / self.rate)

    def _feel(self, heard: _Hop) -> Pulse:
        level = self._level(heard.mean_square)
        presence = (level - SILENCE_DBFS) / (PRESENCE_DBFS - SILENCE_DBFS)
        presence = min(max(presence, 0.0), 1.0)
        flux = self._flux.push(heard.magnitudes)
        strengths = self._range.push(decibel(heard.powers), presence=presence)
        onset = self._onset.push(float(np.sum(flux * ONSET_WEIGHT)), presence=presence)
        beat = self._beat.push(flux * presence)
        self._peaks.append(heard.peak)
        loudness, bass, mid, treble = (float(s) for s in strengths)
        return Pulse(
            sample_index=self._hops * self.hop,
            loudness=loudness,
            onset=onset,
            bass=bass,
            mid=mid,
            treble=treble,
            tempo=beat.tempo,
            beat_phase=beat.phase,
            confidence=beat.confidence,
            level_dbfs=level,
            peak_dbfs=float(decibel(max(self._peaks) ** 2)),
        )

    def _level(self, mean_square: float) -> float:
        self._mean_square += self._level_rate * (mean_square - self._mean_square)
        return float(decibel(self._mean_square))


@dataclass(frozen=True)
class _Hop:
    """What the followers want to know of one hop."""

    magnitudes: Double  # (bands,) 1 = a sine at full scale
    powers: Double  # (4,) loudness, bass, mid, treble
    mean_square: float
    peak: float


class _Spectra:
    """Bands of every hop; hop k ends at sample (k + 1) * hop and looks n_fft samples back."""

    def __init__(self, rate: int, hop: int) -> None:
        self._hop = hop
        self._window = np.hanning(N_FFT + 1)[:N_FFT]
        self._scale = 2.0 / float(np.sum(self._window**2)) / N_FFT  # bins sum to the mean square
        frequencies: Double = np.fft.rfftfreq(N_FFT, 1 / rate).astype(np.float64)
        self._loudness_weight = k_weight(frequencies)
        self._edges, self.regions = band_edges(frequencies)
        self._region_edges = [region.start for region in self.regions]
        self.reset()

    def reset(self) -> None:
        self._pending = np.zeros(N_FFT - self._hop, np.float32)

    def push(self, x: Array) -> list[_Hop]:
        sound = np.concatenate([self._pending, x])
        n_hops = max(0, (len(sound) - N_FFT) // self._hop + 1)
        self._pending = sound[n_hops * self._hop :].copy()
        if n_hops == 0:
            return []
        return self._analyse(sliding_window_view(sound, N_FFT)[:: self._hop].astype(np.float64))

    def _analyse(self, windows: Double) -> list[_Hop]:
        spectrum = np.fft.rfft(windows * self._window)  # (hops, bins)
        power = self._scale * (spectrum.real**2 + spectrum.imag**2)
        # Sums row by row, no matrix product: that one rounds differently for other block sizes.
        bands = np.add.reduceat(power, self._edges, axis=1)[:, :-1]  # (hops, bands)
        regions = np.add.reduceat(bands, self._region_edges, axis=1)  # (hops, 3)
        loudness = np.sum(power * self._loudness_weight, axis=1)  # (hops,)
        powers = np.column_stack([loudness, regions])  # (hops, 4)
        magnitudes = np.sqrt(2.0 * bands)
        newest = windows[:, -self._hop :]
        mean_square = np.mean(newest**2, axis=1)
        peak = np.max(np.abs(newest), axis=1)
        return [
            _Hop(m, p, float(s), float(k))
            for m, p, s, k in zip(magnitudes, powers, mean_square, peak, strict=True)
        ]


def band_edges(frequencies: Double) -> tuple[list[int], tuple[slice, ...]]:
    """First bin of each narrow band and of the rest above; which bands are bass, mid, treble."""
    octaves = np.log2(HIGHEST_HZ / frequencies[1])
    wanted = frequencies[1] * 2.0 ** np.arange(0, octaves, 1 / BANDS_PER_OCTAVE)
    wanted = np.concatenate([wanted, [BASS_HZ, TREBLE_HZ, HIGHEST_HZ]])
    edges = np.unique(np.searchsorted(frequencies, wanted * 0.999))
    bass_end, mid_end = np.searchsorted(frequencies[edges], [BASS_HZ, TREBLE_HZ])
    regions = (slice(0, bass_end), slice(bass_end, mid_end), slice(mid_end, len(edges) - 1))
    return [int(e) for e in edges], regions


def decibel(power: Double | float) -> Double:
    """Power in decibels, -120 at the least."""
    return np.asarray(10.0 * np.log10(np.maximum(power, 1e-12)))
