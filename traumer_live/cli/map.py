"""``traumer-live map``: carry a mapping pack to another generator, without any sound.

In: parsed options.  Out: a mapping pack; what is done on standard output; an exit code.
Thread: main.  Takes a minute or two; what was painted is kept, so a stopped run goes on.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from traumer_live.core import model_library
from traumer_live.core.errors import ModelError
from traumer_live.core.files import refuse_overwrite
from traumer_live.core.paths import data_file
from traumer_live.engine.models import SHIPPED_MAPPING
from traumer_live.latent.pack import MappingPack, load_pack, save_pack

CARRIED = ("encoder", "encoder_sha256", "packages", "provenance", "licence", "author")


def run(options: argparse.Namespace) -> int:
    """Make the pack."""
    from traumer_live.labelling.clips import from_labels
    from traumer_live.labelling.mapping import make_mapping
    from traumer_live.synthesis.loading import load_generator

    refuse_overwrite(options.output, force=options.force)
    source: Path = options.pack or data_file(SHIPPED_MAPPING)
    pack = load_pack(source)
    if pack.labels is None:
        raise ModelError(
            f"{source.name} holds no labels, so it cannot be carried to another generator; "
            "name a pack that has them with --pack."
        )
    clips = from_labels(pack.labels)
    named = options.generator
    path = None if named is None else model_library.resolve(str(named), "generator")
    generator = load_generator(path)
    made = make_mapping(
        clips, generator, candidates=options.candidates, seed=options.seed, progress=print
    )
    save_pack(options.output, made.transfer, _header(pack, source, made.header), labels=made.labels)
    pieces = len(set(clips.pieces))
    print(f"{options.output}: {len(clips)} clips of {pieces} pieces, for {generator.info.name}")
    return 0


def _header(pack: MappingPack, source: Path, made: Mapping[str, str]) -> dict[str, str]:
    """What is new, what stays, and that this is a translation."""
    kept = {name: pack.header[name] for name in CARRIED if name in pack.header}
    return {**kept, **made, "translated_from": source.name}
