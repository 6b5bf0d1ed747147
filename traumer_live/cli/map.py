"""``traumer-live map``: everything that is done with mapping packs and labels, without any sound.

In: parsed options.  Out: packs, files of labels, reports on standard output; an exit code.
Thread: main.  Painting candidates takes a minute or two; what was painted is kept.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from traumer_live.cli import map_labels
from traumer_live.cli.json_report import check_json_target, write_json
from traumer_live.core import model_library
from traumer_live.core.errors import OutputError
from traumer_live.core.files import refuse_overwrite
from traumer_live.core.paths import data_file
from traumer_live.engine.models import SHIPPED_MAPPING


def run(options: argparse.Namespace) -> int:
    """Do what was asked; alone, make a starter mapping."""
    actions = {
        None: make,
        "blend": blend,
        "agreement": agree,
        "translate": translate,
        "import": map_labels.take_in,
        "contradictions": map_labels.contradictions,
        "coverage": map_labels.cover,
    }
    return actions[options.action](options)


def make(options: argparse.Namespace) -> int:
    """A mapping from the shipped clips for any generator."""
    from traumer_live.labelling.starter import carry
    from traumer_live.synthesis.loading import load_generator

    if options.output is None:
        raise OutputError("Say where the mapping goes: traumer-live map -o FILE.safetensors")
    refuse_overwrite(options.output, force=options.force)
    source = _source(options.pack)
    named = options.generator
    path = None if named is None else model_library.resolve(str(named), "generator")
    generator = load_generator(path)
    made = carry(
        source,
        generator,
        options.output,
        candidates=options.candidates,
        seed=options.seed,
        tell=print,
    )
    pieces = {clip["piece"] for clip in made.labels.clips}
    print(
        f"{options.output}: {len(made.labels)} clips of {len(pieces)} pieces, "
        f"for {generator.info.name}"
    )
    return 0


def blend(options: argparse.Namespace) -> int:
    """Two packs with a fader between them."""
    from traumer_live.labelling.blending import blend_packs
    from traumer_live.latent.pack import load_pack, write_pack

    refuse_overwrite(options.output, force=options.force)
    first, second = (load_pack(_mapping(name)) for name in (options.first, options.second))
    blended = blend_packs(first, second, options.share)
    write_pack(options.output, blended)
    print(f"{options.output}: {blended.header['labels_by']}")
    return 0


def agree(options: argparse.Namespace) -> int:
    """A report on two packs."""
    from dataclasses import asdict

    from traumer_live.labelling.agreement import agreement, told
    from traumer_live.latent.pack import load_pack

    check_json_target(options)
    first, second = (load_pack(_mapping(name)) for name in (options.first, options.second))
    found = agreement(first, second)
    for line in told(found, (options.first, options.second)):
        print(line)
    write_json(options.json, asdict(found))
    return 0


def translate(options: argparse.Namespace) -> int:
    """A personal pack for another generator, marked as a translation."""
    from traumer_live.engine.models import Choice
    from traumer_live.labelling.translating import translate as translated
    from traumer_live.labelling.workshop import open_workshop
    from traumer_live.latent.pack import load_pack, write_pack
    from traumer_live.synthesis.loading import load_generator

    refuse_overwrite(options.output, force=options.force)
    path = _mapping(options.pack)
    pack = load_pack(path)
    workshop = open_workshop(Choice(generator=options.generator or ""))
    source = None
    if options.source:
        source = load_generator(model_library.resolve(options.source, "generator"))
    made = translated(
        pack, path.name, workshop, source=source, candidates=options.candidates, tell=print
    )
    write_pack(options.output, made)
    labels = len(made.labels) if made.labels is not None else 0
    print(
        f"{options.output}: {labels} pictures re-chosen for {workshop.ids.generator} by their "
        "look; this is a translation, not what the person chose"
    )
    return 0


def _source(named: str | None) -> Path:
    """The pack whose clips are taken."""
    return data_file(SHIPPED_MAPPING) if named is None else _mapping(named)


def _mapping(named: str) -> Path:
    return model_library.resolve(named, "mapping")
