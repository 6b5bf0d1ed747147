"""What may be turned while the show runs.

In: changes from windows, keys or the command line.  Out: one immutable snapshot per reader.
Thread: any; a change replaces one reference, so that nobody ever sees half of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from traumer_live.core.errors import SettingsError

Preset = Literal["paper", "live", "centred"]
Fit = Literal["mirror", "fit", "crop"]
ScreenFit = Literal["bars", "fill"]


@dataclass(frozen=True)
class Controls:
    """One state of everything that can be turned."""

    preset: Preset = "live"
    pulse_strength: float = 0.6  # 0..1; how strongly the beat shows, ignored by "paper"
    truncation_psi: float = 1.0  # 0..1.2; 0 is the average picture, 1 the full variety
    noise_gain: float = 1.0  # 0..3; strength of the generator's own grain
    fit: Fit = "mirror"  # how a square picture fills the screen
    screen: ScreenFit = "bars"  # on a screen of another shape: black bars, or edges cut off
    blackout: bool = False
    frozen: bool = False  # the picture stands still, the music goes on being heard
    hud: bool = False


RANGES: dict[str, tuple[float, float]] = {
    "pulse_strength": (0.0, 1.0),
    "truncation_psi": (0.0, 1.2),
    "noise_gain": (0.0, 3.0),
}
CHOICES: dict[str, tuple[str, ...]] = {
    "preset": get_args(Preset),
    "fit": get_args(Fit),
    "screen": get_args(ScreenFit),
}


def checked(controls: Controls) -> Controls:
    """``controls`` itself when every value lies in its range.

    Raises:
        SettingsError: a value is unknown or out of range.
    """
    for name, (low, high) in RANGES.items():
        value = getattr(controls, name)
        if not low <= value <= high:
            raise SettingsError(f"{name} is {value}; choose a number from {low:g} to {high:g}.")
    for name, allowed in CHOICES.items():
        value = getattr(controls, name)
        if value not in allowed:
            raise SettingsError(f"{name} is {value!r}; choose one of {', '.join(allowed)}.")
    return controls


class ControlBoard:
    """Holds the present Controls and tells observers of every change."""

    def __init__(self, controls: Controls | None = None) -> None:
        self._controls = checked(controls or Controls())
        self._changing = threading.Lock()
        self._observers: list[Callable[[Controls], None]] = []

    @property
    def now(self) -> Controls:
        """The present snapshot."""
        return self._controls

    def change(self, **values: Any) -> Controls:
        """Replace some fields, tell the observers, and return the new snapshot.

        Raises:
            SettingsError: a value is unknown or out of range; nothing is changed then.
        """
        unknown = values.keys() - {field.name for field in fields(Controls)}
        if unknown:
            raise SettingsError(f"There is no control named {', '.join(sorted(unknown))}.")
        with self._changing:
            self._controls = controls = checked(replace(self._controls, **values))
        for tell in self._observers:
            tell(controls)
        return controls

    def toggle(self, name: str) -> Controls:
        """Turn a yes/no control over."""
        return self.change(**{name: not getattr(self._controls, name)})

    def observe(self, tell: Callable[[Controls], None]) -> None:
        """Call ``tell`` with the new snapshot after every change, on the changing thread."""
        self._observers.append(tell)
