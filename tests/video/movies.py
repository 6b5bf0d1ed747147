"""Reading movies back, and a small show to record: a white flash and a beep at every second."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from traumer_live.core.types import SHOW_RATE, Array, Pixels

SIZE = (64, 48)
BEEP_S = 0.05


@dataclass(frozen=True)
class Movie:
    times: Array  # (frames,) seconds
    bright: Array  # (frames,) mean luma
    sound: Array  # (samples,) left channel
    sound_start: float  # seconds


def read_movie(path: Path) -> Movie:
    with av.open(str(path)) as movie:
        frames = [
            (float(f.pts * f.time_base), f.to_ndarray(format="gray").mean())
            for f in movie.decode(video=0)
        ]
    with av.open(str(path)) as movie:
        blocks = [
            (float(f.pts * f.time_base), f.to_ndarray()[0].copy()) for f in movie.decode(audio=0)
        ]
    times, bright = np.array(frames).T
    sound = np.concatenate([block for _, block in blocks])
    return Movie(times, bright, sound, blocks[0][0])


def solid(value: int, size: tuple[int, int] = SIZE) -> Pixels:
    pixels = np.full((size[1], size[0], 4), value, np.uint8)
    pixels[..., 3] = 255
    return pixels


def beeps(start: int, count: int) -> Array:
    """The show's sound: 1 kHz for 50 ms at every whole second."""
    t = (start + np.arange(count)) / SHOW_RATE
    tone = 0.8 * np.sin(2 * np.pi * 1000 * t) * (t % 1.0 < BEEP_S)
    return np.repeat(tone.astype(np.float32)[:, None], 2, axis=1)


def flash(sample_index: int) -> Pixels:
    """The picture that knows the sound up to ``sample_index``."""
    return solid(235 if sample_index / SHOW_RATE % 1.0 < 0.1 else 16)


def offsets(movie: Movie) -> Array:
    """Flash minus beep, in frames, for every beep after the first moment."""
    loud = np.flatnonzero(np.abs(movie.sound) > 0.2) / SHOW_RATE + movie.sound_start
    starts = loud[np.flatnonzero(np.diff(loud, prepend=-9.0) > 0.5)]
    lit = movie.bright > 128
    rises = movie.times[1:][lit[1:] & ~lit[:-1]]
    starts = starts[(starts > 0.5) & (starts < movie.times[-1] - 0.5)]
    nearest = [rises[np.argmin(np.abs(rises - start))] - start for start in starts]
    return np.array(nearest) * 30
