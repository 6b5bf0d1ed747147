"""``traumer-live fit``: a mapping from a person's labels.

In: parsed options.  Out: a mapping pack; progress and the report on standard output; an exit code.
Thread: main.  Seconds for a hundred labels.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import numpy as np

from traumer_live.core import model_library
from traumer_live.core.errors import ModelError
from traumer_live.core.files import hash_file, refuse_overwrite
from traumer_live.core.paths import data_file
from traumer_live.core.types import Array

if TYPE_CHECKING:
    from traumer_live.labelling.label import Label
    from traumer_live.labelling.personal import Room
    from traumer_live.synthesis.generator import Generator

PICTURES, SEED = 400, 7  # random w of the generator: its variety, and pictures to rank among


def run(options: argparse.Namespace) -> int:
    """Fit and save."""
    from traumer_live.labelling.judging import table
    from traumer_live.labelling.personal import fit_labels
    from traumer_live.labelling.sharing import pack_of
    from traumer_live.labelling.store import Store, default_store
    from traumer_live.latent.pack import write_pack
    from traumer_live.synthesis.loading import load_generator

    refuse_overwrite(options.output, force=options.force)
    path = model_library.resolve(options.generator, "generator") if options.generator else None
    generator = load_generator(path)
    store = Store(options.store or default_store(), read_only=True)
    if store.notice:
        print(store.notice)
    room, tag_names = _room(generator, options.encoder)

    def random_w(count: int, seed: int) -> Array:
        from traumer_live.labelling.candidates import random_w

        return random_w(generator, count, seed)

    def shown(label: Label) -> Array | None:
        found = [store.screen_w(screen, random_w) for screen in label.screens]
        whole = [w for w in found if w is not None]
        return np.concatenate(whole) if whole and len(whole) == len(found) else None

    made = fit_labels(store.labels, room, shown=shown, progress=print)
    for line in table(made.judgements, str(made.recipe)):
        print(line)
    if made.losses:
        steps = np.linspace(0, len(made.losses) - 1, 6).astype(int)
        print("loss: " + " ".join(f"{made.losses[k]:.3f}" for k in steps))
    write_pack(options.output, pack_of(made, room, tag_names, author=store.annotator))
    print(f"{options.output}: {len(made.lessons.labels)} labels, {made.recipe}")
    return 0


def _room(generator: Generator, encoder: str | None) -> tuple[Room, tuple[str, ...]]:
    """What is known around the labels, and what the tagger's tags are called."""
    from traumer_live.embedding.encoder import DEFAULT_WEIGHTS, load_encoder
    from traumer_live.engine.mappings import SHIPPED_MAPPING
    from traumer_live.labelling.candidates import random_w
    from traumer_live.labelling.label import ModelIds
    from traumer_live.labelling.personal import Room
    from traumer_live.labelling.scaling import Spread
    from traumer_live.latent.pack import load_pack

    path = model_library.resolve(encoder, "encoder") if encoder else data_file(DEFAULT_WEIGHTS)
    sha256, info = hash_file(path), generator.info
    starter = load_pack(data_file(SHIPPED_MAPPING))
    if starter.labels is None or starter.header.get("encoder_sha256") != sha256:
        raise ModelError(
            f"No music is known for the encoder {model_library.display_name(path)}; labels can be "
            "fitted for the shipped encoder only."
        )
    known = starter.labels
    pieces = np.array([str(clip["piece"]) for clip in known.clips])
    statistics = generator.w_statistics()
    ids = ModelIds(info.name, info.sha256, model_library.display_name(path), sha256)
    room = Room(
        models=ids,
        num_ws=info.num_ws,
        spread=Spread(statistics.mu, statistics.sigma),
        pictures=random_w(generator, PICTURES, SEED),
        music=known.embeddings.reshape(-1, known.embeddings.shape[-1]),
        pieces=np.repeat(pieces, known.embeddings.shape[1]),
        level_sizes=info.level_sizes,
        starter=starter.transfer if starter.header.get("generator_sha256") == info.sha256 else None,
    )
    return room, load_encoder(path).tag_names
