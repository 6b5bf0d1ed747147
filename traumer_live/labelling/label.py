"""A label: a clip of music, the pictures somebody chose for it, and what they chose from.

In: JSON objects of the journal.  Out: Label and its parts.  Thread: any; everything is immutable.

A label carries the clip's embeddings, tags and attributes, so a mapping is fitted, and refitted for
another generator, without the sound.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from traumer_live.core.types import Array
from traumer_live.labelling.errors import LabelError
from traumer_live.labelling.music_attributes import MusicAttributes


@dataclass(frozen=True)
class Clip:
    """A passage of music that was heard and measured."""

    file: str  # identity of the sound file (``identity.file_identity``); "" when there is none
    piece: str  # for people: the file's name, or what the music came from
    start_s: float
    length_s: float
    embeddings: Array  # (windows, e_dim)
    tags: Array  # (n_tags,), mean probabilities
    attributes: MusicAttributes | None = None

    @property
    def key(self) -> str:
        """Which clip this is, however often it is heard: the file and the place in it."""
        return f"{self.file or self.piece}@{self.start_s:.2f}"

    @property
    def typical(self) -> Array:
        """The mean embedding (e_dim,)."""
        return np.asarray(self.embeddings.mean(0), np.float32)


@dataclass(frozen=True)
class Pick:
    """A picture, by its w on all levels (w_dim,) or its w_plus (num_ws, w_dim)."""

    w: Array
    look: Array | None = None  # its measured attributes, in the order of PICTURE_ATTRIBUTES

    @property
    def is_plus(self) -> bool:
        """Whether the rows differ."""
        return self.w.ndim == 2


@dataclass(frozen=True)
class Screen:
    """Pictures that were shown: random ones of a seed, or those of a file in the store."""

    count: int
    seed: int | None = None
    file: str = ""


@dataclass(frozen=True)
class ModelIds:
    """Which models a label was made with; a w means another picture in another w space."""

    generator: str
    generator_sha256: str  # of the generator whose w space it is
    encoder: str
    encoder_sha256: str


@dataclass(frozen=True)
class Label:
    """What was chosen for a clip; ``picks`` are ranked, the best first."""

    id: str  # of this label in its store
    made: str  # when, ISO 8601 with its time zone
    clip: Clip
    picks: tuple[Pick, ...]
    screens: tuple[Screen, ...]
    models: ModelIds
    annotator: str = ""
    note: str = ""  # for instance "from reports, unheard"
    source: str = ""  # where it was made: "" in the labelling window, "gig" in a running show


def to_json(label: Label) -> dict[str, Any]:
    """A label as the journal keeps it."""
    clip = label.clip
    return {
        "id": label.id,
        "made": label.made,
        "clip": {
            "file": clip.file,
            "piece": clip.piece,
            "start_s": clip.start_s,
            "length_s": clip.length_s,
            "embeddings": packed(clip.embeddings, "<f2"),
            "tags": packed(clip.tags, "<f2"),
            "attributes": asdict(clip.attributes) if clip.attributes else None,
        },
        "picks": [pick_to_json(pick) for pick in label.picks],
        "screens": [asdict(screen) for screen in label.screens],
        "models": asdict(label.models),
        "annotator": label.annotator,
        "note": label.note,
        "source": label.source,
    }


def from_json(event: Mapping[str, Any]) -> Label:
    """The label that ``to_json`` wrote.

    Raises:
        LabelError: it is not one.
    """
    try:
        return _label(event)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise LabelError(f"A label cannot be understood ({error!r}); it was left out.") from error


def pick_to_json(pick: Pick) -> dict[str, Any]:
    """A picture as the journal keeps it."""
    look = None if pick.look is None else packed(pick.look, "<f4")
    return {"w": packed(pick.w, "<f4"), "look": look}


def pick_from_json(event: Mapping[str, Any]) -> Pick:
    """The picture that ``pick_to_json`` wrote."""
    w = unpacked(event["w"])
    if w.ndim not in (1, 2):
        raise ValueError(f"a picture of shape {w.shape}")
    return Pick(w, None if event.get("look") is None else unpacked(event["look"]))


def packed(values: Array, kind: str) -> dict[str, Any]:
    """Numbers as JSON can carry them."""
    if not np.isfinite(values).all():
        raise LabelError("A label holds values that are not numbers; it was not kept.")
    data = np.ascontiguousarray(values, kind).tobytes()
    return {"shape": list(values.shape), kind: base64.b64encode(data).decode()}


def unpacked(stored: Mapping[str, Any]) -> Array:
    """The numbers that ``packed`` wrote."""
    kind = next((k for k in ("<f2", "<f4") if k in stored), None)
    if kind is None:
        raise ValueError("numbers of an unknown kind")
    data = base64.b64decode(stored[kind], validate=True)
    return np.frombuffer(data, kind).reshape(stored["shape"]).astype(np.float32)


def _label(event: Mapping[str, Any]) -> Label:
    return Label(
        id=str(event["id"]),
        made=str(event["made"]),
        clip=_clip(event["clip"]),
        picks=tuple(pick_from_json(pick) for pick in event["picks"]),
        screens=tuple(Screen(**_known(Screen, screen)) for screen in event["screens"]),
        models=ModelIds(**_known(ModelIds, event["models"])),
        annotator=str(event.get("annotator", "")),
        note=str(event.get("note", "")),
        source=str(event.get("source", "")),
    )


def _clip(stored: Mapping[str, Any]) -> Clip:
    measured = stored.get("attributes")
    return Clip(
        file=str(stored["file"]),
        piece=str(stored["piece"]),
        start_s=float(stored["start_s"]),
        length_s=float(stored["length_s"]),
        embeddings=unpacked(stored["embeddings"]),
        tags=unpacked(stored["tags"]),
        attributes=MusicAttributes(**_known(MusicAttributes, measured)) if measured else None,
    )


def _known(kind: type[Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the stored fields that this program knows."""
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in stored.items() if name in names}
