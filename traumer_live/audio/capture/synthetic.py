"""Tone and silence: sources that work on every machine.

In: nothing.  Out: mono blocks of 10 ms in real time.  Thread: ``capture``, its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import numpy as np

from traumer_live.audio.capture.paced import PacedThread
from traumer_live.audio.capture.types import Health, OnBlock, OnLost, SourceInfo, SourceSpec
from traumer_live.core.types import SHOW_RATE, Array

TONE_HZ = 440
TONE_DBFS = -12.0  # of the peak
_BLOCK = SHOW_RATE // 100  # samples: 10 ms


class SyntheticCapture:
    """Blocks that are calculated, as a source."""

    sample_rate = SHOW_RATE
    finished = False

    def __init__(
        self, info: SourceInfo, blocks: Callable[[], Iterator[Array]], *, channels: int = 1
    ) -> None:
        self.info, self.channels = info, channels
        self._blocks = blocks
        self._thread: PacedThread | None = None

    def open(self, on_block: OnBlock, on_lost: OnLost) -> None:
        """Start; it is never lost."""
        self._thread = PacedThread(self._blocks(), self.sample_rate, on_block)
        self._thread.start()

    def close(self) -> None:
        """End."""
        if self._thread:
            self._thread.close()

    def health(self) -> Health:
        """Always fine."""
        return Health.FINE


def synthetic(spec: SourceSpec) -> SyntheticCapture:
    """A steady tone (440 Hz, -12 dBFS) or silence."""
    name, blocks = {
        "tone": (f"{TONE_HZ} Hz tone", tone_blocks),
        "silence": ("silence", silence_blocks),
    }[spec.kind]
    return SyntheticCapture(SourceInfo(spec, name), blocks)


def tone_blocks() -> Iterator[Array]:
    """An unbroken sine, (480, 1) at a time, for ever."""
    amplitude = 10 ** (TONE_DBFS / 20)
    for k in count():
        n = np.arange(k * _BLOCK, (k + 1) * _BLOCK) % SHOW_RATE  # whole periods in a second
        sine = amplitude * np.sin(2 * np.pi * TONE_HZ * n / SHOW_RATE)
        yield sine.astype(np.float32)[:, None]  # (480, 1)


def silence_blocks() -> Iterator[Array]:
    """Zeros, (480, 1) at a time, for ever."""
    block = np.zeros((_BLOCK, 1), np.float32)
    while True:
        yield block
