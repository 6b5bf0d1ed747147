"""Bring the programme to the level the tagger was trained at, slowly, without a look ahead.

In: blocks of any length (n,) float32.  Out: (n,) float32, the same samples times a gain.
Thread: ears.

The gain follows the loudness of the last ten seconds of programme, measured as ITU-R BS.1770 does:
K-weighted power, an absolute gate against silence, a relative gate against pauses. In silence the
memory, and with it the gain, stands still: the noise floor is not pumped up. A quiet passage stays
quieter than a loud one; a quiet *recording* does not.

The gain is settled at each grid step and slides to its new value over the next one. It depends on
absolute sample indices only, so blocks of any size give the same samples. Nothing is limited: after
a sudden entry samples may pass 1, which a log-mel does not mind.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from traumer_live.audio.sliding_gain import SlidingGain
from traumer_live.core.types import Array

Double = NDArray[np.float64]
Biquad = tuple[list[float], list[float]]

TARGET_LUFS = -16.0  # MagnaTagATune's mastered songs lie around -14 to -18
STEP_S = 0.05  # grid of the gain
MEMORY_S = 10.0  # programme remembered; dynamics faster than this stay
GATE_LUFS = -65.0  # below it nothing is programme: a quiet room through a microphone
RELATIVE_GATE_DB = 10.0  # pauses this far below the mean do not count
PAUSE_S = 1.0  # silence up to this long is a pause within the music, and remembered as such
MAX_GAIN_DB = 50.0  # just lifts what passes the gate to the target
MIN_GAIN_DB = -20.0
RISE_DB_PER_S = 6.0  # a quiet passage after a loud one is not torn up
FALL_DB_PER_S = 30.0
SETTLING_S = 1.5  # of programme, at the start, while the gain may jump
PAUSE_STEPS = round(PAUSE_S / STEP_S)
HUM_HZ = 200.0  # the gate listens above it: mains hum never opens it

K_WEIGHT_RATE = 48_000  # Hz; the standard gives its filters at this rate
K_SHELF = (
    [1.53512485958697, -2.69169618940638, 1.19839281085285],
    [1.0, -1.69065929318241, 0.73248077421585],
)
K_HIGH_PASS = ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621])
K_OFFSET_DB = -0.691  # so that a full-scale 997 Hz sine reads -3.01 LUFS


class LoudnessNormaliser:
    """A causal, gated, slow volume control; live equals offline exactly."""

    def __init__(
        self,
        rate: int,
        *,
        target_lufs: float = TARGET_LUFS,
        limits_db: tuple[float, float] = (MIN_GAIN_DB, MAX_GAIN_DB),
    ) -> None:
        """``target_lufs`` is what the programme is brought to, by a gain within ``limits_db``."""
        self.step = round(rate * STEP_S)
        self._target_lufs = target_lufs
        self._limits_db = limits_db
        self.delay_s = 0.0  # the samples pass at once; only the gain trails
        self._loudness = _StepLoudness(rate, self.step)
        self.reset()

    def reset(self) -> None:
        """Go back to the first sample."""
        self._slide = SlidingGain(self.step)
        self._loudness.reset()
        self._gain = _Gain(self._target_lufs, self._limits_db)

    @property
    def gain_db(self) -> float:
        """Where the gain is heading."""
        return self._gain.decibel

    def push(self, x: Array) -> Array:
        """Return the same samples, louder or softer."""
        return np.asarray(x * self.gains(x), np.float32)

    def gains(self, x: Array) -> Double:
        """The gain of each of these samples, (n,), for whoever applies it to more channels."""
        return self._slide.follow(x, self._settle)

    def _settle(self, step: Array) -> float:
        """The gain after this step."""
        self._gain.hear(*self._loudness.push(step))
        return self._gain.factor


class _StepLoudness:
    """K-weighted power of each step, from the spectrum of it and the step before."""

    def __init__(self, rate: int, step: int) -> None:
        n = 2 * step
        frequencies: Double = np.fft.rfftfreq(n, 1 / rate).astype(np.float64)
        self._window = np.hanning(n + 1)[:n]
        both_sides: Double = np.where((frequencies == 0) | (frequencies == rate / 2), 1.0, 2.0)
        energy = float(np.sum(self._window**2))
        scale: Double = both_sides / (n * energy)  # Parseval: the mean square, not the sum
        self._level = scale * k_weight(frequencies)
        self._gate = np.where(frequencies > HUM_HZ, self._level, 0.0)
        self._sound = np.zeros(n)
        self._step = step

    def reset(self) -> None:
        self._sound[:] = 0.0

    def push(self, x: Array) -> tuple[float, float]:
        """Power of the programme, and that part of it which may open the gate."""
        self._sound[: self._step] = self._sound[self._step :]
        self._sound[self._step :] = x
        spectrum = np.fft.rfft(self._sound * self._window)
        power = spectrum.real**2 + spectrum.imag**2
        return float(np.sum(power * self._level)), float(np.sum(power * self._gate))


class _Gain:
    """From the power of each step to the gain in force."""

    def __init__(self, target_lufs: float, limits_db: tuple[float, float]) -> None:
        self.decibel = 0.0
        self._target_lufs = target_lufs
        self._limits_db = limits_db
        self._memory: deque[float] = deque(maxlen=round(MEMORY_S / STEP_S))
        self._steps_heard = 0  # of programme
        self._steps_silent = PAUSE_STEPS  # silence before the first sound is no pause

    @property
    def factor(self) -> float:
        return float(10.0 ** (self.decibel / 20.0))

    def hear(self, power: float, gate_power: float) -> None:
        if lufs(gate_power) < GATE_LUFS:
            self._pass_over()
            return
        self._memory.append(power)
        self._steps_heard += 1
        self._steps_silent = 0
        wanted = self._target_lufs - lufs(gated_mean(np.array(self._memory)))
        lowest, highest = self._limits_db
        self._move_towards(min(max(wanted, lowest), highest))

    def _pass_over(self) -> None:
        """A silent step: without the short ones a soft copy of a piece would remember further."""
        self._steps_silent += 1
        if self._steps_silent <= PAUSE_STEPS:
            self._memory.append(0.0)

    def _move_towards(self, wanted: float) -> None:
        if self._steps_heard <= SETTLING_S / STEP_S:
            self.decibel = wanted
            return
        highest = self.decibel + RISE_DB_PER_S * STEP_S
        lowest = self.decibel - FALL_DB_PER_S * STEP_S
        self.decibel = min(max(wanted, lowest), highest)


def gated_mean(power: Double) -> float:
    """Mean power without the pauses: BS.1770's relative gate."""
    floor = np.mean(power) * 10.0 ** (-RELATIVE_GATE_DB / 10.0)
    return float(np.mean(power[power >= floor]))


def lufs(power: float) -> float:
    """Loudness of a K-weighted power."""
    return float(K_OFFSET_DB + 10.0 * np.log10(max(power, 1e-20)))


def k_weight(frequencies: Double) -> Double:
    """Power gain of BS.1770's two filters, at any frequencies in Hz."""
    z = np.exp(-2j * np.pi * frequencies / K_WEIGHT_RATE)
    return _power_gain(K_SHELF, z) * _power_gain(K_HIGH_PASS, z)


def _power_gain(biquad: Biquad, z: NDArray[np.complex128]) -> Double:
    numerator, denominator = (c[0] + c[1] * z + c[2] * z**2 for c in biquad)
    return np.asarray(np.abs(numerator / denominator) ** 2, np.float64)
