"""What was heard of a sound file, kept so that a second scan takes no time.

In: a file's identity.  Out: its clips, or why there are none; None when it was not heard yet.
Thread: any; every file is written atomically. Losing the folder costs time and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from traumer_live.core.errors import OutputError
from traumer_live.core.files import written_atomically
from traumer_live.core.paths import cache_dir
from traumer_live.labelling.label import Clip
from traumer_live.labelling.music_attributes import MusicAttributes

VERSION = 2  # of how clips are cut and heard

Reason = Literal["unreadable", "protected", "without sound", "silent", "too short"]


@dataclass(frozen=True)
class Outcome:
    """What came of one file."""

    clips: tuple[Clip, ...]
    reason: Reason | None = None  # why there are none


class ClipCache:
    """A folder of outcomes for one encoder."""

    def __init__(self, encoder_sha256: str, folder: Path | None = None) -> None:
        whole = folder or cache_dir() / "clips"
        self._folder = whole / f"{encoder_sha256[:16]}-v{VERSION}"

    def recall(self, identity: str, piece: str) -> Outcome | None:
        """What is known of a file; its clips are called ``piece``, as the file is called now."""
        try:
            with safe_open(self._path(identity), framework="numpy") as file:
                kept = json.loads((file.metadata() or {})["outcome"])
                clips = [
                    _clip(
                        identity,
                        piece,
                        told,
                        file.get_tensor(f"embeddings{k}"),
                        file.get_tensor(f"tags{k}"),
                    )
                    for k, told in enumerate(kept["clips"])
                ]
        except (OSError, SafetensorError, KeyError, TypeError, ValueError):
            return None
        return Outcome(tuple(clips), kept["reason"])

    def keep(self, identity: str, outcome: Outcome) -> None:
        """Remember; a machine that forbids a cache hears the file again next time."""
        tensors = {"nothing": np.zeros(1, np.float16)}
        for k, clip in enumerate(outcome.clips):
            tensors[f"embeddings{k}"] = np.ascontiguousarray(clip.embeddings, np.float16)
            tensors[f"tags{k}"] = np.ascontiguousarray(clip.tags, np.float16)
        told = [_told(clip) for clip in outcome.clips]
        header = {"outcome": json.dumps({"clips": told, "reason": outcome.reason})}
        try:
            with written_atomically(self._path(identity)) as temporary:
                save_file(tensors, temporary, header)
        except (OSError, OutputError):
            return

    def _path(self, identity: str) -> Path:
        return self._folder / identity[:2] / f"{identity}.safetensors"


def _told(clip: Clip) -> dict[str, Any]:
    attributes = None if clip.attributes is None else asdict(clip.attributes)
    return {"start_s": clip.start_s, "length_s": clip.length_s, "attributes": attributes}


def _clip(identity: str, piece: str, told: dict[str, Any], embeddings: Any, tags: Any) -> Clip:
    return Clip(
        file=identity,
        piece=piece,
        start_s=float(told["start_s"]),
        length_s=float(told["length_s"]),
        embeddings=embeddings.astype(np.float32),
        tags=tags.astype(np.float32),
        attributes=MusicAttributes(**told["attributes"]) if told["attributes"] else None,
    )


def as_kept(clips: Sequence[Clip]) -> tuple[Clip, ...]:
    """The clips as the cache gives them back: rounded, so that a first scan equals a second."""
    return tuple(
        Clip(
            c.file,
            c.piece,
            c.start_s,
            c.length_s,
            c.embeddings.astype(np.float16).astype(np.float32),
            c.tags.astype(np.float16).astype(np.float32),
            c.attributes,
        )
        for c in clips
    )
