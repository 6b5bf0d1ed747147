"""Which monitor the kiosk fills.

In: the monitors' names, and what was asked for.  Out: a position in that list.  Thread: any.
"""

from __future__ import annotations

from collections.abc import Sequence

from traumer_live.core.errors import DisplayError


def choose_monitor(names: Sequence[str], *, wanted: str | None, saved: str) -> int:
    """The monitor ``wanted`` by name or number from 1; else the saved one, else the second.

    >>> choose_monitor(["eDP-1", "HDMI-1"], wanted="1", saved="")
    0
    >>> choose_monitor(["eDP-1", "HDMI-1"], wanted=None, saved="")
    1

    Raises:
        DisplayError: there is no monitor, or not the one that was asked for.
    """
    if not names:
        raise DisplayError("No monitor is connected; connect one, or use run --headless.")
    if wanted:
        return _named(names, wanted)
    if saved in names:
        return names.index(saved)
    return min(1, len(names) - 1)  # a second one is the projector


def _named(names: Sequence[str], wanted: str) -> int:
    if wanted in names:
        return names.index(wanted)
    if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
        return int(wanted) - 1
    there = ", ".join(f"{number} ({name})" for number, name in enumerate(names, start=1))
    raise DisplayError(f"There is no monitor {wanted!r}; choose one of {there}.")
