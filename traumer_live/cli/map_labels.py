"""The actions of ``traumer-live map`` on a person's labels.

In: parsed options.  Out: files, reports on standard output; an exit code.  Thread: main.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from traumer_live.cli.json_report import check_json_target, write_json
from traumer_live.core import model_library
from traumer_live.core.files import refuse_overwrite, require_writable, written_atomically

if TYPE_CHECKING:
    from traumer_live.labelling.label import Clip, Label
    from traumer_live.labelling.store import Store
    from traumer_live.labelling.workshop import Workshop

LISTED = 20  # contradictions told


def take_in(options: argparse.Namespace) -> int:
    """Add a pack's labels to a store."""
    from traumer_live.labelling.pack_labels import labels_of_pack
    from traumer_live.labelling.pack_labels import take_in as add
    from traumer_live.labelling.store import Store, default_store
    from traumer_live.latent.pack import load_pack

    labels = labels_of_pack(load_pack(model_library.resolve(options.pack, "mapping")))
    folder = options.store or default_store()
    with Store(folder) as store:
        added = add(store, labels)
    known = f"; {len(labels) - added} were there already" if added < len(labels) else ""
    print(f"{folder}: {added} labels added{known}")
    return 0


def contradictions(options: argparse.Namespace) -> int:
    """Pairs of labels that say opposite things."""
    from traumer_live.labelling.doubts import doubts, told

    check_json_target(options)
    store, workshop = _read(options.store), _workshop(options)
    found = doubts(store.labels, workshop)
    for line in told(found, LISTED):
        print(line)
    write_json(options.json, {"pairs": [[a.id, b.id] for a, b in found]})
    return 0


def cover(options: argparse.Namespace) -> int:
    """The library as a map: a picture, data, and one line."""
    from traumer_live.labelling.coverage import as_json, coverage, picture

    check_json_target(options)
    if options.output is not None:
        refuse_overwrite(options.output, force=options.force)
        require_writable(options.output)
    store, workshop = _read(options.store), _workshop(options)
    clips = _clips(options.music, store.labels, workshop)
    found = coverage(clips, store.labels, workshop)
    if options.output is not None:
        with written_atomically(options.output) as temporary:
            picture(found).save(temporary, "PNG")
    write_json(options.json, as_json(found))
    print(
        f"{len(found.clips)} clips, {sum(found.labelled)} labelled; mean confidence "
        f"{found.known:.0%}; the map shows {found.explained:.0%} of how they differ"
    )
    return 0


def _clips(music: Path | None, labels: tuple[Label, ...], workshop: Workshop) -> list[Clip]:
    """What the map shows."""
    if music is None:
        from traumer_live.labelling.coverage import shipped_clips

        own = {label.clip.key: label.clip for label in labels}
        shipped = {clip.key: clip for clip in shipped_clips(workshop)}
        return list((shipped | own).values())
    from traumer_live.embedding.encoder import load_encoder
    from traumer_live.labelling.library import Library

    library = Library(
        music, lambda: load_encoder(workshop.encoder_file), workshop.ids.encoder_sha256
    )
    library.start()
    while (progress := library.wait(timeout_s=5.0)).state in ("waiting", "scanning"):
        print(progress)
    print(progress)
    return list(library.clips)


def _read(folder: Path | None) -> Store:
    """A store, for reading."""
    from traumer_live.labelling.store import Store, default_store

    store = Store(folder or default_store(), read_only=True)
    if store.notice:
        print(store.notice)
    return store


def _workshop(options: argparse.Namespace) -> Workshop:
    from traumer_live.engine.models import Choice
    from traumer_live.labelling.workshop import open_workshop

    return open_workshop(Choice(options.generator or "", options.encoder or ""))
