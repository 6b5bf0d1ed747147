"""How the picture is shown at one moment, and how strongly it answers the sound.

In: a Pulse and the operator's wishes.  Out: LookState, and the Moment that moves a look's knobs.
Thread: any; everything here is immutable or a plain number, except Fade, which has one owner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from traumer_live.core.types import Pulse
from traumer_live.video.looks import BARE_LOOK, Moment

Fit: TypeAlias = Literal["mirror", "fit", "crop"]
Size: TypeAlias = tuple[int, int]  # width, height in pixels

SILENCE = Pulse()


@dataclass(frozen=True)
class LookState:
    """Everything the look chain is told for one drawing."""

    look: str = BARE_LOOK  # name of a look in the library
    amount: float = 1.0  # 0 the picture as generated .. 1 the whole look
    turned: Mapping[str, float] = field(
        default_factory=dict
    )  # "step.knob" -> where the operator set it
    fit: Fit = "mirror"
    zoom: float = 1.0  # above 1 comes closer, whatever the look does
    hue: float = 0.0  # degrees by which all colours turn
    pulse: Pulse = SILENCE
    pulse_strength: float = 0.0  # 0 off (Paper) .. 1 full
    energy: float = 1.0  # 0 nothing moves .. 2 everything moves twice as far
    crossfade: float = 1.0  # 1 newest picture only
    blackout: float = 0.0  # 0 shown .. 1 black
    freeze: bool = False  # keep the picture of this moment
    time_s: float = 0.0  # seconds, any origin
    limit_flashes: bool = False  # the show turns it on, see Controls

    @property
    def light(self) -> float:
        """What the blackout leaves."""
        return 1.0 - min(max(self.blackout, 0.0), 1.0)

    @property
    def moment(self) -> Moment:
        """What moves the look now: the pulse, as strong as it is wanted."""
        pulse = self.pulse
        return Moment(
            time_s=self.time_s,
            bass=self._answer(pulse.bass),
            mid=self._answer(pulse.mid),
            treble=self._answer(pulse.treble),
            onset=self._answer(pulse.onset),
            loudness=self._answer(pulse.loudness),
            beat=self._answer(pulse.confidence * (1.0 - pulse.beat_phase) ** 3),
            energy=self.energy,
        )

    def _answer(self, part: float) -> float:
        """A part of the pulse as the look is told it; shaders count on 0..1."""
        return min(self.pulse_strength * self.energy * part, 1.0)


class Fade:
    """A value in 0..1 that walks to where a switch stands: blackouts fade, they do not cut."""

    def __init__(self, seconds: float = 0.6) -> None:
        self._seconds = seconds
        self._value = 0.0
        self._then: float | None = None

    def toward(self, on: bool, *, now_s: float, seconds: float | None = None) -> float:
        """The value at ``now_s`` with the switch ``on`` or off since the last call.

        ``seconds`` is how long the whole way takes; None: as made.
        """
        passed = 0.0 if self._then is None else max(now_s - self._then, 0.0)
        step = passed / (seconds or self._seconds)
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


def letterbox(picture: Size, window: Size, *, fill: bool = False) -> tuple[int, int, int, int]:
    """The viewport (x, y, width, height) that shows a picture centred in a window.

    The whole picture with bars beside it; with ``fill`` a viewport beyond the window's edges.

    >>> letterbox((1280, 720), (800, 600))
    (0, 75, 800, 450)
    >>> letterbox((1280, 720), (800, 600), fill=True)
    (-134, 0, 1067, 600)
    """
    scales = (window[0] / picture[0], window[1] / picture[1])
    scale = max(scales) if fill else min(scales)
    width, height = max(round(picture[0] * scale), 1), max(round(picture[1] * scale), 1)
    return (window[0] - width) // 2, (window[1] - height) // 2, width, height
