"""The process that learns a mapping from a store while the show goes on.

In: one argument, a Task as JSON; standard input, whose end means stop.  Out: one line of JSON on
standard output: {"made": PATH} or {"error": SENTENCE}; the pack.
Thread: its own process, run as ``python -m traumer_live.labelling.teaching_child``.

A process and not a thread: on a busy machine a thread that stands back keeps the interpreter while
it waits for a core, and the whole show waits with it (seen: six pictures a second became none).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from traumer_live.core.children import end_with_parent, parsed, start_child
from traumer_live.core.errors import ModelError, TraumerError
from traumer_live.engine.models import Choice
from traumer_live.labelling.lessons import belongs
from traumer_live.labelling.personal import refit
from traumer_live.labelling.recipes import recipe_of
from traumer_live.labelling.sharing import pack_of
from traumer_live.labelling.store import Store
from traumer_live.labelling.workshop import open_workshop
from traumer_live.latent.pack import load_pack, write_pack

CHILD = "traumer_live.labelling.teaching_child"
BEHIND = 5  # niceness
RETHINK = 10  # labels after which the recipe is chosen anew


@dataclass(frozen=True)
class Task:
    """What is to be learnt, and where it goes."""

    choice: Choice  # the models that play
    store: Path
    target: Path  # of the pack
    like: Path | None = None  # a pack to begin at, whose recipe is kept


def learn(task: Task) -> Path:
    """Fit all labels of the store; the pack's path.

    Raises:
        ModelError: a model is gone or damaged.
        LabelError: the labels are too few.
        OutputError: the pack cannot be written.
    """
    workshop = open_workshop(task.choice)
    store = Store(task.store, read_only=True)
    labels = [label for label in store.labels if belongs(label, workshop.ids)]
    before = load_pack(task.like) if task.like is not None else None
    recipe = recipe_of(before.header) if before is not None else None
    if len(labels) % RETHINK == 0:
        recipe = None  # chosen anew
    start = before.transfer if before is not None and recipe is not None else None
    room = workshop.room(())
    made = refit(labels, room, recipe, start=start)
    write_pack(task.target, pack_of(made, room, workshop.tag_names, author=store.annotator))
    return task.target


class Pupil:
    """Learns in a process of its own; one task at a time, and ``stop`` ends it."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[str] | None = None
        self._stopped = False

    def learn(self, task: Task) -> Path:
        """As ``learn``, waiting for the process.

        Raises:
            TraumerError: it could not, with what it said.
        """
        if self._stopped:
            raise ModelError("The show ended before this was learnt; the label is kept.")
        try:
            child = self._child = start_child(CHILD, to_json(task), idle=False)
        except OSError as error:
            raise ModelError(f"Nothing can be learnt beside the show ({error}).") from error
        assert child.stdout is not None
        assert child.stdin is not None
        said = parsed(child.stdout.read())
        self._child = None
        child.stdin.close()
        child.wait()
        child.stdout.close()
        if "made" not in said:
            why = said.get("error", "The process that learns ended; the label is kept.")
            raise ModelError(str(why))
        return Path(str(said["made"]))

    def stop(self) -> None:
        """End what is being learnt; the labels are on the disk."""
        self._stopped = True
        child = self._child
        if child is not None:
            child.terminate()


def to_json(task: Task) -> str:
    """The argument."""
    return json.dumps(asdict(task), default=str)


def from_json(text: str) -> Task:
    """What ``to_json`` wrote."""
    told: dict[str, Any] = json.loads(text)
    choice = told["choice"]
    choice["aspect"] = tuple(choice["aspect"]) if choice["aspect"] else None
    like = Path(told["like"]) if told["like"] else None
    return Task(Choice(**choice), Path(told["store"]), Path(told["target"]), like)


def main(argument: str) -> None:
    """Learn, and say what came of it."""
    if sys.platform != "win32":
        os.nice(BEHIND)
    end_with_parent()
    try:
        said = {"made": str(learn(from_json(argument)))}
    except TraumerError as error:
        said = {"error": str(error)}
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
