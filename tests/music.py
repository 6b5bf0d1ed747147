"""Sound that tests make themselves: beeps, clicks, a little tune; and files of it."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from traumer_live.core.types import SHOW_RATE, Array


def tune(seconds: float, *, seed: int = 0) -> Array:
    """Something music-like (n, 2): chords that change twice a second over a kick."""
    rng = np.random.default_rng(seed)
    chords = [_chord(rng) for _ in range(int(np.ceil(2 * seconds)))]  # half a second each
    sound = np.concatenate(chords)[: round(seconds * SHOW_RATE)]
    return np.stack([sound, sound], 1).astype(np.float32)


def _chord(rng: np.random.Generator) -> Array:
    time = np.arange(SHOW_RATE // 2) / SHOW_RATE
    notes = rng.choice([220, 262, 330, 392, 440, 523], 3, replace=False)
    tones = np.sin(2 * np.pi * notes[:, None] * time).sum(0) * np.exp(-3 * time) * 0.12
    kick = np.sin(2 * np.pi * 60 * time) * np.exp(-20 * time) * 0.4
    return np.asarray(tones + kick, dtype=np.float32)


def write_wav(path: Path, sound: Array, *, rate: int = SHOW_RATE) -> Path:
    """``sound`` (n, channels) as a 16-bit wave file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(sound.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return path
