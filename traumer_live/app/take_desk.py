"""The desk's part for takes: how good the next one is, what the disk holds, which ones were kept.

In: the running Show, the folder for takes.  Out: signals with what was found.  Thread: GUI; disks
are asked, and movies looked into, on a worker of its own, since a slow disk may take its time.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from traumer_live.app.errands import Errands
from traumer_live.engine.show import Show
from traumer_live.engine.status import ShowStatus
from traumer_live.video.encoders import probe_hardware_encoder
from traumer_live.video.qualities import TakeWish
from traumer_live.video.take_list import KeptTake, last_takes, look_at

MOST = 5  # takes that are listed
DISK_MS = 2000


class TakeDesk(QObject):
    """Stands between the record card, the disk and the Show."""

    changed = pyqtSignal()  # the kept takes, the wish, or what the hardware can
    failed = pyqtSignal(str)  # one sentence

    def __init__(self, show: Show, folder: Callable[[], Path]) -> None:
        super().__init__()
        self._show = show
        self._folder = folder
        self._errands = Errands()
        self._errands.failed.connect(self.failed)
        self.kept: tuple[KeptTake, ...] = ()  # newest first
        self.disk_free = 0  # bytes where takes go; 0 while nobody knows
        self.hardware = ""  # the encoder of a graphics card that was proved to work
        self._running: Path | None = None  # the take that is written now
        self._asking = False  # the disk has not answered yet
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._ask_disk)

    @property
    def wish(self) -> TakeWish:
        """How the next take is encoded."""
        return self._show.take_wish

    def start(self) -> None:
        """Begin to look after the disk; list what is there."""
        self._timer.start(DISK_MS)
        self._ask_disk()
        self._errands.run(probe_hardware_encoder, self._probed)
        self.read()

    def close(self) -> None:
        """Stop looking; finish what was begun."""
        self._timer.stop()
        self._errands.close()
        del self._show, self._folder  # nothing may keep the show

    def want(self, *, quality: str | None = None, hardware: bool | None = None) -> None:
        """Encode the next take so; the running one stays as it is."""
        wish = self._show.take_wish
        if quality is not None:
            wish = replace(wish, quality=quality)
        if hardware is not None:
            wish = replace(wish, hardware=hardware)
        self._show.take_wish = wish
        self.changed.emit()

    def follow(self, status: ShowStatus) -> None:
        """Look into the folder again when a take has ended."""
        running = status.recording.path if status.recording else None
        ended, self._running = self._running, running
        if ended is not None and running != ended:
            self.read()

    def read(self) -> None:
        """List the last takes anew."""
        folder, running = self._folder(), self._running
        known = {(take.path, take.changed_s): take for take in self.kept}
        self._errands.run(lambda: _looked_at(folder, running, known), self._found)

    def _found(self, takes: tuple[KeptTake, ...]) -> None:
        if takes != self.kept:
            self.kept = takes
            self.changed.emit()

    def _ask_disk(self) -> None:
        if self._asking:
            return
        self._asking = True
        folder = self._folder()
        self._errands.run(lambda: free_bytes(folder), self._answered)

    def _answered(self, free: int) -> None:
        self._asking = False
        self.disk_free = free

    def _probed(self, encoder: str | None) -> None:
        self.hardware = encoder or ""
        self.changed.emit()


def free_bytes(folder: Path) -> int:
    """What is free where ``folder`` is or would be made; 0 when nobody knows."""
    for place in (folder, *folder.parents):
        try:
            return shutil.disk_usage(place).free
        except OSError:
            continue
    return 0


def _looked_at(
    folder: Path, running: Path | None, known: dict[tuple[Path, float], KeptTake]
) -> tuple[KeptTake, ...]:
    """The last takes of ``folder``, those that are ``known`` without opening them again."""
    paths = [path for path in last_takes(folder, MOST + 1) if path != running]
    found = []
    for path in paths[:MOST]:
        try:
            take = known.get((path, path.stat().st_mtime)) or look_at(path)
        except OSError:
            continue  # deleted meanwhile
        if take is not None:
            found.append(take)
    return tuple(found)
