"""An iterator that works on a thread of its own, a little ahead of whoever takes.

In: any iterator.  Out: its items in order.  Thread: the caller takes; ``ahead`` runs the iterator
from its first item to its end, and ends when nobody takes any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import Generic, TypeVar

T = TypeVar("T")
LOOK_S = 0.1  # how often a thread that waits looks whether it is still wanted


class Ahead(Generic[T]):
    """Iterate over it once; close it where that may end early."""

    def __init__(self, items: Iterator[T], *, most: int) -> None:
        """Begin at once; at most ``most`` items wait."""
        self._made: Queue[tuple[T] | None] = Queue(most)
        self._unwanted = Event()
        self._trouble: BaseException | None = None
        self._thread = Thread(target=self._work, args=(items,), name="ahead")
        self._thread.start()

    def __iter__(self) -> Iterator[T]:
        """Every item; the iterator's error comes where it was raised, after all items before it."""
        while (item := self._made.get()) is not None:
            yield item[0]
        self._thread.join()
        if self._trouble is not None:
            raise self._trouble

    def close(self) -> None:
        """Let the iterator end after the item that it works on."""
        self._unwanted.set()
        self._thread.join()

    def _work(self, items: Iterator[T]) -> None:
        try:
            for item in items:
                if not self._put((item,)):
                    return
        except BaseException as error:  # noqa: BLE001  (raised again on the caller's thread)
            self._trouble = error
        self._put(None)

    def _put(self, item: tuple[T] | None) -> bool:
        """Whether it was wanted."""
        while not self._unwanted.is_set():
            try:
                self._made.put(item, timeout=LOOK_S)
            except Full:
                continue
            return True
        return False
