"""A click each second out of the default output, to bring picture and sound together.

In: nothing.  Out: sound from the speakers.  Thread: one of its own; opening takes some
milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from traumer_live.audio.capture.paced import PacedThread
from traumer_live.audio.capture.portaudio import Speakers, open_speakers
from traumer_live.core.errors import SourceError
from traumer_live.core.types import SHOW_RATE, Array

CLICK_S = 0.02
CLICK_PEAK = 0.5
_BLOCK = SHOW_RATE // 100  # samples: 10 ms


class Clicks:
    """Heard from ``start`` to ``stop``."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._speakers: Speakers | None = None
        self._thread: PacedThread | None = None

    def start(self) -> None:
        """Open the default output and begin.

        Raises:
            SourceError: this machine has no output that works.
        """
        speakers = self._speakers = open_speakers()
        if speakers is None:
            raise SourceError(
                "No sound can be played here, so there are no clicks; play any music with a "
                "beat, and the disc answers its attacks."
            )
        self._thread = PacedThread(click_blocks(self._every_s), SHOW_RATE, speakers.play)
        self._thread.start()

    def stop(self) -> None:
        """Fall silent; may be called twice."""
        thread, self._thread = self._thread, None
        speakers, self._speakers = self._speakers, None
        if thread:
            thread.close()
        if speakers:
            speakers.close()


def click_blocks(every_s: float, *, seed: int = 0) -> Iterator[Array]:
    """Blocks (480, 2) for ever: 20 ms of noise at the end of each ``every_s`` seconds."""
    noise = np.random.default_rng(seed).uniform(-CLICK_PEAK, CLICK_PEAK, round(CLICK_S * SHOW_RATE))
    noise[0] = CLICK_PEAK  # the very first sample is loud
    period = np.zeros(round(every_s * SHOW_RATE) // _BLOCK * _BLOCK, np.float32)
    period[-len(noise) :] = noise
    blocks = np.repeat(period[:, None], 2, axis=1).reshape(-1, _BLOCK, 2)
    while True:
        yield from blocks
