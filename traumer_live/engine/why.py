"""Why this picture? What the mapping knows of the music that plays now.

In: the models, what was heard lately.  Out: a ``Why``, as ``Show.status().why`` carries it.
Thread: that of whoever asks (the window's, a few times a second); 0.1 ms for 500 labelled clips.

The neighbours are the labelled clips that sound most alike, in the space in which the mapping
compares music; the picture is between theirs, though it is none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from traumer_live.core.types import TICK_RATE, Array
from traumer_live.latent.familiarity import kernel
from traumer_live.latent.guided import Guided, reliance
from traumer_live.latent.level_transfer import AnyTransfer
from traumer_live.latent.pack import MappingPack

if TYPE_CHECKING:
    from traumer_live.engine.ears import Moment
    from traumer_live.engine.models import Models

NEIGHBOURS = 3
TAGS = 5
AVERAGED_S = 3.0  # of what was heard; a single tick flickers
FLOOR = 1e-6


@dataclass(frozen=True)
class Neighbour:
    """A labelled clip that sounds like this moment."""

    piece: str  # for people: a file's or a piece's name
    start_s: float  # where in the piece the clip begins
    likeness: float  # 0..1; 1: the same music, .6: one label's reach away
    label: int  # its number in the pack's labels, so ``pack.labels.w[label]`` is its picture


@dataclass(frozen=True)
class Why:
    """What a panel can say of this moment; everything may be missing."""

    confidence: float | None = None  # 0..1, how well labels cover this music; None: not known
    starter_share: float = 0.0  # 0..1, how much the starter mapping has taken over meanwhile
    neighbours: tuple[Neighbour, ...] = ()  # the most alike first, of different pieces
    tags: tuple[tuple[str, float], ...] = ()  # the strongest, with their probability 0..1
    labels_by: str = ""  # whose taste plays, as its pack says
    translated_from: str = ""  # the mapping is a translation of this pack; empty: it is not


class Reasons:
    """Remembers what it looked up for a mapping, so it may be asked often."""

    def __init__(self) -> None:
        self._models: Models | None = None
        self._known: Known | None = None

    def why(self, models: Models, lately: Sequence[Moment]) -> Why:
        """For the last AVERAGED_S seconds of ``lately``, the newest moment last."""
        if not lately:
            return Why()
        if models is not self._models or self._known is None:
            self._models, self._known = models, Known(models.pack, models.transfer)
        recent = lately[-round(AVERAGED_S * TICK_RATE) :]
        embedding = np.stack([moment.embedding for moment in recent]).mean(0)
        tags = np.stack([moment.tags for moment in recent]).mean(0)
        return self._known.why(embedding, tags, models.encoder.tag_names)


class Known:
    """One mapping's labels, ready to be compared with."""

    def __init__(self, pack: MappingPack | None, mapping: AnyTransfer) -> None:
        """``mapping`` is what plays; a ``Guided`` one knows its confidence."""
        self._guided = mapping if isinstance(mapping, Guided) else None
        self._header = dict(pack.header) if pack is not None else {}
        self._pieces: list[tuple[str, float]] = []
        labels = pack.labels if pack is not None else None
        if pack is None or labels is None or not len(labels):
            return
        typical = np.asarray(labels.embeddings.mean(1), np.float32)  # (clips, e_dim)
        known = pack.familiarity
        if known is not None:
            self._mean, self._basis = known.mean, known.basis
        else:
            self._mean = typical.mean(0)
            self._basis = np.diag(1 / (typical.std(0) + FLOOR)).astype(np.float32)
        self._places = self._placed(typical)
        self._length = known.length if known is not None else _typical_length(self._places)
        self._pieces = [
            (str(clip.get("piece", "")), float(clip.get("start_s", 0.0))) for clip in labels.clips
        ]

    def why(self, embedding: Array, tags: Array, tag_names: tuple[str, ...]) -> Why:
        """For an embedding (e_dim,) and tags (n_tags,), both best averaged over some seconds."""
        confidence = None if self._guided is None else self._guided.confidence(embedding)
        falls_back = self._guided is not None and self._guided.starter is not None
        return Why(
            confidence,
            reliance(confidence) if confidence is not None and falls_back else 0.0,
            self._neighbours(embedding),
            strongest(tags, tag_names),
            self._header.get("labels_by", ""),
            self._header.get("translated_from", ""),
        )

    def _placed(self, embeddings: Array) -> Array:  # (n, kept)
        return np.asarray((embeddings - self._mean) @ self._basis, np.float32)

    def _neighbours(self, embedding: Array) -> tuple[Neighbour, ...]:
        if not self._pieces:
            return ()
        likeness = kernel(self._placed(embedding[None]), self._places, self._length)[0]
        found: dict[str, Neighbour] = {}
        for k in np.argsort(-likeness):
            piece, start = self._pieces[k]
            found.setdefault(piece, Neighbour(piece, start, float(likeness[k]), int(k)))
            if len(found) == NEIGHBOURS:
                break
        return tuple(found.values())


def strongest(
    tags: Array, names: tuple[str, ...], count: int = TAGS
) -> tuple[tuple[str, float], ...]:
    """The strongest tags with their probabilities (n_tags,)."""
    return tuple((names[k], float(tags[k])) for k in np.argsort(-tags)[:count])


def _typical_length(places: Array) -> float:
    """Half of the median distance between clips (n, kept), as labels' reach is usually set."""
    if len(places) < 2:
        return 1.0
    a, b = np.random.default_rng(0).integers(0, len(places), (2, 2000))
    away = np.sqrt(np.square(places[a] - places[b]).sum(1))[a != b]
    return max(float(np.median(away)) / 2, FLOOR)
