"""Makes the mapping that a show lacks, beside it, and hands it over when it is done.

In: the running show and its models.  Out: a mapping pack in the user's data folder; the show goes
over to it.  Thread: ``mapmaker``, which only reads what the child process says; the work is done
there, on one core at most and at the lowest priority.

A show that ends first leaves what was painted so far, and the next one goes on from there.
"""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

from traumer_live.core.children import parsed, start_child
from traumer_live.core.errors import TraumerError
from traumer_live.engine.mappings import Unmapped
from traumer_live.engine.models import Models
from traumer_live.engine.show import Show
from traumer_live.labelling.starter_child import to_json

CHILD = "traumer_live.labelling.starter_child"
GRACE_S = 5.0  # for the child to end by itself


class Mapmaker:
    """A companion of the show; at most one child process at a time."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._changing = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._threads: list[threading.Thread] = []

    def follow(self, models: Models) -> None:
        """Begin with what ``models`` lack; let go of what others lacked."""
        with self._changing:
            self._end_child()
            self._show.mapping_share = None
            missing = models.unmapped
            if missing is None:
                return
            if missing.source is None:
                self._show.notices.tell_again(_no_labels(missing))
                return
            try:
                child = self._child = start_child(CHILD, to_json(missing), idle=True)
            except OSError as error:
                self._show.notices.tell(f"No mapping can be made beside the show ({error}).")
                return
            self._show.mapping_share = 0.0
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            self._threads.append(
                threading.Thread(
                    target=self._listen, args=(child, models), name="mapmaker", daemon=True
                )
            )
            self._threads[-1].start()

    def stop(self) -> None:
        """End the child; what it painted is kept."""
        with self._changing:
            self._end_child()
        for thread in self._threads:
            thread.join(timeout=GRACE_S)

    def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is not None and child.stdin is not None:
            child.stdin.close()  # it ends at that; see starter_child.py

    def _listen(self, child: subprocess.Popen[str], models: Models) -> None:
        """Read what the child says until it ends."""
        said: dict[str, object] = {}
        assert child.stdout is not None
        for line in child.stdout:
            said = parsed(line)
            if "share" in said and child is self._child:
                self._show.mapping_share = float(str(said["share"]))
        try:
            child.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()
        with self._changing:
            if child is self._child:  # the show still wants it
                self._end_child()
                self._show.mapping_share = None
                self._hand_over(said, models)

    def _hand_over(self, said: dict[str, object], models: Models) -> None:
        notices, name = self._show.notices, models.generator.info.name
        if "made" not in said:
            why = str(said.get("error", "the process that makes it ended"))
            notices.tell(f"No better mapping could be made for {name}: {why}")
            return
        if (
            self._show.next_models.unmapped is None
        ):  # taught or opened meanwhile: that was wished for
            notices.tell(f"The mapping for {name} is ready; it is kept for next time.")
            return
        try:
            self._show.change_mapping(models.mapped(Path(str(said["made"]))))
        except TraumerError as error:
            notices.tell(str(error))
            return
        notices.tell(f"The mapping for {name} is ready and takes over; it is kept for next time.")


def _no_labels(missing: Unmapped) -> str:
    return (
        f"There is no mapping for {missing.generator_name} with this tagger, and one can only be "
        "made from music; a first one without a meaning plays (docs/models.md)."
    )
