"""Clips of music as the labelling room sees them, and their way into a mapping pack and back.

In: what was heard and measured of each clip.  Out: Clips.  Thread: any.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.errors import ModelError
from traumer_live.core.types import Array
from traumer_live.labelling.music_attributes import MusicAttributes
from traumer_live.latent.labels import Labels


@dataclass(frozen=True)
class Clips:
    """Passages of ten seconds or so, several of each piece."""

    pieces: tuple[str, ...]  # which piece each clip is from
    starts_s: tuple[float, ...]  # where in it
    attributes: tuple[MusicAttributes, ...]
    tags: Array  # (clips, n_tags), mean probabilities
    tag_names: tuple[str, ...]
    embeddings: Array  # (clips, windows, e_dim)

    def __len__(self) -> int:
        return len(self.pieces)

    @property
    def typical(self) -> Array:
        """One embedding per clip (clips, e_dim): about what seconds of smoothing leave of it."""
        return np.asarray(self.embeddings.mean(1), np.float32)

    def where(self, chosen: NDArray[np.bool_]) -> Clips:
        """The chosen clips (clips,) only."""
        kept = np.flatnonzero(chosen)
        return Clips(
            tuple(self.pieces[k] for k in kept),
            tuple(self.starts_s[k] for k in kept),
            tuple(self.attributes[k] for k in kept),
            self.tags[kept],
            self.tag_names,
            self.embeddings[kept],
        )


def to_labels(clips: Clips, w: Array) -> Labels:
    """The clips with the picture (clips, w_dim) chosen for each."""
    described = tuple(
        {"piece": piece, "start_s": round(start, 2), **_rounded(attributes)}
        for piece, start, attributes in zip(
            clips.pieces, clips.starts_s, clips.attributes, strict=True
        )
    )
    return Labels(w, clips.embeddings, clips.tags, clips.tag_names, described)


def from_labels(labels: Labels) -> Clips:
    """The clips of a pack.

    Raises:
        ModelError: the pack does not say of its clips what pictures are chosen by.
    """
    names = [field.name for field in fields(MusicAttributes)]
    try:
        attributes = tuple(
            MusicAttributes(**{name: float(clip[name]) for name in names}) for clip in labels.clips
        )
        pieces = tuple(str(clip["piece"]) for clip in labels.clips)
        starts_s = tuple(float(clip["start_s"]) for clip in labels.clips)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            "The clips of this mapping are not described by musical attributes, so no pictures "
            "can be chosen for them without the sound; take models/starter.safetensors."
        ) from error
    return Clips(pieces, starts_s, attributes, labels.tags, labels.tag_names, labels.embeddings)


def _rounded(attributes: MusicAttributes) -> dict[str, str | float]:
    return {name: round(float(value), 4) for name, value in asdict(attributes).items()}
