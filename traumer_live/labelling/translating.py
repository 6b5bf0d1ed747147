"""A person's mapping carried to another generator, by pictures that look like those they chose.

In: a pack with labels and their pictures' measures, a generator.  Out: a pack, marked as a
translation.  Thread: any; about a minute, most of it painting the candidates.

For every label those candidates are looked for whose measured attributes are nearest to the chosen
picture's (lightness, colour, contrast, edges, complexity, symmetry). Attributes are not the
picture: what else made it the right one is lost, and the header says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.errors import ModelError
from traumer_live.core.types import Array
from traumer_live.labelling.candidates import Candidates, make_candidates, paint
from traumer_live.labelling.label import Label, Pick
from traumer_live.labelling.lessons import single_w
from traumer_live.labelling.pack_labels import labels_of_pack
from traumer_live.labelling.personal import refit
from traumer_live.labelling.picture_attributes import measure_picture
from traumer_live.labelling.recipes import recipe_of
from traumer_live.labelling.sharing import pack_of
from traumer_live.labelling.workshop import Workshop
from traumer_live.latent.pack import MappingPack
from traumer_live.synthesis.generator import Generator

CANDIDATES = 1200
SEED = 1
POPULAR = 0.15  # what each earlier choice of the same picture costs, in mean squared deviations

Tell = Callable[[str], None]
Chosen = NDArray[np.intp]


def translate(
    pack: MappingPack,
    source_name: str,
    workshop: Workshop,
    *,
    source: Generator | None = None,
    candidates: int = CANDIDATES,
    tell: Tell = lambda _: None,
) -> MappingPack:
    """The pack for the workshop's generator.

    Args:
        pack: with labels that the workshop's tagger heard.
        source_name: what the pack is called.
        workshop: the models that the translation is for.
        source: the pack's own generator, which measures pictures whose look is not known.
        candidates: pictures to choose among.
        tell: is told what happens.

    Raises:
        ModelError: the pack has no labels, another tagger's, or pictures that nobody can measure.
        LabelError: they are fewer than a fit takes.
    """
    if pack.header.get("encoder_sha256") != workshop.ids.encoder_sha256:
        raise ModelError(
            f"{source_name} was made for the encoder {pack.header.get('encoder')}; for another one "
            "its clips must be heard again, so it can only be labelled anew from the music."
        )
    labels = labels_of_pack(pack)
    looks = _looks(labels, source)  # one row for every pick
    info = workshop.generator.info
    offered = make_candidates(
        workshop.generator,
        candidates,
        seed=SEED,
        progress=lambda done, of: tell(f"painted {done} of {of} pictures"),
    )
    chosen = nearest_looks(looks, offered)
    translated = _with_pictures(labels, offered, chosen)
    translated = tuple(replace(label, models=workshop.ids) for label in translated)
    tell(f"fitting {len(labels)} labels for {info.name}")
    room = workshop.room(())
    made = refit(translated, room, recipe_of(pack.header))
    done = pack_of(
        made,
        room,
        pack.labels.tag_names if pack.labels else workshop.tag_names,
        author=pack.header.get("author", ""),
        licence=pack.header.get("licence", ""),
    )
    return replace(done, header={**done.header, **_marks(pack, source_name)})


def nearest_looks(looks: Array, offered: Candidates) -> Chosen:  # (n,)
    """For each look (n, attributes) the candidate most like it; popular ones cost more.

    Differences count in the candidates' standard deviations. The pickiest looks choose first.
    """
    deviation = np.maximum(offered.attributes.std(0), 1e-6)
    away = np.square((looks[:, None] - offered.attributes[None]) / deviation).mean(2)
    used = np.zeros(len(offered), np.float32)
    chosen = np.zeros(len(looks), np.intp)
    for k in np.argsort(-away.min(1), kind="stable"):
        chosen[k] = int(np.argmin(away[k] + POPULAR * used))
        used[chosen[k]] += 1
    return chosen


def _looks(labels: tuple[Label, ...], source: Generator | None) -> Array:
    measured = []
    for label in labels:
        for pick in label.picks:
            if pick.look is not None:
                measured.append(pick.look)
            elif source is not None and len(single_w(pick)) == source.info.w_dim:
                measured.append(measure_picture(paint(source, single_w(pick))))
            else:
                raise ModelError(
                    "The pictures of this mapping were never measured, and their generator is not "
                    "here to paint them; import it and name it with --from."
                )
    return np.stack(measured)


def _with_pictures(
    labels: tuple[Label, ...], offered: Candidates, chosen: Chosen
) -> tuple[Label, ...]:
    at, made = 0, []
    for label in labels:
        rows = chosen[at : at + len(label.picks)]
        at += len(label.picks)
        picks = tuple(Pick(offered.w[row], offered.attributes[row]) for row in rows)
        made.append(replace(label, picks=picks))
    return tuple(made)


def _marks(pack: MappingPack, source_name: str) -> dict[str, str]:
    """What the header says of where it comes from."""
    by = pack.header.get("labels_by") or pack.header.get("author") or "a person"
    return {
        "translated_from": source_name,
        "translated_from_generator": pack.header.get("generator", ""),
        "labels_by": f"{by}; pictures translated by their measured attributes",
        "provenance": f"translated from {source_name} by traumer-live map translate",
    }
