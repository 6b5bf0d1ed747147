"""Ticks at another rate than thirty a second: those between two of them are blended.

In: what happened at each tick, in order; a rate.  Out: the same kind of thing at that rate.
Thread: any; a generator, which reads one tick ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from traumer_live.core.types import SAMPLES_PER_TICK, SHOW_RATE
from traumer_live.engine.mind import Thought

T = TypeVar("T")


def at_rate(
    ticks: Iterable[T],
    fps: int,
    *,
    thought: Callable[[T], Thought],
    blend: Callable[[T, T, float], T],
    start: int = 0,
    end: int | None = None,
) -> Iterator[T]:
    """``ticks`` at ``fps`` a second from show time ``start`` to ``end``, by default the last one's.

    A tick is seen from its first sample on. ``blend`` gives what lies a share (0..1) of the way to
    the next.
    """

    def begins(tick: T) -> int:
        return thought(tick).sample_index - SAMPLES_PER_TICK

    number, before = 0, None
    for after in ticks:
        while before is not None and (time := start + number * SHOW_RATE / fps) < begins(after):
            share = (time - begins(before)) / SAMPLES_PER_TICK
            yield blend(before, after, min(max(share, 0.0), 1.0))
            number += 1
        before = after
    if before is None:
        return
    end = thought(before).sample_index if end is None else end
    while start + number * SHOW_RATE / fps < end:
        yield before
        number += 1


def blended(before: Thought, after: Thought, share: float) -> Thought:
    """``share`` of the way from one thought to the next; exactly the first at 0."""
    if share == 0.0:
        return before
    w_plus = before.w_plus + before.w_plus.dtype.type(share) * (after.w_plus - before.w_plus)
    gain = before.noise_gain + share * (after.noise_gain - before.noise_gain)
    return replace(before, w_plus=w_plus, noise_gain=gain)
