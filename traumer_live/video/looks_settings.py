"""How the knobs of a look stand, and what moves them: time, and the pulse.

In: tables of a look's file.  Out: Steps with their Settings.  Thread: any; nothing draws.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from traumer_live.video.looks_steps import Knob, LookError, StepSource

PULSE_NAMES = ("bass", "mid", "treble", "onset", "loudness", "beat")


@dataclass(frozen=True)
class Moment:
    """What moves a look: time and the strength of the pulse at one drawing, each in 0..1."""

    time_s: float = 0.0
    bass: float = 0.0
    mid: float = 0.0
    treble: float = 0.0
    onset: float = 0.0
    loudness: float = 0.0
    beat: float = 0.0
    energy: float = 1.0  # of what swings of itself


@dataclass(frozen=True)
class Setting:
    """How a knob stands: a value, a slow swing round it, and what the pulse adds."""

    at: float
    swing: float = 0.0
    period_s: float = 60.0
    answers: tuple[tuple[str, float], ...] = ()  # name in a Moment -> added at its full strength

    def value(self, moment: Moment) -> float:
        """Where the knob stands at ``moment``."""
        wave = math.sin(2.0 * math.pi * moment.time_s / self.period_s) if self.swing else 0.0
        pulse = sum(float(getattr(moment, name)) * gain for name, gain in self.answers)
        return self.at + self.swing * moment.energy * wave + pulse


@dataclass(frozen=True)
class Step:
    """One step of one look; ``name`` is unique in the look."""

    name: str
    source: StepSource
    settings: Mapping[str, Setting]

    def values(self, moment: Moment, turned: Mapping[str, float]) -> Iterator[tuple[Knob, float]]:
        """Every knob with its value; ``turned`` ("step.knob") moves the middle of a setting."""
        for knob in self.source.knobs:
            setting = self.settings.get(knob.name) or Setting(knob.default)
            moved = turned.get(f"{self.name}.{knob.name}", setting.at) - setting.at
            yield knob, knob.clamp(setting.value(moment) + moved)


def read_settings(name: str, source: StepSource, table: Any, file: str) -> Step:
    """The step ``name`` as ``table`` of ``file`` sets it.

    Raises:
        LookError: the table speaks of something that the step does not have.
    """
    if not isinstance(table, dict):
        raise LookError(f"{file}: {name} is not a table.")
    settings = {}
    for key, value in table.items():
        knob = source.knob(key)
        if knob is None:
            known = ", ".join(knob.name for knob in source.knobs) or "none"
            raise LookError(f"{file}: {name} has no knob {key!r}; it has {known}.")
        settings[key] = _setting(value, knob, f"{file}: {name}.{key}")
    return Step(name, source, settings)


def _setting(value: Any, knob: Knob, where: str) -> Setting:
    table = dict(value) if isinstance(value, dict) else {"at": value}
    for key, number in table.items():
        if key not in ("at", "swing", "period_s", *PULSE_NAMES):
            raise LookError(
                f"{where} speaks of {key!r}; it may hold at, swing, period_s, "
                f"{', '.join(PULSE_NAMES)}."
            )
        if isinstance(number, bool) or not isinstance(number, int | float) or number != number:
            raise LookError(f"{where} is {number!r}, which is not a number.")
    at = float(table.get("at", knob.default))
    if at != knob.clamp(at):
        raise LookError(f"{where} is {at:g}; choose {knob.low:g} to {knob.high:g}.")
    period_s = float(table.get("period_s", 60.0))
    if not period_s > 0:
        raise LookError(f"{where} has a period of {period_s:g} s; it must be above 0.")
    answers = tuple((name, float(table[name])) for name in PULSE_NAMES if table.get(name))
    return Setting(at, float(table.get("swing", 0.0)), period_s, answers)
