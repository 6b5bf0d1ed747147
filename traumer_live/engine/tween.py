"""Between two key frames: pictures at display rate that fade from one into the next.

In: key frames as they come, show indices as they pass.  Out: Frames.  Thread: ``key`` by dreams,
``at`` by tweens and dreams.

A key frame that comes while the last fade still runs starts from what is seen at that moment, so
nothing ever jumps. The fade takes as long as key frames usually are apart.
"""

from __future__ import annotations

import threading

import numpy as np
from PIL import Image

from traumer_live.core.types import SAMPLES_PER_TICK, SHOW_RATE, Frame, Pixels

LONGEST = 4 * SHOW_RATE  # samples that a fade may take: slow dreams drift, they do not stand
FIRST = SHOW_RATE // 2  # samples, while nobody knows how far keys are apart


class Tween:
    """What is seen while key frames come seldom."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._from: Frame | None = None
        self._to: Frame | None = None
        self._arrived = 0  # show index at which ``to`` came
        self._span = FIRST  # samples that the fade takes

    def key(
        self, frame: Frame, now: int, *, seen: Frame | None = None, lasts_s: float = 0.0
    ) -> None:
        """The next key frame came at show index ``now``; ``seen`` is what was there before keys.

        The first fade takes ``lasts_s``, what the second key frame is expected to take, if long.
        """
        with self._changing:
            if self._to is None and seen is not None:
                first = min(max(round(lasts_s * SHOW_RATE), FIRST), LONGEST)
                self._to, self._arrived = seen, now - first
            seen_now = self._mixed(now)
            if self._to is not None:
                apart = min(max(now - self._arrived, SAMPLES_PER_TICK), LONGEST)
                self._span = (self._span + apart) // 2 if self._from is not None else apart
            self._from, self._to, self._arrived = seen_now, frame, now

    def at(self, now: int) -> Frame | None:
        """What is seen at show index ``now``; None before the first key frame."""
        with self._changing:
            return self._mixed(now)

    def forget(self) -> None:
        """Pictures come at every tick again."""
        with self._changing:
            self._from = self._to = None

    def _mixed(self, now: int) -> Frame | None:
        if self._from is None or self._to is None:
            return self._to
        share = min(max((now - self._arrived) / self._span, 0.0), 1.0)
        old, new = self._from, self._to
        pixels = mixed(old.pixels, new.pixels, share)
        index = old.sample_index + round(share * (new.sample_index - old.sample_index))
        return Frame(pixels, index // SAMPLES_PER_TICK * SAMPLES_PER_TICK)


def mixed(old: Pixels, new: Pixels, share: float) -> Pixels:
    """``share`` of the new picture over the old one, at the size of the new one."""
    if share >= 1.0:
        return new
    weight = round(256 * share)
    old = resized(old, (new.shape[1], new.shape[0]))
    total = old * np.uint16(256 - weight) + new * np.uint16(weight)
    return (total >> 8).astype(np.uint8)


def resized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """``pixels`` at another width and height, smoothly."""
    if pixels.shape[1::-1] == size:
        return pixels
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR))
