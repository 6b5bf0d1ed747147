"""Writes a take on a thread of its own, so that whoever draws goes on drawing.

In: pictures and sound, in the order in which they shall be written.  Out: the file.
Thread: the caller's hands over and waits only while much is waiting; ``writer`` encodes.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore

from traumer_live.core.types import Array, Pixels
from traumer_live.video.take import Take

AHEAD = 8  # pictures and blocks of sound that may wait


class TakeWriter:
    """A Take behind a queue. An error is raised at the next call, and by ``close``."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._room = BoundedSemaphore(AHEAD)
        self._trouble: BaseException | None = None

    def write_frame(self, pixels: Pixels, slot: int) -> None:
        """As ``Take.write_frame``; the array must not be written into again."""
        self._hand_over(lambda: self._take.write_frame(pixels, slot))

    def write_sound(self, samples: Array) -> None:
        """As ``Take.write_sound``; the array must not be written into again."""
        self._hand_over(lambda: self._take.write_sound(samples))

    def close(self) -> None:
        """Write what waits and close the take.

        Raises:
            OutputError: something could not be written; what was, is kept.
        """
        self._pool.shutdown(wait=True)
        if self._trouble is None:
            self._take.close()
        self._raise_trouble()

    def _hand_over(self, job: Callable[[], None]) -> None:
        self._raise_trouble()
        self._room.acquire()
        self._pool.submit(self._unless_broken, job).add_done_callback(self._finished)

    def _unless_broken(self, job: Callable[[], None]) -> None:
        if self._trouble is None:
            job()

    def _finished(self, job: Future[None]) -> None:
        self._trouble = self._trouble or job.exception()
        self._room.release()

    def _raise_trouble(self) -> None:
        if self._trouble is not None:
            raise self._trouble
