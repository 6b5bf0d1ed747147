"""A sound file as an encoder hears it, offline, without pictures.

In: an encoder and a file.  Out: averaged embeddings (n, e_dim).  Thread: the caller's.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from traumer_live.audio.files import open_sound
from traumer_live.audio.log_mel import LogMel
from traumer_live.audio.loudness import LoudnessNormaliser
from traumer_live.audio.resample import Resampler
from traumer_live.core.types import ENCODER_RATE, SHOW_RATE, Array
from traumer_live.embedding.encoder import Encoder

EVERY_S = 0.5  # seconds from one embedding to the next
AVERAGED = 6  # embeddings in one average: 3 s, as the slowest smoothing


def typical_of_track(encoder: Encoder, path: Path) -> Array:  # (n, e_dim)
    """Running averages of the embeddings of all of ``path``; the encoder is reset before and after.

    Raises:
        SourceError: the file cannot be read.
    """
    encoder.reset()
    heard = [encoder.embedding()[0] for _ in _pushed(encoder, path)]
    encoder.reset()
    heard = heard[round(encoder.delay_s / EVERY_S) :]  # before that it is mostly silence
    sums = np.cumsum(np.concatenate([np.zeros((1, encoder.e_dim)), heard]), axis=0)
    width = min(AVERAGED, len(heard))
    return np.asarray((sums[width:] - sums[:-width]) / width, np.float32)


def _pushed(encoder: Encoder, path: Path) -> Iterator[None]:
    """Give the encoder the file's sound; one yield per EVERY_S of it."""
    resampler = Resampler(SHOW_RATE, ENCODER_RATE, 1)
    normaliser, log_mel = LoudnessNormaliser(ENCODER_RATE), LogMel(encoder.mel_spec)
    due = step = round(EVERY_S * ENCODER_RATE)
    given = 0
    for block in open_sound(path).blocks():
        fresh = resampler.push(np.ascontiguousarray(block.mean(axis=1, keepdims=True)))[:, 0]
        given += len(fresh)
        encoder.push(log_mel.push(normaliser.push(fresh)))
        if given >= due:
            due += step
            yield
