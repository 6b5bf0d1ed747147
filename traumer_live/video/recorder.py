"""Keeps a take of the running show: pictures as the audience saw them, with the show's sound.

In: finished pictures (H, W, 4) with their sample index; the show's sound by index.  Out: an MP4.
Thread: one of its own, ``recorder``; ``offer`` is called by the drawing thread and never waits.

The sound's sample count is the clock: a picture lies in the slot of 1600 samples that holds the
newest sound it knows. When pictures come late the last one is repeated and counted.
"""

from __future__ import annotations

import queue
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from traumer_live.core.errors import OutputError
from traumer_live.core.types import SAMPLES_PER_TICK, SHOW_RATE, TICK_RATE, Array, Pixels
from traumer_live.video.encoders import Encoder, best_encoder, even_size, software_encoder
from traumer_live.video.look import Size
from traumer_live.video.slots import Slots
from traumer_live.video.take import Take
from traumer_live.video.take_names import reserve_take

MIN_FREE_BYTES = 500_000_000  # enough to end the take properly and to leave the system alive
_QUEUE = 8  # pictures: 29 MB at 1280x720
_PATIENCE_SLOTS = TICK_RATE  # how far the picture may lag behind the sound before it is repeated
_WAIT_S = 0.05
_DISK_EVERY_S = 1.0

ReadSound = Callable[[int, int], Array]  # show index, count -> (count, 2)


@dataclass(frozen=True)
class RecorderStatus:
    """One look at a take."""

    path: Path
    running: bool
    seconds: float
    bytes: int
    frames: int
    repeated: int  # slots that show the picture of the slot before
    replaced: int  # pictures that gave way to a newer one for the same slot
    refused: int  # pictures that found the queue full
    disk_free: int  # bytes
    cpu_s: float  # of the recorder thread; an encoder's own threads not counted
    error: str | None


class Recorder:
    """One take, from ``start`` to ``stop``; another take is another Recorder."""

    def __init__(
        self,
        target: str | Path,
        size: Size,
        *,
        start_index: int,
        read_sound: ReadSound,
        sound_ready: Callable[[], int],
        force: bool = False,
        sound_lost: type[Exception] = LookupError,
        encoder: Encoder | None = None,
        min_free: int = MIN_FREE_BYTES,
    ) -> None:
        """Store only; ``start`` opens.

        ``sound_ready`` tells the show index up to which ``read_sound`` may be asked; sound that
        raises ``sound_lost`` (the ring lapped us) becomes silence. Pictures are of ``size``
        (width, height); an odd last column or row is left out.
        """
        self._target = target
        self._size = even_size(size)
        self._start = start_index
        self._read_sound = read_sound
        self._sound_ready = sound_ready
        self._force = force
        self._sound_lost = sound_lost
        self._encoder = encoder
        self._min_free = min_free
        self._queue: queue.Queue[tuple[Pixels, int]] = queue.Queue(maxsize=_QUEUE)
        self._stopping = threading.Event()
        self._end = start_index  # show index at which the take stops
        self._heard = start_index  # show index up to which sound is written
        self._refused = 0
        self._cpu_s = 0.0
        self._bytes = 0
        self._disk_free = 0
        self._disk_seen_s = 0.0
        self._error: str | None = None
        self.note = ""  # what became of the encoder that was asked for
        self._path = Path(target)
        self._take: Take | None = None
        self._slots = Slots(self._write_frame, nothing=self._black())
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        """Open the file and begin.

        Raises:
            OutputError: the file cannot be written, exists already, or the disk is nearly full.
        """
        self._check_disk()  # before an older take of this name is given up
        self._path = reserve_take(self._target, force=self._force)
        try:
            self._take = self._opened(self._encoder or best_encoder())
        except OutputError:
            self._path.unlink(missing_ok=True)
            raise
        self._thread.start()

    def _opened(self, encoder: Encoder) -> Take:
        """The file begun; software takes over from hardware that fails on these pictures."""
        try:
            return Take(self._path, self._size, encoder=encoder)
        except OutputError:
            software = software_encoder()
            if encoder.name == software.name:
                raise
            take = Take(self._path, self._size, encoder=software)
        width, height = self._size
        self.note = f"{encoder.name} cannot keep {width}x{height} now; {software.name} does."
        return take

    def offer(self, pixels: Pixels, sample_index: int) -> None:
        """Keep a picture (H, W, 4) whose newest sound is ``sample_index``; never waits.

        The array is kept as it is: the caller must not write into it again.
        """
        try:
            self._queue.put_nowait((pixels, sample_index))
        except queue.Full:
            self._refused += 1

    def stop(self) -> RecorderStatus:
        """End with the sound that is ready now, wait until the file is closed, and report."""
        if not self._stopping.is_set():
            self._end = self._sound_ready()
            self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        return self.status()

    def status(self) -> RecorderStatus:
        """A snapshot, from any thread."""
        return RecorderStatus(
            path=self._path,
            running=self._thread.is_alive(),
            seconds=self._slots.next / TICK_RATE,
            bytes=self._bytes,
            frames=self._slots.next,
            repeated=self._slots.repeated,
            replaced=self._slots.replaced,
            refused=self._refused,
            disk_free=self._disk_free,
            cpu_s=self._cpu_s,
            error=self._error,
        )

    # -- the recorder thread -------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._step()
            self._finish()
        except OutputError as error:
            self._error = str(error)
        except Exception as error:  # noqa: BLE001  (the thread's edge: the show must go on)
            self._error = f"The recording stopped ({error!r}); {self._path} keeps what was written."
        finally:
            self._weigh()
            self._stopping.set()
            self._cpu_s = time.thread_time()

    def _step(self) -> None:
        """One picture, if one comes, and the sound that belongs to it."""
        self._take_picture(_WAIT_S)
        ready = self._sound_ready()
        self._write_sound(ready)
        self._slots.reach(self._slot(ready) - _PATIENCE_SLOTS)
        self._cpu_s = time.thread_time()
        if time.monotonic() - self._disk_seen_s > _DISK_EVERY_S:
            self._weigh()
            self._watch_disk()

    def _weigh(self) -> None:
        """How large the file is; asked here, since a slow disk must not keep a window waiting."""
        with suppress(OSError):
            self._bytes = self._path.stat().st_size

    def _take_picture(self, wait_s: float) -> bool:
        try:
            pixels, sample_index = self._queue.get(timeout=wait_s)
        except queue.Empty:
            return False
        # Never far ahead of the sound: one wrong index must not fill the disk with repeats.
        latest = self._slot(self._sound_ready()) + _PATIENCE_SLOTS
        if self._stopping.is_set():
            latest = self._slots_in_all() - 1
        slot = self._slot(sample_index)
        if slot <= latest or not self._stopping.is_set():
            self._slots.put(self._fitting(pixels), max(min(slot, latest), 0))
        return True

    def _finish(self) -> None:
        """Drain the queue, let picture and sound end together, close the file."""
        while self._take_picture(0.001):
            pass
        self._write_sound(self._end)
        self._slots.reach(self._slots_in_all())
        if self._take is not None:
            self._take.close()

    def _slots_in_all(self) -> int:
        """How many slots the whole take has: as many as its sound covers, at least one."""
        return max(-(-(self._end - self._start) // SAMPLES_PER_TICK), 1)

    def _slot(self, sample_index: int) -> int:
        """The slot in which the newest sample lies that a picture knows.

        Rounding the index instead would show every picture up to one and a half frames late.
        """
        return (sample_index - 1 - self._start) // SAMPLES_PER_TICK

    def _write_sound(self, until: int) -> None:
        while self._heard < until and self._take is not None:
            count = min(until - self._heard, SHOW_RATE)
            self._take.write_sound(self._sound(self._heard, count))
            self._heard += count

    def _sound(self, start: int, count: int) -> Array:
        try:
            return self._read_sound(start, count)
        except self._sound_lost:
            return np.zeros((count, 2), np.float32)

    def _write_frame(self, pixels: Pixels, slot: int) -> None:
        if self._take is not None:
            self._take.write_frame(pixels, slot)

    def _fitting(self, pixels: Pixels) -> Pixels:
        """The picture without the odd last column or row that 4:2:0 colour cannot hold."""
        width, height = self._size
        if pixels.shape[:2] == (height, width):
            return pixels
        return np.ascontiguousarray(pixels[:height, :width])

    def _black(self) -> Pixels:
        black = np.zeros((self._size[1], self._size[0], 4), np.uint8)
        black[..., 3] = 255
        return black

    # -- the disk ------------------------------------------------------------------------------

    def _check_disk(self) -> None:
        self._disk_seen_s = time.monotonic()
        folder = self._path if self._path.is_dir() else self._path.parent
        if not folder.exists():
            return  # whoever opens the file has the better sentence
        self._disk_free = shutil.disk_usage(folder).free
        if self._disk_free < self._min_free:
            raise OutputError(
                f"Only {self._disk_free / 1e6:.0f} MB are free for a take in {folder}; "
                "free some space or record to another disk."
            )

    def _watch_disk(self) -> None:
        """End the take properly while there is still room for it."""
        try:
            self._check_disk()
        except OutputError:
            self._end = self._sound_ready()
            self._stopping.set()
            self._error = (
                f"Recording stopped because only {self._disk_free / 1e6:.0f} MB are free; "
                f"{self._path} is complete until now."
            )
