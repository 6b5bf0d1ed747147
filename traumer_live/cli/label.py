"""``traumer-live label``: choose pictures for clips of your music; labels in and out of the store.

In: parsed options.  Out: a store of labels; a sentence on standard output; an exit code.
Thread: main.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from traumer_live.cli.session import SWITCH_INTERVAL_S
from traumer_live.engine.models import Choice

if TYPE_CHECKING:
    from traumer_live.labelling.store import Store


def run(options: argparse.Namespace) -> int:
    """Open the labelling window, or take labels in or out."""
    from traumer_live.labelling.store import default_store

    store = (options.store or default_store()).expanduser()
    if options.export is not None:
        return _export(store, options.export, force=options.force)
    if options.take_in is not None:
        return _take_in(store, options)
    return _label(store, options)


def _label(store: Path, options: argparse.Namespace) -> int:
    from traumer_live.app.labelling.run import run_labelling
    from traumer_live.app.labelling.wishes import Wishes

    sys.setswitchinterval(SWITCH_INTERVAL_S)  # windows stay smooth beside the scan
    music = options.music.expanduser()
    wishes = Wishes(music, store, _choice(options), options.name or "", options.note or "")
    count, pack = run_labelling(wishes, seconds=options.seconds)
    print(f"{count} label{'s' * (count != 1)} in {store}")
    if pack is not None:
        print(f'Play the mapping: traumer-live run --mapping "{pack}"')
    return 0


def _export(store: Path, target: Path, *, force: bool) -> int:
    from traumer_live.labelling.exchange import export_labels
    from traumer_live.labelling.store import Store

    with Store(store, read_only=True) as opened:
        count = export_labels(opened, target, force=force)
    print(f"{count} label{'s' * (count != 1)} written to {target}")
    return 0


def _take_in(store: Path, options: argparse.Namespace) -> int:
    from traumer_live.labelling.exchange import ENDING, import_labels
    from traumer_live.labelling.store import Store

    with Store(store, annotator=options.name or "") as opened:
        if options.take_in.endswith(ENDING):
            count = import_labels(opened, Path(options.take_in).expanduser())
        else:
            count = _take_in_origin(opened, options)
        print(f"{count} new label{'s' * (count != 1)} in {store}")
    return 0


def _take_in_origin(store: Store, options: argparse.Namespace) -> int:
    from traumer_live.core import model_library
    from traumer_live.core.errors import ModelError
    from traumer_live.embedding.encoder import load_encoder
    from traumer_live.labelling.exchange import import_origin
    from traumer_live.labelling.workshop import open_workshop
    from traumer_live.latent.origin import load_origin_labels

    labels = load_origin_labels(model_library.resolve(options.take_in, "labels"))
    workshop = open_workshop(_choice(options))
    info = workshop.generator.info
    if labels.w.shape[1] != info.w_dim:
        raise ModelError(
            f"These labels are for a generator whose w has {labels.w.shape[1]} numbers, and that "
            f"of {info.name} has {info.w_dim}; name theirs with --generator."
        )
    encoder = load_encoder(workshop.encoder_file)
    return import_origin(store, labels, encoder, workshop.ids)


def _choice(options: argparse.Namespace) -> Choice:
    return Choice(generator=options.generator or "", encoder=options.encoder or "")
