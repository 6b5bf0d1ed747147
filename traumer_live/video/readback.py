"""Fetches finished pictures from the GPU one frame late, so that nobody waits for it.

In: a framebuffer and a tag that travels along (its sample index).  Out: the picture of the call
before, (H, W, 4) RGBA with the first row on top.  Thread: the context's.
"""

from __future__ import annotations

import moderngl
import numpy as np

from traumer_live.core.types import Pixels
from traumer_live.video.look import Size


class Readback:
    """Two pixel-pack buffers in turn: one is filled while the other is read."""

    def __init__(self, ctx: moderngl.Context, size: Size) -> None:
        self._size = size
        self._buffers = [ctx.buffer(reserve=size[0] * size[1] * 4, dynamic=True) for _ in range(2)]
        self._waiting: int | None = None  # tag of the picture under way

    def exchange(self, framebuffer: moderngl.Framebuffer, tag: int) -> tuple[Pixels, int] | None:
        """Order this picture and take the one ordered before; None at the first call."""
        framebuffer.read_into(self._buffers[0], components=4, alignment=1)
        self._buffers.reverse()  # the one just ordered is last now
        earlier = self._fetch(self._buffers[0])
        self._waiting = tag
        return earlier

    def flush(self) -> tuple[Pixels, int] | None:
        """The last picture ordered; None when there is none."""
        last = self._fetch(self._buffers[1])
        self._waiting = None
        return last

    def release(self) -> None:
        """Give the buffers back to the driver."""
        for buffer in self._buffers:
            buffer.release()

    def _fetch(self, buffer: moderngl.Buffer) -> tuple[Pixels, int] | None:
        if self._waiting is None:
            return None
        width, height = self._size
        # Fresh memory for every picture: the recorder keeps it while the next one is drawn.
        pixels = np.empty((height, width, 4), np.uint8)
        buffer.read_into(pixels)
        return pixels, self._waiting
