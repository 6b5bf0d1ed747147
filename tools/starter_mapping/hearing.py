"""Hear the collection as the live ears would, and keep what was heard.

In: pieces.  Out: one Heard per clip; each piece's are cached, so a stopped run goes on.

A clip is CLIP_S long and has LEAD_S of its piece before it: the loudness normaliser, the tagger's
window and the beat tracker are then where a running show would have them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from tools.starter_mapping.music import Piece
from traumer_live.audio.files import open_sound
from traumer_live.core.errors import SourceError
from traumer_live.core.files import written_atomically
from traumer_live.core.types import SHOW_RATE, Array
from traumer_live.embedding.encoder import Encoder
from traumer_live.labelling.hearing import LEAD_S, hear_passage
from traumer_live.labelling.music_attributes import MusicAttributes

PLACES = (0.12, 0.40, 0.68)  # of a piece's length; beginnings and endings are seldom typical
CLIP_S = 10.0
SILENT_LUFS = -50.0  # a clip below is a pause
VERSION = 2  # of what is cached


@dataclass(frozen=True)
class HeardClip:
    """What was heard of one clip."""

    piece: str
    start_s: float
    embeddings: Array  # (windows, e_dim)
    tags: Array  # (n_tags,), mean over the windows
    attributes: MusicAttributes


def hear_collection(found: list[Piece], cache: Path, encoder: Encoder) -> Iterator[list[HeardClip]]:
    """The clips of every piece; pieces that cannot be read give none."""
    for piece in found:
        kept = cache / "heard" / piece.package / f"{piece.path.stem}.npz"
        if not (kept.exists() and _version(kept) == VERSION):
            _keep(kept, hear_piece(piece, encoder))
        yield _recall(kept)


def hear_piece(piece: Piece, encoder: Encoder) -> list[HeardClip]:
    """Its clips; none when it is too short, silent or damaged."""
    try:
        sound = np.concatenate([b.mean(1) for b in open_sound(piece.path).blocks()])  # (n,)
    except SourceError:
        return []
    clip, lead = round(CLIP_S * SHOW_RATE), round(LEAD_S * SHOW_RATE)
    if len(sound) < 2 * (clip + lead):
        return []
    starts = [round(place * len(sound)) for place in PLACES]
    fitting = [s for s in starts if lead <= s <= len(sound) - clip]
    heard = [_hear_clip(piece, sound, start, encoder) for start in fitting]
    return [one for one in heard if one.attributes.loudness > SILENT_LUFS]


def _hear_clip(piece: Piece, sound: Array, start: int, encoder: Encoder) -> HeardClip:
    lead, clip = round(LEAD_S * SHOW_RATE), round(CLIP_S * SHOW_RATE)
    heard = hear_passage(sound[start - lead : start + clip], encoder)
    return HeardClip(piece.name, start / SHOW_RATE, heard.embeddings, heard.tags, heard.attributes)


def _keep(path: Path, clips: list[HeardClip]) -> None:
    described = [
        {"piece": c.piece, "start_s": c.start_s, "attributes": asdict(c.attributes)} for c in clips
    ]
    arrays = {f"embeddings{k}": c.embeddings for k, c in enumerate(clips)}
    arrays |= {f"tags{k}": c.tags for k, c in enumerate(clips)}
    with written_atomically(path) as temporary, temporary.open("wb") as file:
        np.savez(file, version=VERSION, clips=json.dumps(described), **arrays)


def _version(path: Path) -> int:
    try:
        with np.load(path) as kept:
            return int(kept["version"])
    except (OSError, ValueError, KeyError):
        return 0


def _recall(path: Path) -> list[HeardClip]:
    with np.load(path) as kept:
        return [
            HeardClip(
                d["piece"],
                d["start_s"],
                kept[f"embeddings{k}"],
                kept[f"tags{k}"],
                MusicAttributes(**d["attributes"]),
            )
            for k, d in enumerate(json.loads(str(kept["clips"])))
        ]
