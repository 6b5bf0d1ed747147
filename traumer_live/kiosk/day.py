"""Which scene a kiosk plays when: plans such as ``10:00 Dawn, mon-fri 18:00 Dusk, fri 23:00 4``.

In: that text; a local date and time.  Out: the name or slot of a scene.  Thread: any.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from traumer_live.core.errors import SettingsError
from traumer_live.kiosk.hours import DAY, WEEK, days, minute

_ENTRY = re.compile(
    rf"(?:(?P<first>{DAY})(?:-(?P<last>{DAY}))?\s+)?(?P<h>\d{{1,2}}):(?P<m>\d{{2}})\s+(?P<scene>.+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class DayPlan:
    """Minutes of the week, from Monday 0:00, from which scenes play; empty: none is planned."""

    entries: tuple[tuple[int, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> DayPlan:
        """Read a plan.

        Raises:
            SettingsError: it is none.
        """
        parts = [part.strip() for part in text.split(",") if part.strip()]
        return cls(tuple(sorted(entry for part in parts for entry in _entries(part))))

    def scene_at(self, now: datetime) -> str:
        """What plays at this local time: the entry that came last; empty without a plan."""
        at = now.weekday() * 24 * 60 + now.hour * 60 + now.minute
        past = [scene for start, scene in self.entries if start <= at]
        return past[-1] if past else next((scene for _, scene in self.entries[-1:]), "")


def _entries(part: str) -> list[tuple[int, str]]:
    found = _ENTRY.fullmatch(part)
    if found is None:
        raise SettingsError(f"{part!r} plans no scene; write such as 18:00 Dusk, or sat 22:00 4.")
    start = minute(found["h"], found["m"], part)  # 24:00 is the next day's 0:00
    first, last = (found[name] and found[name].lower() for name in ("first", "last"))
    return [((24 * 60 * day + start) % WEEK, found["scene"]) for day in days(first, last)]
