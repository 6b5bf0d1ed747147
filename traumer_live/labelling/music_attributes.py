"""What a clip of music is like, in numbers that a picture can answer.

In: the sound of a clip, mono (n,) at 48 kHz, and what the pulse tracker felt during it.
Out: MusicAttributes.  Thread: any.

Measured before any loudness normalisation. Each number is plain and old on purpose, so that a
reader can check it: no network takes part but the tagger, whose tags are kept beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from traumer_live.audio.loudness import gated_mean, k_weight, lufs
from traumer_live.core.types import SHOW_RATE, Array, Pulse

Double = NDArray[np.float64]

N_FFT = 4096  # samples at 48 kHz: 85 ms, 12 Hz a bin
CHROMA_N_FFT = 16_384  # samples: 3 Hz a bin, a fifth of a semitone at the lowest note looked at
CHROMA_HZ = (120.0, 2100.0)
PEAK_FLOOR = 0.03  # of the strongest peak; weaker ones are side lobes and noise
CENTROID_HZ = (60.0, 14_000.0)
MEDIAN = 17  # frames or bins of the two median filters: 0.7 s, 200 Hz
PERCUSSIVE_HZ = 8000.0  # highest that is looked at
ATTACK = 0.35  # a rise of Pulse.onset by this much between two ticks is an attack

# How well each of the twelve degrees fits a major and a minor key: probe-tone ratings of
# Krumhansl and Kessler 1982.
MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])


@dataclass(frozen=True)
class MusicAttributes:
    """A clip's measured character."""

    tempo: float  # beats per minute
    beat_confidence: float  # 0..1, how regular the beat is
    mode: float  # above 0 major, below 0 minor: difference of the best key correlations
    brightness: float  # octaves: log2 of the spectral centroid in Hz
    loudness: float  # LUFS
    loudness_range: float  # dB between the soft and the loud moments
    onset_density: float  # attacks a second
    percussiveness: float  # 0..1, share of the sound that is short and broad


def measure_music(sound: Array, pulses: Sequence[Pulse]) -> MusicAttributes:
    """The attributes of ``sound`` (n,); ``pulses`` are one per tick of it."""
    magnitude = spectrogram(sound)  # (frames, bins)
    steps = step_loudness(magnitude)  # (frames,) LUFS
    tempo, confidence = steady_tempo(pulses)
    return MusicAttributes(
        tempo=tempo,
        beat_confidence=confidence,
        mode=mode(chroma(spectrogram(sound, CHROMA_N_FFT))),
        brightness=brightness(magnitude),
        loudness=lufs(gated_mean(10 ** (steps / 10))),
        loudness_range=float(np.subtract(*np.percentile(steps, (95, 10)))),
        onset_density=onset_density(pulses),
        percussiveness=percussiveness(magnitude),
    )


def frequencies(n_fft: int = N_FFT) -> Double:
    """Hz of each bin."""
    return np.asarray(np.fft.rfftfreq(n_fft, 1 / SHOW_RATE), np.float64)


def spectrogram(sound: Array, n_fft: int = N_FFT) -> Double:  # (frames, bins)
    """Magnitudes, twice per window; the squares of a frame sum to its mean square."""
    window = np.hanning(n_fft + 1)[:n_fft]
    frames = sliding_window_view(sound, n_fft)[:: n_fft // 2]
    scale = np.sqrt(2.0 / n_fft / np.sum(window**2))
    return np.asarray(scale * np.abs(np.fft.rfft(frames * window)), np.float64)


def step_loudness(magnitude: Double) -> Double:  # (frames,)
    """Loudness of each frame in LUFS; silence is -80."""
    power = magnitude**2 @ k_weight(frequencies())
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(power, 1e-8)))


def chroma(magnitude: Double) -> Double:  # (12,), C first
    """How much of each pitch class sounds: spectral peaks, loud and soft moments alike."""
    hz = frequencies(2 * (magnitude.shape[1] - 1))
    middle = magnitude[:, 1:-1]
    tip = (middle >= magnitude[:, :-2]) & (middle > magnitude[:, 2:])
    tip &= middle > PEAK_FLOOR * magnitude.max(1, keepdims=True)
    inside = (hz[1:-1] > CHROMA_HZ[0]) & (hz[1:-1] < CHROMA_HZ[1])
    semitone = np.round(69 + 12 * np.log2(hz[1:-1][inside] / 440)).astype(int) % 12
    peaks = np.where(tip, middle, 0.0)[:, inside]
    folded = peaks @ np.eye(12)[semitone]  # (frames, 12)
    level = folded.sum(1, keepdims=True)
    return np.asarray((folded / np.maximum(level, 1e-9)).mean(0))


def mode(classes: Double) -> float:
    """Above 0: the chroma fits its best major key better than its best minor key."""

    def best(profile: Double) -> float:
        turns = [np.roll(profile, k) for k in range(12)]
        return max(float(np.corrcoef(classes, turn)[0, 1]) for turn in turns)

    if np.ptp(classes) < 1e-9:
        return 0.0
    return best(MAJOR) - best(MINOR)


def brightness(magnitude: Double) -> float:
    """Log2 of the centroid; of magnitudes, since power would only see the bass."""
    hz = frequencies()
    inside = (hz > CENTROID_HZ[0]) & (hz < CENTROID_HZ[1])
    mean = magnitude[:, inside].mean(0)
    return float(np.log2((mean @ hz[inside] + 1e-9) / (mean.sum() + 1e-12) + 1e-3))


def percussiveness(magnitude: Double) -> float:
    """Share of energy in vertical lines of the spectrogram (median filters, Fitzgerald 2010)."""
    hz = frequencies()
    low = magnitude[:, hz < PERCUSSIVE_HZ]
    along_time = _medians(low, axis=0)  # keeps tones
    along_pitch = _medians(low, axis=1)  # keeps attacks
    squares = np.square(along_pitch), np.square(along_time)
    share = squares[0] / (squares[0] + squares[1] + 1e-18)
    energy = low**2
    return float((share * energy).sum() / (energy.sum() + 1e-12))


def _medians(values: Double, *, axis: int) -> Double:
    half = MEDIAN // 2
    pad = [(half, half) if k == axis else (0, 0) for k in range(2)]
    windows = sliding_window_view(np.pad(values, pad, mode="edge"), MEDIAN, axis=axis)
    middle = np.partition(windows, half, axis=-1)[..., half]
    return np.asarray(middle, np.float64)


def steady_tempo(pulses: Sequence[Pulse]) -> tuple[float, float]:
    """Median tempo of the moments that know one, and the mean confidence."""
    known = [pulse.tempo for pulse in pulses if pulse.tempo > 0]
    if not known:
        return 0.0, 0.0
    return float(np.median(known)), float(np.mean([pulse.confidence for pulse in pulses]))


def onset_density(pulses: Sequence[Pulse]) -> float:
    """Attacks a second."""
    if len(pulses) < 2:
        return 0.0
    seconds = (pulses[-1].sample_index - pulses[0].sample_index) / SHOW_RATE
    rises = np.diff([pulse.onset for pulse in pulses]) > ATTACK
    return float(rises.sum() / max(seconds, 1e-9))
