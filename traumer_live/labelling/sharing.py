"""A person's mapping as a pack that can be given away: transfer, labels, confidence, author.

In: what was learnt.  Out: MappingPack.  Thread: any.
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from traumer_live.core.types import Array
from traumer_live.labelling.hearing import spread_windows
from traumer_live.labelling.label import Label
from traumer_live.labelling.lessons import level_w, rank_shares, single_w
from traumer_live.labelling.personal import Personal, Room
from traumer_live.labelling.recipes import to_header
from traumer_live.latent.labels import Labels
from traumer_live.latent.levels import level_rows
from traumer_live.latent.pack import MappingPack


def pack_of(
    made: Personal, room: Room, tag_names: tuple[str, ...], *, author: str = "", licence: str = ""
) -> MappingPack:
    """Everything another machine needs to play the mapping, and to fit it again without sound."""
    told = (text for label in made.lessons.labels for text in (label.note, label.source))
    notes = sorted({text for text in told if text})
    header = {
        **{name: str(value) for name, value in asdict(room.models).items()},
        "author": author,
        "licence": licence or "as its author says",
        "labels_by": "; ".join([author or "a person", *notes]),
        "recipe": to_header(made.recipe),
        "provenance": f"fitted to {len(made.lessons.labels)} labels by traumer-live fit",
    }
    labels = labels_of(made, room, tag_names)
    return MappingPack(made.transfer, header, labels, made.familiarity, made.level_sizes)


def labels_of(made: Personal, room: Room, tag_names: tuple[str, ...]) -> Labels:
    """The labels as a pack carries them: one row for every picture of a clip."""
    ours = made.lessons.labels
    rows = [(label, k) for label in ours for k in range(len(label.picks))]
    parts = level_rows(room.num_ws, room.level_sizes)
    most = max(len(label.clip.embeddings) for label in ours)
    looks = [label.picks[k].look for label, k in rows]
    levels = [level_w(label.picks[k], parts) for label, k in rows] if made.lessons.levels else None
    return Labels(
        w=np.stack([single_w(label.picks[k]) for label, k in rows]),
        embeddings=np.stack([spread_windows(label.clip.embeddings, most) for label, _ in rows]),
        tags=np.stack([label.clip.tags for label, _ in rows]),
        tag_names=tag_names,
        clips=tuple(_described(label) for label, _ in rows),
        looks=_stacked(looks),
        levels=None if levels is None else np.stack(levels),
        weight=np.concatenate([rank_shares(len(label.picks)) for label in ours]),
    )


def _stacked(looks: list[Array | None]) -> Array | None:
    known = [look for look in looks if look is not None]
    return np.stack(known) if known and len(known) == len(looks) else None


def _described(label: Label) -> dict[str, str | float]:
    clip = label.clip
    measured = asdict(clip.attributes) if clip.attributes else {}
    return {"piece": clip.piece, "file": clip.file, "start_s": round(clip.start_s, 2), **measured}
