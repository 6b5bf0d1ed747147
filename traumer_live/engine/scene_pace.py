"""How fast scenes come: the walk of a crossfade, and when the next one is due.

In: the control board, a pulse, host time.  Out: changed controls, yes or no.  Thread: ``scenes``.
No clock inside, so a test plays any hour of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from traumer_live.core.controls import ControlBoard
from traumer_live.core.types import Pulse

BEATS_IN_A_BAR = 4
SURE = 0.2  # confidence of the tempo below which no beats are counted

By = Literal["hand", "seconds", "bars", "track"]


@dataclass(frozen=True)
class Advance:
    """When the next scene comes by itself."""

    by: By = "hand"
    every: float = 60.0  # seconds or bars
    shuffled: bool = False


class Walk:
    """From how the controls stand to how a scene has them."""

    def __init__(
        self, board: ControlBoard, goal: Mapping[str, Any], seconds: float, now_s: float
    ) -> None:
        self._board = board
        self._seconds = seconds
        self._began_s = now_s
        start = self._board.now
        at_once = {n: v for n, v in goal.items() if not is_number(v)}
        if at_once:
            self._board.change(**at_once)
        self._from = {n: getattr(start, n) for n in goal.keys() - at_once.keys()}
        self._to = {name: goal[name] for name in self._from}
        self._left_at = dict(self._from)  # where this walk left each number

    def step(self, now_s: float) -> bool:
        """Go as far as it is time for; True at the end."""
        share = min((now_s - self._began_s) / self._seconds, 1.0) if self._seconds else 1.0
        eased = share * share * (3 - 2 * share)
        now = self._board.now
        mine = [n for n, value in self._left_at.items() if getattr(now, n) == value]
        self._left_at = {
            n: self._to[n] if share >= 1 else self._from[n] + eased * (self._to[n] - self._from[n])
            for n in mine
        }
        if self._left_at:
            self._board.change(**self._left_at)
        return share >= 1 or not self._left_at


class Since:
    """How much time and music passed since the last change of scene."""

    def __init__(self) -> None:
        self._began_s: float | None = None
        self._beats = 0
        self._phase = 0.0

    def is_over(self, advance: Advance, pulse: Pulse, now_s: float) -> bool:
        """Whether it is time for the next scene; asked thirty times a second."""
        self._began_s = now_s if self._began_s is None else self._began_s
        is_beat = pulse.beat_phase < self._phase - 0.5
        self._phase = pulse.beat_phase
        if is_beat and pulse.confidence >= SURE:
            self._beats += 1
        if advance.by == "bars":
            return self._beats >= advance.every * BEATS_IN_A_BAR
        return now_s - self._began_s >= advance.every


def is_number(value: Any) -> bool:
    """Whether a control's value can walk."""
    return isinstance(value, int | float) and not isinstance(value, bool)
