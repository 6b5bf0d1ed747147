"""Two people's packs as one, with a fader between them.

In: two packs for the same models.  Out: a pack that plays both.  Thread: any.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from traumer_live.core.errors import ModelError
from traumer_live.core.types import Array
from traumer_live.labelling.queries import core_set
from traumer_live.latent.familiarity import Familiarity
from traumer_live.latent.levels import LEVELS
from traumer_live.latent.pack import MappingPack
from traumer_live.latent.transfer import Transfer

MODELS = ("generator", "generator_sha256", "encoder", "encoder_sha256")


def blend_packs(first: MappingPack, second: MappingPack, share: float) -> MappingPack:
    """``first`` with a share 0..1 of ``second``; both stay whole inside, so the fader can move.

    Raises:
        ModelError: they are for different models, or blends already.
    """
    if first.second is not None or second.second is not None:
        raise ModelError("One of the mappings is a blend already; blend the two it was made of.")
    for name in MODELS[1::2]:
        if first.header.get(name) != second.header.get(name):
            raise ModelError(
                "The two mappings were made for different models, so there is nothing between "
                "them; carry one of them over first: traumer-live map translate"
            )
    share = float(np.clip(share, 0, 1))
    a, b, sizes = _alike(first, second)
    by = [pack.header.get("labels_by") or "somebody" for pack in (first, second)]
    header = {
        **{name: first.header.get(name, "") for name in MODELS},
        "author": " and ".join(filter(None, (p.header.get("author", "") for p in (first, second)))),
        "labels_by": f"{by[0]} with {share:.0%} of {by[1]}",
        "licence": " and ".join(
            dict.fromkeys(p.header.get("licence", "unknown") for p in (first, second))
        ),
        "provenance": "blended by traumer-live map blend",
    }
    return MappingPack(
        a, header, first.labels, _joined(first, second), sizes, second=b, share=share
    )


def at_share(pack: MappingPack, share: float) -> MappingPack:
    """A blend with its fader elsewhere."""
    return replace(pack, share=float(np.clip(share, 0, 1)))


def _alike(a: MappingPack, b: MappingPack) -> tuple[Transfer, Transfer, tuple[int, ...] | None]:
    """Both with or both without style levels."""
    if a.level_sizes and b.level_sizes and a.level_sizes != b.level_sizes:
        raise ModelError("The two mappings divide the style levels differently; fit one anew.")
    sizes = a.level_sizes or b.level_sizes
    if sizes is None:
        return a.transfer, b.transfer, None
    one, other = (p.transfer if p.level_sizes else _on_levels(p.transfer) for p in (a, b))
    return one, other, sizes


def _on_levels(transfer: Transfer) -> Transfer:
    """One w on all three levels."""
    count = len(LEVELS)
    parts = (transfer.bias, transfer.mu, transfer.sigma)
    return Transfer(np.tile(transfer.weight, (count, 1)), *(np.tile(part, count) for part in parts))


def _joined(a: MappingPack, b: MappingPack) -> Familiarity | None:
    """Where either has labels, in the first one's space; None where one of them cannot say."""
    known = a.familiarity
    if known is None or b.familiarity is None or b.labels is None:
        return None
    theirs = (b.labels.embeddings.mean(1) - known.mean) @ known.basis
    places: Array = np.concatenate([known.places, theirs]).astype(np.float32)
    places = core_set(places, known.length)
    return Familiarity(known.mean, known.basis, places, known.length)
