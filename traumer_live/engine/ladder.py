"""How much detail this machine can carry right now: the ladder of a generator that is too big.

In: milliseconds of every picture and host time.  Out: the rung to paint the next one on.
Thread: dreams. No clock inside, so a test plays any hour of it.

From the top: the whole picture at every tick; one of half its sides at every tick; key frames that
fade into each other at display rate, at least eight a second, then at least two; at last slow
dreams, as fast as the smallest sensible picture comes. Motion stays on the audio clock throughout.

Going down takes half a second of being late: a hiccup costs a late picture, a change of size costs
more of them. The first two seconds of a generator do not count, beside which windows open, shaders
are compiled, or a former generator ends. Climbing takes seconds of seeming able to, and each climb
that fails doubles the wait, so that the picture does not breathe between two sizes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from traumer_live.core.types import TICK_RATE
from traumer_live.synthesis.generator import smallest_exit

LIVE_MS = 0.9 * 1000 / TICK_RATE  # a picture at every tick, with a little left
MANY_KEYS_MS = 125.0
FEW_KEYS_MS = 500.0  # two key frames a second still follow the music
SLACK = 1.2  # how far a rung may be late before it is left
ROOM = 0.8  # a better rung must seem to need less than this part of what it may
PATIENCE_S = 4.0  # of seeming able to climb
LONGEST_PATIENCE_S = 120.0
FELL_SOON_S = 20.0  # a climb that is undone within this had failed
LATE_S = 0.5  # of being late, the picture that betrays it included, before a rung is left
BEGIN_S = 2.0  # from when the first picture of all was begun
SETTLE_S = 0.3  # after a change of size, whose first pictures are no measure
AGAIN_S = 10.0  # until a size that could not be had is asked for again
ENOUGH = 3  # pictures before their average says anything
OUTLIER = 4.0  # times the average
MEMORY_MS = 300.0  # of painting that the average remembers


@dataclass(frozen=True)
class Rung:
    """What to paint: the size to stop at, and how long it may take."""

    resolution: int
    limit_ms: float

    @property
    def keyed(self) -> bool:
        """Whether pictures are key frames that fade into each other."""
        return self.limit_ms > LIVE_MS


class Ladder:
    """Chooses a rung from what pictures cost."""

    def __init__(self, exits: Sequence[int], work: Sequence[float]) -> None:
        self._work = dict(zip(exits, work, strict=True))
        self._rungs = _rungs(exits)  # the best first
        self._patience_s = PATIENCE_S
        self._able_since: float | None = None
        self._climbed_at = -math.inf
        self._settled_at: float | None = None  # once the first picture was made
        self._late_since: float | None = None
        self._count = 0  # pictures in the average
        self._refused: dict[int, float] = {}  # sizes that cannot be had, and until when
        self.average_ms = 0.0  # what pictures of this rung cost
        self.rung = self._rungs[0]

    def start_at(self, resolution: int, expected_ms: float) -> None:
        """Begin with what a picture of this size is expected to cost.

        What is known may be of a busy hour that made pictures small: where a better rung seems to
        fit with room, begin there.
        """
        self.average_ms = expected_ms
        here = [rung for rung in self._rungs if rung.resolution == resolution]
        fitting = [rung for rung in here if expected_ms <= rung.limit_ms]
        self.rung = (fitting or here or self._rungs[-1:])[0]
        better = self._best(ROOM, -math.inf) if here else self.rung
        if self._rungs.index(better) < self._rungs.index(self.rung):
            self.average_ms, self.rung = self.expected_ms(better.resolution), better

    def painted(self, milliseconds: float, now_s: float) -> None:
        """A picture of the present rung was made; choose the rung of the next one."""
        if self._settled_at is None:
            self._settled_at = now_s - milliseconds / 1000 + BEGIN_S
        if now_s < self._settled_at:
            return
        self._count += 1
        if self._count == 1:
            self.average_ms = milliseconds
        share = min(max(self.average_ms / MEMORY_MS, 0.1), 0.5)
        counted = min(milliseconds, OUTLIER * self.average_ms)  # one that is very late is one
        self.average_ms += share * (counted - self.average_ms)
        if self._count >= ENOUGH:
            self._weigh(now_s)

    def refused(self, resolution: int, painted: int, now_s: float) -> None:
        """Pictures of ``resolution`` cannot be had for a while; those of ``painted`` go on."""
        self._refused[resolution] = now_s + AGAIN_S
        if self.rung.resolution == resolution:
            here = [rung for rung in self._rungs if rung.resolution == painted]
            cost = self.expected_ms(painted)
            self._take(next((r for r in here if cost <= SLACK * r.limit_ms), here[-1]), now_s)

    def expected_ms(self, resolution: int) -> float:
        """What a picture of another size would cost now."""
        return self.average_ms * self._work[resolution] / self._work[self.rung.resolution]

    def _weigh(self, now_s: float) -> None:
        if self.average_ms > SLACK * self.rung.limit_ms:
            self._able_since = None
            if self._late_since is None:
                self._late_since = now_s - self.average_ms / 1000
            if now_s - self._late_since >= LATE_S:
                self._go_down(now_s)
            return
        self._late_since = None
        better = self._best(ROOM, now_s)
        if self._rungs.index(better) >= self._rungs.index(self.rung):
            self._able_since = None
            return
        self._able_since = now_s if self._able_since is None else self._able_since
        if now_s - self._able_since >= self._patience_s:
            self._climbed_at = now_s
            self._take(better, now_s)

    def _go_down(self, now_s: float) -> None:
        fell_soon = now_s - self._climbed_at < FELL_SOON_S
        self._patience_s = (
            min(2 * self._patience_s, LONGEST_PATIENCE_S) if fell_soon else PATIENCE_S
        )
        lower = self._best(1.0, now_s)
        if self._rungs.index(lower) > self._rungs.index(self.rung):
            self._take(lower, now_s)

    def _take(self, rung: Rung, now_s: float) -> None:
        if rung.resolution != self.rung.resolution:
            self.average_ms = self.expected_ms(rung.resolution)
            self._settled_at, self._count = now_s + SETTLE_S, 0
        self._able_since = self._late_since = None
        self.rung = rung

    def _best(self, room: float, now_s: float) -> Rung:
        """The best rung that can be had and seems to fit into ``room`` of what it may take."""
        there = [r for r in self._rungs if self._refused.get(r.resolution, -math.inf) <= now_s]
        fitting = (r for r in there if self.expected_ms(r.resolution) <= room * r.limit_ms)
        return next(fitting, there[-1] if there else self.rung)


def _rungs(exits: Sequence[int]) -> list[Rung]:
    """Everything that can be painted, the best first."""
    whole = exits[-1]
    smallest = smallest_exit(exits)
    rungs = [
        Rung(resolution, limit)
        for limit, floor in (
            (LIVE_MS, whole // 2),
            (MANY_KEYS_MS, whole // 4),
            (FEW_KEYS_MS, 0),
        )
        for resolution in reversed(exits)
        if resolution >= max(floor, smallest)
    ]
    return [*rungs, Rung(smallest, math.inf)]


def described(rung: Rung, average_ms: float) -> str:
    """The rung for people: ``256 px``, ``256 px · 3 keys/s``, ``64 px · slow dreams``."""
    size = f"{rung.resolution} px"
    if not rung.keyed:
        return size
    if rung.limit_ms == math.inf:
        return f"{size} · slow dreams"
    return f"{size} · {1000 / max(average_ms, 1.0):.0f} keys/s"
