"""When a kiosk is open: day schedules such as ``mon-fri 10:00-18:00, sat 12:00-02:00``.

In: that text; a local date and time.  Out: open or not, and when that changes.  Thread: any.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from traumer_live.core.errors import SettingsError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = "|".join(DAYS)
_SPAN = re.compile(
    rf"(?:(?P<first>{_DAY})(?:-(?P<last>{_DAY}))?\s+)?"
    r"(?P<h1>\d{1,2}):(?P<m1>\d{2})\s*-\s*(?P<h2>\d{1,2}):(?P<m2>\d{2})"
)
_WEEK = 7 * 24 * 60  # minutes


@dataclass(frozen=True)
class Hours:
    """Minutes of the week, from Monday 0:00, between which it is open; empty means always."""

    spans: tuple[tuple[int, int], ...] = ()  # the end may lie beyond the week: Sunday night

    @classmethod
    def parse(cls, text: str) -> Hours:
        """Read a schedule; spans that end before they begin go on after midnight.

        Raises:
            SettingsError: it is none.
        """
        parts = [part.strip() for part in text.lower().split(",") if part.strip()]
        return cls(tuple(span for part in parts for span in _spans(part)))

    def is_open(self, now: datetime) -> bool:
        """Whether it is open at this local time."""
        minute = now.weekday() * 24 * 60 + now.hour * 60 + now.minute
        return not self.spans or any(
            start <= at < end for start, end in self.spans for at in (minute, minute + _WEEK)
        )

    def opens_at(self, now: datetime) -> datetime:
        """The next full minute at which it is open; ``now`` itself when it is."""
        at = now
        for _ in range(_WEEK + 1):
            if self.is_open(at):
                return at
            at = at.replace(second=0, microsecond=0) + timedelta(minutes=1)
        raise AssertionError("a span has at least one minute")


def _spans(part: str) -> list[tuple[int, int]]:
    found = _SPAN.fullmatch(part)
    if found is None:
        raise SettingsError(
            f"{part!r} are no opening hours; write them such as mon-fri 10:00-18:00."
        )
    start, end = _minute(found["h1"], found["m1"], part), _minute(found["h2"], found["m2"], part)
    if end <= start:
        end += 24 * 60
    return [(24 * 60 * day + start, 24 * 60 * day + end) for day in _days(found)]


def _days(found: re.Match[str]) -> list[int]:
    if not found["first"]:
        return list(range(7))
    first = DAYS.index(found["first"])
    last = DAYS.index(found["last"] or found["first"])
    return [day % 7 for day in range(first, last + 1 + 7 * (last < first))]


def _minute(hour: str, minute: str, part: str) -> int:
    if int(hour) > 24 or int(minute) > 59 or (int(hour) == 24 and int(minute)):
        raise SettingsError(f"{part!r} holds a time that no clock shows; they go to 24:00.")
    return 60 * int(hour) + int(minute)
