"""Takes without anybody looking: they roll over, and the oldest of our own make room.

In: the running show, how long and large takes may get.  Out: files, and a list of which are ours.
Thread: main; a take is ended and the next begun on a thread of its own, because that may wait.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from traumer_live.core.errors import OutputError, TraumerError
from traumer_live.core.files import written_atomically
from traumer_live.engine.session_log import ENDING
from traumer_live.engine.show import Show

RETRY_S = 60.0  # after a take that could not go on (disk full)


@dataclass(frozen=True)
class Limits:
    """When a take ends and how much is kept; 0 means without limit."""

    seconds: float = 0.0
    bytes: float = 0.0
    keep_bytes: float = 0.0


class Ledger:
    """The takes that this kiosk wrote, oldest first; only these are ever deleted."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def takes(self) -> list[Path]:
        """Those that are still there."""
        try:
            listed = json.loads(self._path.read_text(encoding="utf-8"))
            return [path for name in listed if (path := Path(name)).is_file()]
        except (OSError, ValueError, TypeError):
            return []

    def add(self, take: Path) -> None:
        """Note that ``take`` is ours; without a note it is simply never deleted."""
        own = [*self.takes(), take.resolve()]
        with suppress(OutputError), written_atomically(self._path) as temporary:
            temporary.write_text(json.dumps([str(path) for path in own]), encoding="utf-8")

    def make_room(self, keep_bytes: float, *, now_writing: Path | None) -> list[Path]:
        """Delete the oldest until the rest has at most ``keep_bytes``; those deleted.

        A take goes with the session log beside it: 34 kB a second of it would fill any disk.
        """
        spared = now_writing.resolve() if now_writing else None
        takes = self.takes()
        sizes = {take: _size_of(take) + _size_of(_log_of(take)) for take in takes}
        total, gone = sum(sizes.values()), []
        for take in takes:
            if total <= keep_bytes:
                break
            if take == spared:
                continue
            with suppress(OSError):
                take.unlink()
                _log_of(take).unlink(missing_ok=True)
                total -= sizes[take]
                gone.append(take)
        return gone


class Takes:
    """Watches over the take of a running kiosk."""

    def __init__(
        self, show: Show, limits: Limits, ledger: Ledger, begin: Callable[[], None]
    ) -> None:
        self._show = show
        self._limits = limits
        self._ledger = ledger
        self._begin = begin  # starts a take, ending the one before
        self._noted: Path | None = None
        self._rolling: threading.Thread | None = None
        self._retry_at = 0.0
        self.wanted = False

    def watch(self, now_s: float) -> None:
        """Look at the take; called a few times a second."""
        if self._rolling is not None and self._rolling.is_alive():
            return
        recorder = self._show.recorder
        if recorder is None:
            self._retry(now_s)
            return
        self._retry_at = now_s + RETRY_S
        status = recorder.status()
        if status.path != self._noted:
            self._noted = status.path
            self._ledger.add(status.path)
            self._make_room()
        if _beyond(status.seconds, self._limits.seconds) or _beyond(
            status.bytes, self._limits.bytes
        ):
            self._roll()

    def close(self) -> None:
        """Wait for a take that is just being changed, so that the next one is ended too."""
        if self._rolling is not None:
            self._rolling.join()

    def _retry(self, now_s: float) -> None:
        if self.wanted and now_s >= self._retry_at:
            self._retry_at = now_s + RETRY_S
            self._make_room()
            self._roll()

    def _make_room(self) -> None:
        if self._limits.keep_bytes:
            self._ledger.make_room(self._limits.keep_bytes, now_writing=self._noted)

    def _roll(self) -> None:
        self._rolling = threading.Thread(target=self._next, name="next-take", daemon=True)
        self._rolling.start()

    def _next(self) -> None:
        try:
            self._begin()
        except TraumerError as error:
            self._show.notices.tell(str(error))


def _log_of(take: Path) -> Path:
    return take.with_suffix(ENDING)


def _size_of(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _beyond(value: float, limit: float) -> bool:
    return limit > 0 and value >= limit
