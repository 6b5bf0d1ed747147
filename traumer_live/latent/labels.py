"""Labels: clips of music with the picture that somebody, or something, chose for each.

In and out: Labels, as a mapping pack carries them beside the transfer fitted to them.  Thread: any.

They hold what refitting needs for another generator, so no sound has to be heard again: the
embeddings of some windows of each clip, the tagger's tags, and what was measured of the clip.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from traumer_live.core.errors import ModelError
from traumer_live.core.types import Array

Description: TypeAlias = Mapping[str, "str | float"]  # of one clip: piece, start_s, attributes

TENSORS = ("labels.w", "labels.embeddings", "labels.tags")
MORE = ("labels.looks", "labels.levels", "labels.weight")  # that not every pack has


@dataclass(frozen=True)
class Labels:
    """Pairs of music and picture."""

    w: Array  # (clips, w_dim), the chosen pictures
    embeddings: Array  # (clips, windows, e_dim)
    tags: Array  # (clips, n_tags), mean probabilities
    tag_names: tuple[str, ...]
    clips: tuple[Description, ...]
    looks: Array | None = None  # (clips, attributes), measured of the chosen pictures
    levels: Array | None = None  # (clips, 3 * w_dim), where style levels were chosen apart
    weight: Array | None = None  # (clips,), several pictures of one clip share a weight of one

    def __post_init__(self) -> None:
        count = len(self.clips)
        lengths = {len(self.w), len(self.embeddings), len(self.tags)}
        lengths |= {len(a) for a in (self.looks, self.levels, self.weight) if a is not None}
        if lengths != {count} or self.tags.shape[1:] != (len(self.tag_names),):
            raise ModelError(
                f"The labels do not fit together: {count} clips with {len(self.w)} pictures, "
                f"{len(self.embeddings)} embeddings and {len(self.tags)} rows of tags."
            )

    def __len__(self) -> int:
        return len(self.clips)


def to_file(labels: Labels) -> tuple[dict[str, Array], dict[str, str]]:
    """Tensors and header entries; float16 is finer than any window's own jitter."""
    arrays = (labels.w, labels.embeddings, labels.tags)
    tensors = {n: np.ascontiguousarray(a, np.float16) for n, a in zip(TENSORS, arrays, strict=True)}
    for name, more in zip(MORE, (labels.looks, labels.levels, labels.weight), strict=True):
        if more is not None:
            tensors[name] = np.ascontiguousarray(more, np.float16)
    header = {"clips": json.dumps(labels.clips), "tag_names": json.dumps(labels.tag_names)}
    return tensors, header  # type: ignore[return-value]


def from_file(tensors: Mapping[str, Array], header: Mapping[str, str]) -> Labels:
    """The labels that ``to_file`` wrote.

    Raises:
        ModelError: they do not fit together, or are not described as this program does.
    """
    try:
        clips = tuple(dict(clip) for clip in json.loads(header["clips"]))
        tag_names = tuple(map(str, json.loads(header["tag_names"])))
    except (KeyError, ValueError, TypeError) as error:
        raise ModelError("The labels of this mapping are not described; fetch it again.") from error
    w, embeddings, tags = (tensors[name].astype(np.float32) for name in TENSORS)
    more = (tensors[name].astype(np.float32) if name in tensors else None for name in MORE)
    return Labels(w, embeddings, tags, tag_names, clips, *more)
