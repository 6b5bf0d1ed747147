"""Does the picture hold still while the music does, and move when the music changes?

In: models, a track whose sections are known.  Out: numbers.  Pictures are made from the thoughts of
the real ears (preset Live), with the pulse switched off: the mapping alone is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from traumer_live.audio.files import open_sound
from traumer_live.core.controls import Controls
from traumer_live.core.paths import data_file
from traumer_live.core.types import SAMPLES_PER_TICK, SHOW_RATE, TICK_RATE, Array
from traumer_live.engine.ears import Ears
from traumer_live.engine.models import Models
from traumer_live.labelling.picture_attributes import oklab, reduced

DEMO = "assets/demo.opus"
SECTIONS_S = (13.0, 28.0, 43.0, 53.0, 68.0)  # where the demo changes (assets/CREDITS.md)
SETTLED_S = 6.0  # after a change the window and the coarse kernel have forgotten what was before
EVERY = 3  # ticks between pictures
CHORD_HZ = (220.0, 277.18, 329.63, 440.0)
CHORD_S = 12.0


@dataclass(frozen=True)
class Stability:
    """Mean OKLab difference of 8 x 8 thumbnails, times 100."""

    frame: float  # between frames 1/10 s apart, steady music
    second: float  # one second apart, steady music
    change: float  # from 1 s before to 6 s after a change of section
    chord: float  # 1/10 s apart, a held chord


def measure(models: Models) -> Stability:
    """Play the demo and a held chord."""
    sound = np.concatenate(list(open_sound(data_file(DEMO)).blocks()))
    pictures = thumbnails(models, sound)
    rate = TICK_RATE / EVERY
    steady = steady_moments(len(pictures), rate)
    chord = thumbnails(models, held_chord())[round(SETTLED_S * rate) :]
    return Stability(
        frame=_change(pictures, steady, 1),
        second=_change(pictures, steady, round(rate)),
        change=100 * float(np.mean([_section_change(pictures, s, rate) for s in SECTIONS_S])),
        chord=_change(chord, np.arange(len(chord) - 1), 1),
    )


def thumbnails(models: Models, sound: Array) -> Array:  # (pictures, 8, 8, 3), OKLab
    """What the show would look like, small."""
    ears = Ears(models, preset="live", seed=0)
    controls = Controls(pulse_strength=0.0)
    made = []
    for tick in range(len(sound) // SAMPLES_PER_TICK):
        start = tick * SAMPLES_PER_TICK
        thought = ears.hear(sound[start : start + SAMPLES_PER_TICK], controls)
        if thought is not None and tick % EVERY == 0:
            pixels = models.generator.synthesize(thought.w_plus)
            made.append(oklab(reduced(pixels, 8)))
    return np.stack(made).astype(np.float32)


def steady_moments(count: int, rate: float) -> np.ndarray:
    """Pictures that have settled in their section and stay in it for two more seconds."""
    times = np.arange(count) / rate
    edges = np.array([0.0, *SECTIONS_S, count / rate])
    section = np.searchsorted(edges, times, side="right") - 1
    settled = times - edges[section] > SETTLED_S
    return np.flatnonzero(settled & (edges[section + 1] - times > 2.0))


def held_chord() -> Array:  # (n, 2)
    """An organ: eight harmonics of four notes, nothing changes."""
    time = np.arange(round(CHORD_S * SHOW_RATE)) / SHOW_RATE
    tones = sum(np.sin(2 * np.pi * hz * k * time) / k for hz in CHORD_HZ for k in range(1, 9))
    return np.repeat((0.05 * tones)[:, None], 2, axis=1).astype(np.float32)


def _change(pictures: Array, moments: np.ndarray, later: int) -> float:
    return 100 * float(np.abs(pictures[moments + later] - pictures[moments]).mean())


def _section_change(pictures: Array, second: float, rate: float) -> float:
    before, after = round((second - 1) * rate), round((second + SETTLED_S) * rate)
    return float(np.abs(pictures[after] - pictures[before]).mean())
