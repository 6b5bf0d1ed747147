"""A small made-up collection: pieces that differ, clips of a piece that hardly do."""

from __future__ import annotations

import numpy as np

from traumer_live.labelling.candidates import Candidates
from traumer_live.labelling.clips import Clips
from traumer_live.labelling.fit import Spread
from traumer_live.labelling.music_attributes import MusicAttributes

TAGS = ("fast", "slow", "techno")
E_DIM, W_DIM, WINDOWS = 40, 24, 3


def made_up_clips(pieces=30, each=2, seed=0):
    """Embeddings and attributes both follow five hidden numbers of the piece."""
    rng = np.random.default_rng(seed)
    hidden = np.repeat(rng.standard_normal((pieces, 5)), each, axis=0)
    shown = rng.standard_normal((5, E_DIM))
    clean = (hidden @ shown)[:, None]
    embeddings = clean + 0.5 * rng.standard_normal((len(hidden), WINDOWS, E_DIM))
    return Clips(
        pieces=tuple(f"piece {k // each}" for k in range(len(hidden))),
        starts_s=tuple(float(k % each) for k in range(len(hidden))),
        attributes=tuple(character(h) for h in hidden),
        tags=(1 / (1 + np.exp(-hidden[:, :3]))).astype(np.float32),
        tag_names=TAGS,
        embeddings=embeddings.astype(np.float32),
    )


def character(hidden):
    fast, happy, bright, loud, _ = hidden
    return MusicAttributes(
        tempo=120 + 20 * fast,
        beat_confidence=0.8,
        mode=0.1 * happy,
        brightness=11 + bright,
        loudness=-18 + 3 * loud,
        loudness_range=8 - fast,
        onset_density=2 + 0.5 * fast,
        percussiveness=1 / (1 + np.exp(-loud)),
    )


def made_up_candidates(count=600, seed=1):
    """w whose attributes are linear in them, with a scale and a mean of their own."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((count, W_DIM))
    attributes = z @ rng.standard_normal((W_DIM, 8))
    return Candidates((3 + 0.5 * z).astype(np.float32), attributes.astype(np.float32))


SPREAD = Spread(np.full(W_DIM, 3, np.float32), np.full(W_DIM, 0.5, np.float32))
