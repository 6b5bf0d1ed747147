"""A sound file as a live source, heard through the speakers when there are any.

In: a path.  Out: stereo blocks of 10 ms at 48 kHz in real time.  Thread: ``capture``, its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from traumer_live.audio.capture.paced import PacedThread
from traumer_live.audio.capture.portaudio import Speakers, open_speakers
from traumer_live.audio.capture.types import Health, OnBlock, OnLost, SourceInfo, SourceSpec
from traumer_live.audio.files import SoundFile, open_sound
from traumer_live.core.errors import SourceError
from traumer_live.core.types import SHOW_RATE, Array

_BLOCK = SHOW_RATE // 100  # samples: 10 ms


class FileCapture:
    """Plays one file, once or over and over."""

    sample_rate = SHOW_RATE
    channels = 2

    def __init__(self, spec: SourceSpec, *, aloud: bool = True) -> None:
        self.info = SourceInfo(spec, Path(spec.name).name)
        self._sound = open_sound(spec.name)
        self._aloud = aloud
        self._speakers: Speakers | None = None
        self._thread: PacedThread | None = None

    @property
    def finished(self) -> bool:
        """The last block has been handed over."""
        return self._thread is not None and self._thread.finished

    def open(self, on_block: OnBlock, on_lost: OnLost) -> None:
        """Start from the beginning."""
        self._speakers = open_speakers() if self._aloud else None
        speakers = self._speakers

        def hear(block: Array) -> None:
            on_block(block)
            if speakers:
                speakers.play(block)

        blocks = rechunk(_repeated(self._sound, loop=self.info.spec.loop), _BLOCK)
        self._thread = PacedThread(blocks, self.sample_rate, hear, on_lost)
        self._thread.start()

    def close(self) -> None:
        """End."""
        if self._thread:
            self._thread.close()
        if self._speakers:
            self._speakers.close()

    def health(self) -> Health:
        """Always fine."""
        return Health.FINE


def _repeated(sound: SoundFile, *, loop: bool) -> Iterator[Array]:
    """Raises SourceError when the file can be read no more; who listens tries again later."""
    while True:
        has_sound = False
        for block in sound.blocks():
            has_sound = True
            yield block
        if not loop:
            return
        if not has_sound:  # it is being written anew
            raise SourceError(f"{sound.path} holds no sound any more")


def rechunk(blocks: Iterable[Array], size: int) -> Iterator[Array]:
    """The same sound in blocks of ``size``, the last one shorter."""
    held: list[Array] = []
    length = 0
    for block in blocks:
        held.append(block)
        length += len(block)
        if length < size:
            continue
        whole = np.concatenate(held)
        end = length - length % size
        for at in range(0, end, size):
            yield whole[at : at + size]
        held, length = [whole[end:]], length - end
    if length:
        yield np.concatenate(held)
