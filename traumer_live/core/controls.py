"""What may be turned while the show runs.

In: changes from windows, keys or the command line.  Out: one immutable snapshot per reader.
Thread: any; a change replaces one reference, so that nobody ever sees half of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
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
    energy: float = 1.0  # 0..2; of all that moves by the pulse or of itself, looks included
    drift: float = 0.0  # 0..1; how far a slow walk of its own leads the picture off the music
    coarse_speed: float = 1.0  # 0.25..4; how fast each level follows the music
    middle_speed: float = 1.0
    fine_speed: float = 1.0
    fit: Fit = "mirror"  # how a square picture fills the screen
    screen: ScreenFit = "bars"  # on a screen of another shape: black bars, or edges cut off
    look: str = "plain"  # name of a look, see shaders/README.md
    look_amount: float = 1.0  # 0..1; how much of the look is laid over the picture
    look_knobs: dict[str, float] = field(default_factory=dict)  # "look/step.knob" -> value
    zoom: float = 1.0  # 0.5..3; above 1 comes closer, whatever the look does
    hue: float = 0.0  # -180..180 degrees by which all colours turn
    blackout: bool = False
    fade: bool = False  # slowly to black, or back
    fade_s: float = 4.0  # 0.1..60; how long a fade takes
    frozen: bool = False  # the picture stands still, the music goes on being heard
    safe: bool = False  # the safe scene, see ``safe_scene``
    limiter: bool = True  # holds back what would flash, see docs/safety.md
    hud: bool = False
    # Of the room: what the ears are given, and when. No scene changes these.
    gain_db: float = 0.0  # -24..36; before the ears, takes keep the sound as it came
    auto_gain: bool = False  # finds the gain by itself
    gate: bool = False  # what is no louder than ``noise_floor`` is silence
    noise_floor: str = ""  # dB of each band of the learned noise; empty: nothing was learned
    latency_ms: float = 0.0  # -500..500; above 0 pictures come later, see docs/sound.md


OF_THE_ROOM = frozenset(("gain_db", "auto_gain", "gate", "noise_floor", "latency_ms"))
SAFE_PULSE = 0.15
SAFE_PSI = 0.6

RANGES: dict[str, tuple[float, float]] = {
    "pulse_strength": (0.0, 1.0),
    "truncation_psi": (0.0, 1.2),
    "noise_gain": (0.0, 3.0),
    "energy": (0.0, 2.0),
    "drift": (0.0, 1.0),
    "coarse_speed": (0.25, 4.0),
    "middle_speed": (0.25, 4.0),
    "fine_speed": (0.25, 4.0),
    "look_amount": (0.0, 1.0),
    "zoom": (0.5, 3.0),
    "hue": (-180.0, 180.0),
    "fade_s": (0.1, 60.0),
    "gain_db": (-24.0, 36.0),
    "latency_ms": (-500.0, 500.0),
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
    for name, value in controls.look_knobs.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise SettingsError(f"The knob {name} is {value!r}, which is not a number.")
    return controls


def safe_scene(controls: Controls) -> Controls:
    """A calm, known-good state: the default look, little energy, the flash limiter on.

    Blackout, fade and freeze are left as they are: black must be reachable from anywhere.
    """
    calm = Controls()
    return replace(
        controls,
        look=calm.look,
        look_amount=calm.look_amount,
        look_knobs={},
        zoom=calm.zoom,
        hue=calm.hue,
        fit=calm.fit,
        pulse_strength=min(controls.pulse_strength, SAFE_PULSE),
        truncation_psi=min(controls.truncation_psi, SAFE_PSI),
        noise_gain=min(controls.noise_gain, calm.noise_gain),
        energy=min(controls.energy, calm.energy),
        coarse_speed=min(controls.coarse_speed, calm.coarse_speed),
        middle_speed=min(controls.middle_speed, calm.middle_speed),
        fine_speed=min(controls.fine_speed, calm.fine_speed),
        limiter=True,
    )


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

    @property
    def played(self) -> Controls:
        """What the show goes by: the present snapshot, or the safe scene over it."""
        return safe_scene(self._controls) if self._controls.safe else self._controls

    def change(self, **values: Any) -> Controls:
        """Replace some fields, tell the observers, and return the new snapshot.

        Raises:
            SettingsError: a value is unknown or out of range; nothing is changed then.
        """
        unknown = values.keys() - {known.name for known in fields(Controls)}
        if unknown:
            raise SettingsError(f"There is no control named {', '.join(sorted(unknown))}.")
        with self._changing:
            self._controls = controls = checked(replace(self._controls, **values))
        for tell in self._observers:
            tell(self._controls)  # of two changes at once whoever tells last tells the newest
        return controls

    def toggle(self, name: str) -> Controls:
        """Turn a yes/no control over."""
        return self.change(**{name: not getattr(self._controls, name)})

    def toggle_safe(self) -> Controls:
        """Into the safe scene, out of any blackout, fade or freeze; or back to what was turned."""
        if self._controls.safe:
            return self.change(safe=False)
        return self.change(safe=True, blackout=False, fade=False, frozen=False)

    def observe(self, tell: Callable[[Controls], None]) -> None:
        """Call ``tell`` with the new snapshot after every change, on the changing thread."""
        self._observers.append(tell)
