"""What several windows say: the program's name, a control with its tooltip, keys in tooltips."""

from __future__ import annotations

from typing import NamedTuple

PROGRAM = "TräumerAI Live"
ALL_FILES = "All files (*)"
NOTHING_YET = "–"  # in place of a number


class Words(NamedTuple):
    """What a control is called, and what its tooltip says."""

    name: str
    tip: str


def with_key(tip: str, key: str) -> str:
    """A tooltip that ends with the key which does the same."""
    return f"{tip}\nKey: {key}"


def plural(count: int, noun: str) -> str:
    """Such as ``1 scene`` or ``2 scenes``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def frames_per_second(fps: float, *, digits: int = 0) -> str:
    """Such as ``30 fps``."""
    return f"{fps:.{digits}f} fps"


def pictures_per_second(fps: float) -> str:
    """Such as ``30 pictures a second``, in a sentence."""
    return f"{plural(round(fps), 'picture')} a second"


def seconds(amount: float) -> str:
    """Such as ``0.7 s``."""
    return f"{amount:.1f} s"


def milliseconds(amount: float) -> str:
    """Such as ``33 ms``."""
    return f"{amount:.0f} ms"


def lag_of(level: str) -> str:
    """Caption of the lag of a style level."""
    return f"{level} lag"


def beats_per_minute(tempo: float) -> str:
    """Such as ``128 BPM``."""
    return f"{tempo:.0f} BPM"


def at_work(what: str) -> str:
    """Something is being done."""
    return f"{what}…"
