"""The labels that a mapping pack carries, as a store keeps them.

In: a pack.  Out: labels, each clip with its pictures in their order.  Thread: any.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from traumer_live.core.errors import ModelError
from traumer_live.core.types import Array
from traumer_live.labelling.label import Clip, Label, ModelIds, Pick
from traumer_live.labelling.music_attributes import MusicAttributes
from traumer_live.labelling.store import Store
from traumer_live.latent.labels import Labels
from traumer_live.latent.levels import level_rows
from traumer_live.latent.pack import MappingPack

SOURCE = "pack"


def labels_of_pack(pack: MappingPack) -> tuple[Label, ...]:
    """A pack's labels; their ids are the same every time.

    Raises:
        ModelError: the pack carries none.
    """
    known, header = pack.labels, pack.header
    if known is None or not len(known):
        raise ModelError("This mapping carries no labels; ask its author for a pack that does.")
    ids = ModelIds(*(header.get(field.name, "") for field in fields(ModelIds)))
    rows: dict[tuple[str, float], list[int]] = {}
    for k, clip in enumerate(known.clips):
        rows.setdefault((str(clip.get("piece", "")), float(clip.get("start_s", 0))), []).append(k)
    return tuple(_label(pack, known, ids, members) for members in rows.values())


def take_in(store: Store, labels: Sequence[Label]) -> int:
    """Add those whose id the store does not have; how many these were.

    Raises:
        LabelError: the store is read-only.
        OutputError: the disk is full or gone.
    """
    known = {label.id for label in store.labels}
    new = [label for label in labels if label.id not in known]
    for label in new:
        store.add(label)
    return len(new)


def _label(pack: MappingPack, known: Labels, ids: ModelIds, rows: list[int]) -> Label:
    """One clip, its pictures by weight."""
    if known.weight is not None:
        weight = known.weight
        rows = sorted(rows, key=lambda k: -float(weight[k]))
    first = rows[0]
    told = known.clips[first]
    clip = Clip(
        str(told.get("file", "")),
        str(told.get("piece", "")),
        float(told.get("start_s", 0)),
        0.0,
        known.embeddings[first],
        known.tags[first],
        _attributes(known, first),
    )
    looks = known.looks
    picks = tuple(Pick(_w(pack, known, k), None if looks is None else looks[k]) for k in rows)
    author = pack.header.get("author", "")
    digest = hashlib.sha256(f"{author} {clip.key}".encode() + picks[0].w.tobytes()).hexdigest()
    return Label(digest[:12], "", clip, picks, (), ids, author, source=SOURCE)


def _w(pack: MappingPack, known: Labels, k: int) -> Array:
    """(w_dim,), or (num_ws, w_dim) where style levels were chosen apart."""
    if known.levels is None or pack.level_sizes is None:
        return np.asarray(known.w[k])
    parts = level_rows(sum(pack.level_sizes), pack.level_sizes)
    levels = known.levels[k].reshape(len(parts), -1)
    rows = zip(levels, parts.values(), strict=True)
    return np.concatenate([np.repeat(w[None], part.stop - part.start, 0) for w, part in rows])


def _attributes(known: Labels, k: int) -> MusicAttributes | None:
    names = [field.name for field in fields(MusicAttributes)]
    try:
        return MusicAttributes(**{name: float(known.clips[k][name]) for name in names})
    except (KeyError, TypeError, ValueError):
        return None
