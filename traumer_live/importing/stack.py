"""The values that a pickle has made and not used yet.

In: inert values.  Out: the same, last in first out; SafeLoadError where they are missing.
Thread: any.
"""

from __future__ import annotations

from typing import Any

from traumer_live.importing.errors import SafeLoadError


class _Mark:
    """Where the last MARK stood."""


_MARK = _Mark()


class Stack:
    """Values and marks; a mark is never given out as a value."""

    def __init__(self) -> None:
        self._values: list[Any] = []

    def __len__(self) -> int:
        return len(self._values)

    def push(self, value: Any) -> None:
        """One more value."""
        self._values.append(value)

    def mark(self) -> None:
        """Remember this place."""
        self._values.append(_MARK)

    def drop(self) -> None:
        """Throw the topmost value or mark away."""
        self._values.pop()

    def top(self) -> Any:
        """The topmost value, which stays."""
        return self._checked(self._values[-1])

    def pop(self) -> Any:
        """The topmost value, which goes."""
        return self._checked(self._values.pop())

    def pop_to_mark(self) -> list[Any]:
        """All values above the last mark, which goes too."""
        for at in range(len(self._values) - 1, -1, -1):
            if self._values[at] is _MARK:
                values = self._values[at + 1 :]
                del self._values[at:]
                return values
        raise SafeLoadError("It is damaged: a mark is missing.")

    def only(self) -> Any:
        """The one value that is left when a pickle stops."""
        if len(self._values) != 1:
            raise SafeLoadError("It is damaged: it does not end with one value.")
        return self._checked(self._values[0])

    @staticmethod
    def _checked(value: Any) -> Any:
        if value is _MARK:
            raise SafeLoadError("It is damaged: a value is missing.")
        return value
