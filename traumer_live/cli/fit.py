"""``traumer-live fit``: a mapping from a person's labels.

In: parsed options.  Out: a mapping pack; progress and the report on standard output; an exit code.
Thread: main.  Seconds for a hundred labels.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from traumer_live.cli.json_report import check_json_target, write_json
from traumer_live.core import model_library
from traumer_live.core.files import refuse_overwrite
from traumer_live.core.types import Array

if TYPE_CHECKING:
    from traumer_live.labelling.label import Label
    from traumer_live.labelling.personal import Personal
    from traumer_live.labelling.store import Store
    from traumer_live.labelling.workshop import Workshop
    from traumer_live.latent.transfer import Transfer

BARS = "▁▂▃▄▅▆▇█"
COLUMNS = 40  # of the loss curve


def run(options: argparse.Namespace) -> int:
    """Fit and save."""
    from traumer_live.engine.models import Choice
    from traumer_live.labelling.judging import table
    from traumer_live.labelling.personal import fit_labels
    from traumer_live.labelling.sharing import pack_of
    from traumer_live.labelling.store import Store, default_store
    from traumer_live.labelling.workshop import open_workshop
    from traumer_live.latent.pack import write_pack

    refuse_overwrite(options.output, force=options.force)
    check_json_target(options)
    start = _start(options.start)
    store = Store(options.store or default_store(), read_only=True)
    if store.notice:
        print(store.notice)
    workshop = open_workshop(Choice(options.generator or "", options.encoder or ""))
    room = workshop.room(())

    def shown(label: Label) -> Array | None:
        return _shown(store, workshop, label)

    made = fit_labels(store.labels, room, shown=shown, start=start, progress=print)
    for line in table(made.judgements, str(made.recipe)):
        print(line)
    print(loss_line(made.losses))
    write_pack(options.output, pack_of(made, room, workshop.tag_names, author=store.annotator))
    write_json(options.json, report(made))
    print(f"{options.output}: {len(made.lessons.labels)} labels, {made.recipe}")
    return 0


def loss_line(losses: tuple[float, ...]) -> str:
    """How the loss fell; least squares have no way down to be drawn."""
    if not losses:
        return "loss: least squares, solved in one step"
    return f"loss {curve(losses)}  {losses[0]:.3f} to {losses[-1]:.3f}"


def curve(losses: tuple[float, ...]) -> str:
    """The losses as a line of bars, from the highest to the lowest that there were."""
    picked = np.array(losses)[
        np.linspace(0, len(losses) - 1, min(COLUMNS, len(losses))).astype(int)
    ]
    low, high = picked.min(), picked.max()
    heights = (picked - low) / max(high - low, 1e-12) * (len(BARS) - 1)
    return "".join(BARS[round(float(height))] for height in heights)


def report(made: Personal) -> dict[str, object]:
    """What ``--json`` keeps."""
    return {
        "labels": len(made.lessons.labels),
        "left_out": made.lessons.left_out,
        "recipe": str(made.recipe),
        "gain": made.gain,
        "held_out": [asdict(judgement) for judgement in made.judgements],
        "losses": list(made.losses),
    }


def _start(named: str | None) -> Transfer | None:
    """An earlier mapping to begin at; a mistyped name is told before anything takes time."""
    from traumer_live.latent.pack import load_pack

    return load_pack(model_library.resolve(named, "mapping")).transfer if named else None


def _shown(store: Store, workshop: Workshop, label: Label) -> Array | None:
    """The pictures that a label was chosen from, where all of them are still known."""
    from traumer_live.labelling.candidates import random_w

    def again(count: int, seed: int) -> Array:
        return random_w(workshop.generator, count, seed)

    found = [store.screen_w(screen, again) for screen in label.screens]
    whole = [w for w in found if w is not None]
    return np.concatenate(whole) if whole and len(whole) == len(found) else None
