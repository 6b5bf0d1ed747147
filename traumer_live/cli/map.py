"""``traumer-live map``: carry a mapping pack to another generator, without any sound.

In: parsed options.  Out: a mapping pack; what is done on standard output; an exit code.
Thread: main.  Takes a minute or two; what was painted is kept, so a stopped run goes on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from traumer_live.core import model_library
from traumer_live.core.files import refuse_overwrite
from traumer_live.core.paths import data_file
from traumer_live.engine.models import SHIPPED_MAPPING


def run(options: argparse.Namespace) -> int:
    """Make the pack."""
    from traumer_live.labelling.starter import carry
    from traumer_live.synthesis.loading import load_generator

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


def _source(named: str | None) -> Path:
    """The pack whose clips are taken."""
    return data_file(SHIPPED_MAPPING) if named is None else model_library.resolve(named, "mapping")
