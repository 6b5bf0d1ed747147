"""Log-mel frames for the tagging networks, one every hop, from a running stream.

In: blocks of any length (n,) float32 at spec.sample_rate.  Out: (frames, n_mels) float32.
Thread: ears.

Frame k covers the samples [k * hop, k * hop + n_fft) of the stream: nothing is padded. librosa and
torchaudio centre their frames instead, so ours number k is theirs number k + n_fft / (2 * hop).

Two conventions, both on the power spectrum under a periodic Hann window:
    Slaney's mel, filters of unit area, log10(1 + 10000 x)    musicnn (it also rounds x to float16)
    HTK mel, filters of unit height, 10 log10 max(x, 1e-10)   TräumerAI's own front end
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from traumer_live.core.types import Array, MelSpec

Double = NDArray[np.float64]

COMPRESSION_GAIN = 10_000.0  # musicnn: lifts the quiet parts out of the flat end of log(1 + x)
POWER_FLOOR = 1e-10  # -100 dB; silence in the decibel convention

# Slaney's scale: linear below 1 kHz, then 27 steps for each factor of 6.4.
SLANEY_HZ_PER_MEL = 200.0 / 3.0
SLANEY_KNEE_HZ = 1000.0
SLANEY_KNEE_MEL = SLANEY_KNEE_HZ / SLANEY_HZ_PER_MEL
SLANEY_LOG_STEP = np.log(6.4) / 27.0


class LogMel:
    """The running log-mel of one stream; equal to `log_mel_offline` for any block sizes."""

    def __init__(self, spec: MelSpec) -> None:
        self.spec = spec
        self.delay_s = spec.n_fft / 2 / spec.sample_rate  # a frame speaks of its middle
        self._window = hann(spec.n_fft)
        self._filters = mel_filters(spec).T.astype(np.float64)  # (bins, n_mels)
        self.reset()

    def reset(self) -> None:
        """Go back to the first sample."""
        self._pending = np.zeros(0, np.float32)  # always shorter than n_fft

    def push(self, x: Array) -> Array:
        """Every frame that these samples complete."""
        sound = np.concatenate([self._pending, x])
        n_frames = complete_frames(len(sound), self.spec)
        self._pending = sound[n_frames * self.spec.hop :].copy()
        if n_frames == 0:
            return np.zeros((0, self.spec.n_mels), np.float32)
        return _log_mel(sound, self.spec, window=self._window, filters=self._filters)


def log_mel_offline(x: Array, spec: MelSpec) -> Array:
    """Every complete frame of a whole sound: the twin of `LogMel`."""
    if complete_frames(len(x), spec) == 0:
        return np.zeros((0, spec.n_mels), np.float32)
    filters = mel_filters(spec).T.astype(np.float64)
    return _log_mel(x, spec, window=hann(spec.n_fft), filters=filters)


def complete_frames(n_samples: int, spec: MelSpec) -> int:
    """How many frames are finished once n_samples of the stream were heard."""
    return max(0, (n_samples - spec.n_fft) // spec.hop + 1)


def _log_mel(x: Array, spec: MelSpec, *, window: Double, filters: Double) -> Array:
    # Double precision: the sums then round alike for every batch size, and a frame costs 10 us.
    frames = sliding_window_view(x, spec.n_fft)[:: spec.hop]  # (frames, n_fft)
    spectrum = np.fft.rfft(frames * window)  # (frames, bins)
    power = spectrum.real**2 + spectrum.imag**2  # (frames, bins)
    return compress(power @ filters, spec)  # (frames, n_mels)


def compress(power: Double, spec: MelSpec) -> Array:
    """Mel power as the network saw it in training."""
    if spec.compression == "decibel":
        decibel: Double = 10.0 * np.log10(np.maximum(power, POWER_FLOOR))
        return decibel.astype(np.float32)
    lifted: Double = np.log1p(COMPRESSION_GAIN * power) / np.log(10.0)
    return lifted.astype(np.float32)


def hann(n: int) -> Double:
    """Periodic Hann window, as short-time spectra use it."""
    return 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(n) / n)


def mel_filters(spec: MelSpec) -> Array:
    """Triangles that overlap by half on the mel scale: (n_mels, n_fft / 2 + 1)."""
    bins = np.linspace(0.0, spec.sample_rate / 2, spec.n_fft // 2 + 1)  # Hz
    corners = mel_corners(spec)  # (n_mels + 2,) Hz: left foot, summit, right foot of each in turn
    widths = np.diff(corners)[:, None]
    distance = corners[:, None] - bins[None, :]  # (n_mels + 2, bins)
    rising = -distance[:-2] / widths[:-1]
    falling = distance[2:] / widths[1:]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    if spec.area_normalised:
        triangles *= 2.0 / (corners[2:] - corners[:-2])[:, None]
    return triangles.astype(np.float32)


def mel_corners(spec: MelSpec) -> Double:
    """Frequencies in Hz that lie evenly on the mel scale, both ends of the range included."""
    to_mel, to_hz = (
        (hz_to_htk, htk_to_hz) if spec.mel_scale == "htk" else (hz_to_slaney, slaney_to_hz)
    )
    lowest, highest = to_mel([spec.f_min, spec.f_max])
    return to_hz(np.linspace(lowest, highest, spec.n_mels + 2))


def hz_to_htk(hz: ArrayLike) -> Double:
    """HTK's mel scale: logarithmic with a knee at 700 Hz."""
    return np.multiply(2595.0, np.log10(1.0 + np.asarray(hz, np.float64) / 700.0))


def htk_to_hz(mel: ArrayLike) -> Double:
    """Undo `hz_to_htk`."""
    return 700.0 * (10.0 ** (np.asarray(mel, np.float64) / 2595.0) - 1.0)


def hz_to_slaney(hz: ArrayLike) -> Double:
    """Slaney's mel scale: linear up to 1 kHz, logarithmic above."""
    linear: Double = np.minimum(hz, SLANEY_KNEE_HZ) / SLANEY_HZ_PER_MEL
    above: Double = np.log(np.maximum(hz, SLANEY_KNEE_HZ) / SLANEY_KNEE_HZ) / SLANEY_LOG_STEP
    return linear + above


def slaney_to_hz(mel: ArrayLike) -> Double:
    """Undo `hz_to_slaney`."""
    linear: Double = np.minimum(mel, SLANEY_KNEE_MEL) * SLANEY_HZ_PER_MEL
    above: Double = np.exp(SLANEY_LOG_STEP * np.maximum(np.subtract(mel, SLANEY_KNEE_MEL), 0.0))
    return linear * above
