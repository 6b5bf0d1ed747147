"""Every slider, whatever it turns."""

from __future__ import annotations


def tip(what: str, low: str, high: str, unit: str) -> str:
    """What it does, its range, and how it is turned."""
    reach = f"{low} to {high} {unit}".rstrip()
    return f"{what}\n{reach}. Wheel, arrows or type; double-click or Delete resets."


def value_of(name: str) -> str:
    """The field beside the slider."""
    return f"{name}, value"
