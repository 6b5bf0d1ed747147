"""Which lasting conditions deserve a badge, and what to do about each.

In: the show's status.  Out: name -> (what, advice).  Thread: any; a pure function and a patience.
"""

from __future__ import annotations

from traumer_live.app.record_card import minutes_left
from traumer_live.app.texts import badges as texts
from traumer_live.engine.status import ShowStatus

Conditions = dict[str, texts.Advice]

SILENT_DBFS = -60.0  # where the meter begins
PATIENCE_S = 5.0  # a pause between two songs is no trouble
SLOW_FPS = 20.0
LITTLE_MINUTES = 15.0


def conditions(status: ShowStatus, disk_free: int) -> Conditions:
    """Everything that is not as it should be now."""
    found: Conditions = {}
    if status.source_state in texts.SOURCES:
        found["source"] = texts.SOURCES[status.source_state]
    elif status.pulse.level_dbfs <= SILENT_DBFS:
        found["silence"] = _silence(status)
    if 0 < status.fps < SLOW_FPS:
        found["slow"] = texts.slow(status.fps)
    left = minutes_left(status.recording, disk_free) if status.recording else None
    if left is not None and left < LITTLE_MINUTES:
        found["disk"] = texts.disk(left)
    return found


def _silence(status: ShowStatus) -> texts.Advice:
    """Nothing is heard: from the source, or because the gate takes it for the room."""
    return texts.no_signal(PATIENCE_S) if status.preamp.gate_open else texts.ONLY_THE_ROOM


class Patience:
    """Lets only conditions through that have lasted a while."""

    def __init__(self, seconds: float = PATIENCE_S) -> None:
        self._seconds = seconds
        self._since: dict[str, float] = {}

    def filter(self, found: Conditions, *, now_s: float) -> Conditions:
        """Those of ``found`` that are old enough at ``now_s``."""
        self._since = {name: self._since.get(name, now_s) for name in found}
        return {
            name: what for name, what in found.items() if now_s - self._since[name] >= self._seconds
        }
