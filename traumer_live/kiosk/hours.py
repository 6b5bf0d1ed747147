"""When a kiosk is open: day schedules such as ``mon-fri 10:00-18:00, sat 12:00-02:00``.

In: that text; a local date and time.  Out: open or not, and when that changes.  Thread: any.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from traumer_live.core.errors import SettingsError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = "|".join(DAYS)
_SPAN = re.compile(
    rf"(?:(?P<first>{DAY})(?:-(?P<last>{DAY}))?\s+)?"
    r"(?P<h1>\d{1,2}):(?P<m1>\d{2})\s*-\s*(?P<h2>\d{1,2}):(?P<m2>\d{2})"
)
WEEK = 7 * 24 * 60  # minutes


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
        this = now.weekday() * 24 * 60 + now.hour * 60 + now.minute
        return not self.spans or any(
            start <= at < end for start, end in self.spans for at in (this, this + WEEK)
        )

    def opens_at(self, now: datetime) -> datetime:
        """The next full minute at which it is open; ``now`` itself when it is."""
        at = now
        for _ in range(WEEK + 1):
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
    start, end = minute(found["h1"], found["m1"], part), minute(found["h2"], found["m2"], part)
    if end <= start:
        end += 24 * 60
    return [
        (24 * 60 * day + start, 24 * 60 * day + end) for day in days(found["first"], found["last"])
    ]


def days(first: str | None, last: str | None) -> list[int]:
    """The days from ``first`` to ``last``, 0 is Monday; without ``first`` all of them."""
    if not first:
        return list(range(7))
    start, end = DAYS.index(first), DAYS.index(last or first)
    return [day % 7 for day in range(start, end + 1 + 7 * (end < start))]


def minute(hour: str, of_hour: str, part: str) -> int:
    """Minutes since midnight; ``part`` is what an error shows.

    Raises:
        SettingsError: no clock shows that.
    """
    if int(hour) > 24 or int(of_hour) > 59 or (int(hour) == 24 and int(of_hour)):
        raise SettingsError(f"{part!r} holds a time that no clock shows; they go to 24:00.")
    return 60 * int(hour) + int(of_hour)
