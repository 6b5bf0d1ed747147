"""A thread that hands out blocks in real time, for sources that have no clock of their own.

In: an iterator of blocks (n, channels).  Out: ``on_block`` calls, paced by the host clock.
Thread: ``capture``, its own.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

from traumer_live.audio.capture.types import OnBlock, OnLost
from traumer_live.core.clock import host_time
from traumer_live.core.errors import reason_of
from traumer_live.core.types import Array

_LATE_S = 0.25  # s behind after which the source resumes where it was instead of catching up


class PacedThread:
    """Calls ``on_block`` with each block when its time has passed.

    What goes wrong while a block is made is told to ``on_lost``; then it is not ``finished``.
    """

    def __init__(
        self,
        blocks: Iterator[Array],
        rate: int,
        on_block: OnBlock,
        on_lost: OnLost = lambda why: None,
    ) -> None:
        self._on_lost = on_lost
        self._blocks = blocks
        self._rate = rate
        self._on_block = on_block
        self._quit = threading.Event()
        self.finished = False
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)

    def start(self) -> None:
        """Begin with the first block."""
        self._thread.start()

    def close(self) -> None:
        """End after the current block."""
        self._quit.set()
        if self._thread is not threading.current_thread() and self._thread.is_alive():
            self._thread.join(1.0)

    def _run(self) -> None:
        try:
            self._play()
        except Exception as error:  # noqa: BLE001  (the thread's edge: the source is opened anew)
            self._on_lost(reason_of(error))

    def _play(self) -> None:
        due = host_time()
        for block in self._blocks:
            due += len(block) / self._rate
            wait = due - host_time()
            if wait < -_LATE_S:
                due -= wait
            if self._quit.wait(max(0.0, wait)):
                return
            self._on_block(block)
        self.finished = True
