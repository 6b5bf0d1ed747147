"""How the picture is shown at one moment, and how strongly it answers the sound.

In: a Pulse and the operator's wishes.  Out: LookState and the numbers the shaders take.
Thread: any; everything here is immutable or a plain number, except Fade, which has one owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from traumer_live.core.types import Pulse

Fit: TypeAlias = Literal["mirror", "fit", "crop"]
Size: TypeAlias = tuple[int, int]  # width, height in pixels

SILENCE = Pulse()

# At full strength. An onset lifts mid-grey by a sixteenth: felt, and far below the tenth of full
# luminance from which WCAG 2.3.1 counts a flash.
_BASS_ZOOM = 0.035  # part of the picture's width
_ONSET_LIFT = 0.25
_ONSET_SATURATION = 0.18


@dataclass(frozen=True)
class LookState:
    """Everything the look chain is told for one drawing."""

    fit: Fit = "mirror"
    pulse: Pulse = SILENCE
    pulse_strength: float = 0.0  # 0 off (Paper) .. 1 full
    vignette: float = 0.0  # 0 none .. 1 black corners
    crossfade: float = 1.0  # 1 newest picture only
    blackout: float = 0.0  # 0 shown .. 1 black
    freeze: bool = False  # keep the picture of this moment
    time_s: float = 0.0  # seconds, any origin

    @property
    def zoom(self) -> float:
        """Below 1 the picture comes closer; breathes with the bass."""
        return 1.0 - _BASS_ZOOM * self.pulse_strength * self.pulse.bass

    @property
    def lift(self) -> float:
        """How far an onset raises the mid-tones."""
        return _ONSET_LIFT * self.pulse_strength * self.pulse.onset

    @property
    def saturation(self) -> float:
        """How far an onset raises the colours."""
        return 1.0 + _ONSET_SATURATION * self.pulse_strength * self.pulse.onset

    @property
    def light(self) -> float:
        """What the blackout leaves."""
        return 1.0 - min(max(self.blackout, 0.0), 1.0)


class Fade:
    """A value in 0..1 that walks to where a switch stands: blackouts fade, they do not cut."""

    def __init__(self, seconds: float = 0.6) -> None:
        self._seconds = seconds
        self._value = 0.0
        self._then: float | None = None

    def toward(self, on: bool, *, now_s: float) -> float:
        """The value at ``now_s`` with the switch ``on`` or off since the last call."""
        step = 0.0 if self._then is None else max(now_s - self._then, 0.0) / self._seconds
        self._then = now_s
        step = step if on else -step
        self._value = min(max(self._value + step, 0.0), 1.0)
        return self._value


def span(picture: Size, output: Size, *, fit: Fit) -> tuple[float, float]:
    """Width and height of the output, counted in pictures.

    >>> span((256, 256), (1280, 720), fit="mirror")
    (1.7777777777777777, 1.0)
    >>> span((256, 256), (1280, 720), fit="crop")
    (1.0, 0.5625)
    """
    ratio = (output[0] / output[1]) / (picture[0] / picture[1])
    whole = ratio >= 1.0  # the output is wider than the picture
    if fit == "crop":
        whole = not whole
    return (ratio, 1.0) if whole else (1.0, 1.0 / ratio)


def letterbox(picture: Size, window: Size) -> tuple[int, int, int, int]:
    """The viewport (x, y, width, height) that shows a whole picture centred in a window.

    >>> letterbox((1280, 720), (800, 600))
    (0, 75, 800, 450)
    """
    scale = min(window[0] / picture[0], window[1] / picture[1])
    width, height = max(round(picture[0] * scale), 1), max(round(picture[1] * scale), 1)
    return (window[0] - width) // 2, (window[1] - height) // 2, width, height
