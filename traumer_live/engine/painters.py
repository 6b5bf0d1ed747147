"""Several copies of one generator paint at once, for movies that no clock waits for.

In: thoughts in order.  Out: each with its picture, in the same order.  Thread: the caller's hands
in and takes out; every painter has a thread of its own.

Each copy computes on one core, so a picture is the same whatever the number of painters, and
runtimes gain far more by two pictures at once than by two threads in one. A graphics card, or a
graph that cannot be copied, paints alone.
"""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Protocol, TypeVar

from traumer_live.core.types import Array, Pixels
from traumer_live.synthesis.candidates import candidate_of
from traumer_live.synthesis.generator import Generator
from traumer_live.synthesis.loading import sibling

MOST = 8  # painters; each holds the weights once more
ON_THE_PROCESSOR = (("CPUExecutionProvider",), ("CPU",))  # providers that compute on cores
AHEAD = 2  # pictures under way for each painter: the next waits while one is taken away


class Asked(Protocol):
    """What a picture is made of."""

    @property
    def w_plus(self) -> Array:
        """(num_ws, w_dim)."""

    @property
    def noise_gain(self) -> float:
        """Strength of the generator's grain."""


A = TypeVar("A", bound=Asked)


class Painters:
    """A pool of equal generators."""

    def __init__(self, generator: Generator, cores: int) -> None:
        """Copy ``generator`` for so many cores, as far as that makes sense."""
        self._free: queue.SimpleQueue[Generator] = queue.SimpleQueue()
        copies = _copies(generator, min(cores, MOST))
        self.count = len(copies)
        for copy in copies:
            self._free.put(copy)
        self._pool = ThreadPoolExecutor(self.count, thread_name_prefix="painter")

    def paint(self, thoughts: Iterable[A]) -> Iterator[tuple[A, Pixels]]:
        """Each thought with its picture; only a few are taken ahead of what is asked for."""
        under_way: deque[tuple[A, Future[Pixels]]] = deque()
        for thought in thoughts:
            under_way.append((thought, self._pool.submit(self._one, thought)))
            if len(under_way) > AHEAD * self.count:
                yield _done(under_way)
        while under_way:
            yield _done(under_way)

    def close(self) -> None:
        """Let go; what nobody waits for any more is not painted."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> Painters:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _one(self, thought: Asked) -> Pixels:
        generator = self._free.get()
        try:
            return generator.synthesize(thought.w_plus, noise_gain=thought.noise_gain)
        finally:
            self._free.put(generator)


def _done(under_way: deque[tuple[A, Future[Pixels]]]) -> tuple[A, Pixels]:
    thought, picture = under_way.popleft()
    return thought, picture.result()


def _copies(generator: Generator, wanted: int) -> list[Generator]:
    """So many generators that compute the same on one core each; else the one there is."""
    info = generator.info
    if generator.source is None or info.providers not in ON_THE_PROCESSOR:
        return [generator]
    backend = candidate_of(info).backend
    first = generator if info.threads == 1 else sibling(generator, backend, 1)
    return [first, *(sibling(generator, backend, 1) for _ in range(wanted - 1))]
