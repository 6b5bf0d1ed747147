"""How far two people's mappings agree about the same music.

In: two packs for the same models.  Out: Agreement.  Thread: any; a fraction of a second.

Both are asked for their dreams to all music that either of them labelled, and these are compared as
seen from the generator's average: 1 is the same picture, 0 no more alike than by chance. What
chance is, is measured: the one's dream to a clip beside the other's to any other clip.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from traumer_live.core.errors import ModelError
from traumer_live.core.types import Array
from traumer_live.labelling.recipes import agreement as cosines
from traumer_live.labelling.scaling import Spread
from traumer_live.latent.pack import MappingPack

LISTED = 5
STRONG = 0.2  # probability from which a clip counts for a tag
FEWEST = 4  # clips of a tag that say something of it


@dataclass(frozen=True)
class Agreement:
    """What two mappings have in common."""

    clips: int  # that either labelled
    alike: float  # mean cosine between their dreams to the same clip
    by_chance: float  # the same between dreams to different clips
    l1: float  # mean difference of their dreams, in standard deviations of w
    tags: tuple[tuple[str, float, int], ...]  # per tag: mean cosine, clips; the most alike first
    differ: tuple[tuple[str, float], ...]  # the pieces they disagree about most, with the cosine


def agreement(a: MappingPack, b: MappingPack) -> Agreement:
    """Compare two mappings.

    Raises:
        ModelError: they are for different models, or neither has labels.
    """
    for what in ("generator", "encoder"):
        if a.header.get(f"{what}_sha256") != b.header.get(f"{what}_sha256"):
            raise ModelError(
                f"The two mappings are for different {what}s ({a.header.get(what)} and "
                f"{b.header.get(what)}), so their pictures cannot be compared; carry one of them "
                "over first: traumer-live map translate"
            )
    typical, pieces, tags = _music(a, b)
    spread = Spread(a.transfer.mu, a.transfer.sigma)
    mine, theirs = (_dreams(pack, typical, spread) for pack in (a, b))
    middle = np.zeros(mine.shape[1], np.float32)
    same = cosines(mine, theirs, middle)
    turns = range(1, len(typical), max(1, len(typical) // 16))
    chance = [cosines(mine, np.roll(theirs, turn, 0), middle).mean() for turn in turns]
    return Agreement(
        clips=len(typical),
        alike=float(same.mean()),
        by_chance=float(np.mean(chance)) if chance else 0.0,
        l1=float(np.abs(mine - theirs).mean()),
        tags=tuple(sorted(_by_tag(same, tags), key=lambda found: -found[1])),
        differ=tuple((pieces[k], float(same[k])) for k in np.argsort(same)[:LISTED]),
    )


def told(found: Agreement, names: tuple[str, str]) -> list[str]:
    """Lines for people."""
    lines = [
        f"{names[0]} and {names[1]}, {found.clips} clips that either labelled:",
        f"  pictures alike   {found.alike:5.2f}   (by chance {found.by_chance:.2f}, the same 1)",
        f"  difference       {found.l1:5.2f}   standard deviations of w",
    ]
    if found.tags:
        most, least = found.tags[:LISTED], found.tags[-LISTED:][::-1]
        lines.append("  most alike for   " + ", ".join(f"{n} {c:.2f}" for n, c, _ in most))
        lines.append("  least alike for  " + ", ".join(f"{n} {c:.2f}" for n, c, _ in least))
    if found.differ:
        lines.append("  differ most      " + ", ".join(f"{n} {c:.2f}" for n, c in found.differ))
    return lines


def _music(a: MappingPack, b: MappingPack) -> tuple[Array, list[str], list[dict[str, float]]]:
    """All labelled clips: typical embeddings (n, e_dim), their pieces, their tags by name."""
    typical, pieces, tags = [], [], []
    seen: set[bytes] = set()
    for pack in (a, b):
        labels = pack.labels
        if labels is None:
            continue
        for k, embedding in enumerate(labels.embeddings.mean(1)):
            key = np.round(embedding, 3).tobytes()
            if key in seen:  # several pictures of one clip, or labelled by both
                continue
            seen.add(key)
            typical.append(embedding)
            pieces.append(str(labels.clips[k].get("piece", "")))
            tags.append(dict(zip(labels.tag_names, map(float, labels.tags[k]), strict=True)))
    if len(typical) < 2:
        raise ModelError("Neither of the mappings carries labels, so there is no music to compare.")
    return np.stack(typical).astype(np.float32), pieces, tags


def _dreams(pack: MappingPack, typical: Array, spread: Spread) -> Array:  # (n, w_dim), normalised
    w = pack.mapping(typical)
    w = w.mean(1) if w.ndim == 3 else w
    size = w.shape[1]
    return np.asarray((w - spread.mu[:size]) / np.maximum(spread.sigma[:size], 1e-9), np.float32)


def _by_tag(same: Array, tags: list[dict[str, float]]) -> Iterator[tuple[str, float, int]]:
    for name in sorted({name for known in tags for name in known}):
        members = [k for k, known in enumerate(tags) if known.get(name, 0.0) >= STRONG]
        if len(members) >= FEWEST:
            yield name, float(same[members].mean()), len(members)
