"""What stands after a journal's events: labels, skipped clips, favourites.

In: events in order, the header first.  Out: what was not taken back.  Thread: the store's.
"""

from __future__ import annotations

from collections.abc import Sequence

from traumer_live.labelling.errors import LabelError
from traumer_live.labelling.journal import Event
from traumer_live.labelling.label import Label, Pick, from_json, pick_from_json

UNDOABLE = ("label", "skip", "pin")


class Ledger:
    """The state that the events add up to."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.labels: dict[str, Label] = {}
        self.skips: dict[str, str] = {}  # id -> key of the clip
        self.pins: dict[str, Pick] = {}
        self.done: list[tuple[str, str]] = []  # kind and id of what can be undone, oldest first
        self.lost = 0  # events of a kind or form that this program does not understand
        self.annotator = str(events[0].get("annotator", "")) if events else ""
        for event in events[1:]:
            try:
                self.apply(event)
            except (LabelError, KeyError, TypeError, ValueError, StopIteration):
                self.lost += 1

    def apply(self, event: Event) -> None:
        """Take one more event."""
        kind, event_id = event.get("event"), str(event.get("id", ""))
        if kind == "label":
            self.labels[event_id] = from_json(event)
        elif kind == "skip":
            self.skips[event_id] = str(event["clip"])
        elif kind == "pin":
            self.pins[event_id] = pick_from_json(event["pick"])
        elif kind == "retract":
            self._forget(str(event["of"]))
        else:
            self.lost += 1
        if kind in UNDOABLE:
            self.done.append((str(kind), event_id))

    def stands(self, event_id: str) -> bool:
        """Whether there is such a label, skip or pin, not taken back."""
        return event_id in self.labels or event_id in self.skips or event_id in self.pins

    def _forget(self, event_id: str) -> None:
        self.labels.pop(event_id, None)
        self.skips.pop(event_id, None)
        self.pins.pop(event_id, None)
        self.done = [done for done in self.done if done[1] != event_id]
