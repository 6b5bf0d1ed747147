"""A mapping pack with labels, carried to another generator without any sound.

In: a pack with labels, a generator.  Out: a mapping pack in a file.  Thread: any; about a minute
for a small generator, all of it painting. What was painted is kept, so a stopped run goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from traumer_live.core.errors import ModelError
from traumer_live.engine.mappings import Unmapped
from traumer_live.labelling.candidates import paint, random_w
from traumer_live.labelling.clips import Clips, from_labels
from traumer_live.labelling.mapping import CANDIDATES, SEED, make_mapping
from traumer_live.labelling.mapping import Mapping as Made
from traumer_live.labelling.matchmaking import SCREEN
from traumer_live.labelling.queries import core_set, typical_length
from traumer_live.labelling.scaling import scaling
from traumer_live.latent.familiarity import Familiarity
from traumer_live.latent.pack import MappingPack, load_pack, save_pack
from traumer_live.synthesis.generator import Generator
from traumer_live.synthesis.loading import load_generator

CARRIED = ("encoder", "encoder_sha256", "packages", "provenance", "licence", "author")
PAINTING_S = 600.0  # of processor time that a mapping made beside the show may take

Share = Callable[[float], None]  # how much is done, 0..1


def make_starter(unmapped: Unmapped, *, share: Share = lambda _: None) -> Path:
    """Make what is missing and keep it where the next show finds it; its path.

    Raises:
        ModelError: the generator cannot be read, or there are no labels for this encoder.
        OutputError: the user's data folder cannot be written to.
    """
    if unmapped.source is None:
        raise ModelError(
            f"A mapping for {unmapped.generator_name} and this tagger can only be made from music: "
            "python -m tools.make_starter_mapping"
        )
    generator = load_generator(
        unmapped.generator,
        backend=unmapped.backend,
        threads=1,
        class_index=unmapped.pair.class_index,
    )
    count = affordable(generator)
    carry(unmapped.source, generator, unmapped.target, candidates=count, share=share)
    return unmapped.target


def carry(
    source: Path,
    generator: Generator,
    target: Path,
    *,
    candidates: int = CANDIDATES,
    seed: int = SEED,
    tell: Callable[[str], None] = lambda _: None,
    share: Share = lambda _: None,
) -> Made:
    """Choose pictures of ``generator`` for the clips in ``source``, fit, and write ``target``.

    Raises:
        ModelError: ``source`` holds no labels.
        OutputError: ``target`` cannot be written.
    """
    pack = load_pack(source)
    if pack.labels is None:
        raise ModelError(
            f"{source.name} holds no labels, so it cannot be carried to another generator; "
            "name a pack that has them with --pack."
        )
    clips = from_labels(pack.labels)
    made = make_mapping(
        clips, generator, candidates=candidates, seed=seed, progress=tell, share=share
    )
    header = _header(pack, source, made.header)
    known = familiarity_of_clips(clips)
    save_pack(target, made.transfer, header, labels=made.labels, familiarity=known)
    return made


def familiarity_of_clips(clips: Clips) -> Familiarity:
    """Where the clips are, so that a show can say how well they cover what plays."""
    count, windows, e_dim = clips.embeddings.shape
    music = clips.embeddings.reshape(count * windows, e_dim)
    scale = scaling(music, np.repeat(np.array(clips.pieces), windows))
    length = typical_length(scale(music))
    return Familiarity(scale.mean, scale.basis, core_set(scale(clips.typical), length), length)


def affordable(generator: Generator) -> int:
    """Pictures to choose among: all of six screens, down to one where painting takes seconds."""
    first = random_w(generator, 2, SEED)
    paint(generator, first[0])  # the first picture of a session is slow
    began = time.process_time()
    paint(generator, first[1])
    took = time.process_time() - began
    screens = int(PAINTING_S / max(took, 1e-6)) // SCREEN
    return SCREEN * min(max(screens, 1), CANDIDATES // SCREEN)


def _header(pack: MappingPack, source: Path, made: Mapping[str, str]) -> dict[str, str]:
    """What is new, what stays, and that this is a translation."""
    kept = {name: pack.header[name] for name in CARRIED if name in pack.header}
    return {**kept, **made, "translated_from": source.name}
