"""``traumer-live label``: choose pictures for clips of your music.

In: parsed options.  Out: a store of labels; a sentence on standard output; an exit code.
Thread: main.
"""

from __future__ import annotations

import argparse
import sys

from traumer_live.cli.session import SWITCH_INTERVAL_S
from traumer_live.engine.models import Choice


def run(options: argparse.Namespace) -> int:
    """Open the labelling window and nothing else."""
    from traumer_live.app.labelling.run import run_labelling
    from traumer_live.app.labelling.wishes import Wishes
    from traumer_live.labelling.store import default_store

    sys.setswitchinterval(SWITCH_INTERVAL_S)  # windows stay smooth beside the scan
    choice = Choice(generator=options.generator or "", encoder=options.encoder or "")
    store = (options.store or default_store()).expanduser()
    count, pack = run_labelling(
        Wishes(options.music.expanduser(), store, choice, options.name or "", options.note or ""),
        seconds=options.seconds,
    )
    print(f"{count} label{'s' * (count != 1)} in {store}")
    if pack is not None:
        print(f'Play the mapping: traumer-live run --mapping "{pack}"')
    return 0
