"""The process that makes a missing mapping beside the show, with what the show leaves over.

In: one argument, the Unmapped as JSON; standard input, whose end means stop.  Out: lines of JSON on
standard output: {"share": 0.4} ..., then {"made": PATH} or {"error": SENTENCE}; the pack.
Thread: its own process, run as ``python -m traumer_live.labelling.starter_child``.

A process and not a thread: fitting holds the interpreter for milliseconds; windows would feel it.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from traumer_live.core.children import end_with_parent
from traumer_live.core.errors import TraumerError
from traumer_live.engine.mappings import Pair, Unmapped
from traumer_live.labelling.starter import make_starter

STEP = 0.01  # of the whole; more often nobody needs to hear of it


def to_json(unmapped: Unmapped) -> str:
    """The argument."""
    return json.dumps(asdict(unmapped), default=str)


def from_json(text: str) -> Unmapped:
    """What ``to_json`` wrote."""
    told: dict[str, Any] = json.loads(text)
    paths = {name: told[name] and Path(told[name]) for name in ("generator", "source")}
    return Unmapped(**{**told, **paths, "pair": Pair(**told["pair"])})


def main(argument: str) -> None:
    """Make it, and say how far it is."""
    give_way()
    end_with_parent()
    told = 0.0

    def share(done: float) -> None:
        nonlocal told
        if done >= told + STEP:
            told = done
            _say(share=done)

    try:
        _say(made=str(make_starter(from_json(argument), share=share)))
    except TraumerError as error:
        _say(error=str(error))


def give_way() -> None:
    """Run only while nobody else wants a core; where that is unknown, at the lowest priority."""
    if sys.platform == "win32":
        return  # the show starts this process in the idle class
    os.nice(19)
    if sys.platform == "linux":
        try:
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        except OSError:  # some containers forbid it; the niceness stays
            return


def _say(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
