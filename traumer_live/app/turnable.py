"""What a slider must know of the number that it turns.

In: ranges and defaults of the controls.  Out: frozen descriptions.  Thread: any; no widget here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from traumer_live.app.texts.common import Words
from traumer_live.core.controls import RANGES, Controls

_DEFAULTS = Controls()


@dataclass(frozen=True)
class Turnable:
    """How one number of the controls is shown."""

    control: str  # its name in Controls
    name: str
    low: float
    high: float
    default: float
    unit: str
    tip: str
    scale: float = 1.0  # shown value / control value, 100 for per cent
    digits: int = 2
    steps: int = 100  # from low to high
    in_octaves: bool = False  # twice as much is the same way everywhere; low must be above 0

    @property
    def neutral(self) -> float:
        """Where nothing is done: 0 or once where the range lies on both sides of it."""
        if self.unit == "×" and self.in_octaves and self.low < 1.0 < self.high:
            return 1.0
        return 0.0 if self.low < 0.0 < self.high else self.low

    def place(self, value: float) -> int:
        """The slider's step that stands for ``value``."""
        if self.in_octaves:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return round(share * self.steps)

    def value(self, place: int) -> float:
        """What the slider's step ``place`` stands for."""
        share = place / self.steps
        if self.in_octaves:
            return float(self.low * (self.high / self.low) ** share)
        return self.low + (self.high - self.low) * share


def turnable(
    control: str,
    words: Words,
    unit: str,
    *,
    scale: float = 1.0,
    digits: int = 2,
    steps: int = 100,
    in_octaves: bool = False,
) -> Turnable:
    """A number of the controls, with its range and default from there."""
    low, high = RANGES[control]
    default = getattr(_DEFAULTS, control)
    return Turnable(
        control,
        words.name,
        low,
        high,
        default,
        unit,
        words.tip,
        scale,
        digits,
        steps,
        in_octaves=in_octaves,
    )


def shown(value: float, what: Turnable) -> str:
    """``value`` as it stands beside the slider, with a real minus sign."""
    number = f"{value * what.scale:.{what.digits}f}"
    return (number[1:] if float(number) == 0 and number[0] == "-" else number).replace("-", "−")
