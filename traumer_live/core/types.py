"""The few types that travel between rooms, and the numbers that fix time.

In: nothing.  Out: frozen data and constants.  Thread: any; everything here is immutable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float32]
Pixels: TypeAlias = NDArray[np.uint8]

SHOW_RATE = 48_000  # Hz; show time counts these samples
TICK_RATE = 30  # ticks a second, whatever the generator manages
SAMPLES_PER_TICK = SHOW_RATE // TICK_RATE  # 1600 samples: 33.3 ms
ENCODER_RATE = 16_000  # Hz; the tagging networks were trained at this rate


@dataclass(frozen=True)
class Frame:
    """One picture and the newest sound it knows of."""

    pixels: Pixels  # (height, width, 4) RGBA
    sample_index: int  # show time, 48 kHz


@dataclass(frozen=True)
class Pulse:
    """What the fast path hears at one moment; every strength lies in 0..1."""

    sample_index: int = 0  # show time, 48 kHz
    loudness: float = 0.0  # perceived level, auto-ranged
    onset: float = 0.0  # 1 at an attack, decaying within about 150 ms
    bass: float = 0.0
    mid: float = 0.0
    treble: float = 0.0
    tempo: float = 0.0  # beats per minute; 0 while unknown
    beat_phase: float = 0.0  # 0 on the beat, rising to 1 just before the next
    confidence: float = 0.0  # how sure tempo and beat_phase are
    level_dbfs: float = -120.0  # short-time RMS, not auto-ranged
    peak_dbfs: float = -120.0  # highest sample of the last tick


@dataclass(frozen=True)
class MelSpec:
    """How a tagging network wants its log-mel frames made."""

    n_mels: int
    sample_rate: int = ENCODER_RATE  # Hz
    n_fft: int = 512  # samples: 32 ms at 16 kHz
    hop: int = 256  # samples: 16 ms at 16 kHz
    f_min: float = 0.0  # Hz
    f_max: float = 8000.0  # Hz
    mel_scale: Literal["slaney", "htk"] = "slaney"
    area_normalised: bool = True  # Slaney's: every filter has unit area
    compression: Literal["log10_10000", "decibel"] = "log10_10000"  # log10(1+10000x) or 10 log10 x

    @property
    def frame_rate(self) -> float:
        """Mel frames a second."""
        return self.sample_rate / self.hop
