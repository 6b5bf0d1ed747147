"""What stands before the ears: the gate, the gain that was set or found, and a limiter.

In: show sound (n, 2) at 48 kHz and the Controls.  Out: the same sound as the ears shall hear it.
Thread: ears; ``learn`` may be called from any.

    sound ─ gate ─ gain, by hand or automatic ─ limiter ─ ears

Takes keep the sound as it came. With nothing turned the very same array comes out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from traumer_live.audio.loudness import LoudnessNormaliser
from traumer_live.audio.noise_gate import Lesson, NoiseGate, floor_of
from traumer_live.core.controls import RANGES, Controls
from traumer_live.core.types import SHOW_RATE, Array

Double = NDArray[np.float64]

AUTO_LUFS = -20.0  # what automatic gain brings the programme to; leaves room for its peaks
CEILING = 0.98  # nothing that was amplified passes this
CLIPPED = 0.989  # of what the source delivers: full scale, less a rounding
RELEASE_S = 0.2  # of the limiter


@dataclass(frozen=True)
class PreampState:
    """What the preamp did with the last block."""

    gain_db: float = 0.0  # in force, set or found
    gate_open: bool = True
    learning: float | None = None  # how much of the room's noise is learned, 0..1
    held_back_db: float = 0.0  # by the limiter, at most
    clips: int = 0  # blocks that the source delivered clipped, since the start


class Preamp:
    """Gate, gain and limiter for both channels alike."""

    def __init__(self, rate: int = SHOW_RATE) -> None:
        self.state = PreampState()
        low, high = RANGES["gain_db"]
        self._gate = NoiseGate(rate)
        self._auto = LoudnessNormaliser(rate, target_lufs=AUTO_LUFS, limits_db=(low, high))
        self._limiter = _Limiter(rate)
        self._factor = 1.0  # the gain that was set by hand, at the end of the last block
        self._learn = False  # asked for by another thread
        self._was_auto = False

    def learn(self) -> None:
        """Learn the noise of the room from now on; ``take_lesson`` says what came of it."""
        self._learn = True

    def take_lesson(self) -> Lesson | None:
        """What came of it, once."""
        return self._gate.take_lesson()

    def push(self, sound: Array, controls: Controls) -> Array:
        """``sound`` (n, 2) as the ears shall hear it."""
        if self._learn:
            self._learn = False
            self._gate.learn()
        floor = floor_of(controls.noise_floor) if controls.gate else None
        clips = self.state.clips + bool(np.abs(sound).max(initial=0.0) >= CLIPPED)
        wanted = 10.0 ** (controls.gain_db / 20.0)
        has_gate = floor is not None or self._gate.learned is not None
        if not has_gate and not controls.auto_gain and wanted == self._factor == 1.0:
            self.state = PreampState(clips=clips)
            return sound
        gains = np.ones(len(sound))  # (n,)
        if has_gate:
            gains = self._gate.gains(sound.mean(axis=1, dtype=np.float32), floor)
        gains = gains * self._gains(sound, gains, wanted, auto=controls.auto_gain)
        louder = sound * gains[:, None]
        held = self._limiter.gains(np.abs(louder).max(axis=1))
        self.state = PreampState(
            gain_db=self._auto.gain_db if controls.auto_gain else controls.gain_db,
            gate_open=self._gate.is_open or not has_gate,
            learning=self._gate.learned,
            held_back_db=-20.0 * float(np.log10(held.min(initial=1.0))),
            clips=clips,
        )
        return np.asarray(louder * held[:, None], np.float32)

    def _gains(self, sound: Array, gated: Double, wanted: float, *, auto: bool) -> Double:
        """The gain of each sample beside the gate's; by hand it slides over one block."""
        if auto:
            if not self._was_auto:
                self._auto.reset()
            self._was_auto = True
            self._factor = 10.0 ** (self._auto.gain_db / 20.0)
            return self._auto.gains(np.asarray(sound.mean(axis=1) * gated, np.float32))
        self._was_auto = False
        before, self._factor = self._factor, wanted
        return np.linspace(before, wanted, len(sound) + 1)[1:]


class _Limiter:
    """Takes peaks back at once and lets go slowly; a waveform below the ceiling is left alone."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._held = 0.0  # the highest peak still remembered

    def gains(self, peaks: Double) -> Double:
        """The gain of each sample, whose highest absolute value is ``peaks`` (n,)."""
        if peaks.max(initial=0.0) <= CEILING and self._held <= CEILING:
            self._held = 0.0
            return np.ones(len(peaks))
        forgetting = np.exp(-(np.arange(len(peaks)) + 1) / (RELEASE_S * self._rate))
        remembered = np.maximum.accumulate(np.maximum(peaks / forgetting, self._held))
        envelope = remembered * forgetting
        self._held = float(envelope[-1])
        return np.asarray(CEILING / np.maximum(envelope, CEILING), np.float64)
