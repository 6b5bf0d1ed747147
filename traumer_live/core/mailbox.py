"""A mailbox for one value between two threads: the newest wins, what is lost is counted.

In: values from a producer thread.  Out: the newest of them, once.  Thread: any two.
"""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """Holds at most one value; a value that nobody took before the next came is dropped."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._value: T | None = None
        self._closed = False
        self.dropped = 0

    def put(self, value: T) -> None:
        """Leave ``value`` for the taker; never waits."""
        with self._changed:
            self.dropped += self._value is not None
            self._value = value
            self._changed.notify()

    def take(self, timeout: float = 0.0) -> T | None:
        """The newest value, or None when none came within ``timeout`` seconds or after close()."""
        with self._changed:
            if self._value is None and timeout > 0 and not self._closed:
                self._changed.wait(timeout)
            value, self._value = self._value, None
            return value

    def peek(self) -> T | None:
        """The newest value that nobody took yet; it stays."""
        return self._value

    def close(self) -> None:
        """Wake the taker for good; later takes no longer wait."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
