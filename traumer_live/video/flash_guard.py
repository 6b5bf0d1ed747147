"""The flash limiter on the GPU: measures each finished picture, and holds back what must wait.

In: ``proposed``, drawn by the renderer.  Out: ``shown``.  Thread: the context's.

The measure is read back at once: 170 kB of a picture whose drawing is waited for anyway. Nothing is
delayed by it; a picture is limited before it is shown, not after.
"""

from __future__ import annotations

import moderngl
import numpy as np

from traumer_live.core.types import Array
from traumer_live.video.flash import COLUMNS, ROWS, FlashLimiter
from traumer_live.video.look import Size
from traumer_live.video.looks_chain import Target
from traumer_live.video.passes import Pass

_TAPS_EVERY = 2.7  # pixels; a tap averages two by two
_MOST_TAPS = 8


class FlashGuard:
    """Three pictures in turn: the one shown, the one proposed, and one for what is held back."""

    def __init__(self, ctx: moderngl.Context, size: Size) -> None:
        self.shown = Target.make(ctx, size)
        self.proposed = Target.make(ctx, size)
        self.limiting = 0.0  # part of the picture that is held back, 0..1
        self._spare = Target.make(ctx, size)
        self._limiter: FlashLimiter | None = None  # None while it is off
        across, down = (_taps(size[0] / COLUMNS), _taps(size[1] / ROWS))
        self._measure = Pass(ctx, "measure.frag", defines=(f"ACROSS {across}", f"DOWN {down}"))
        self._hold = Pass(ctx, "hold.frag")
        self._grid = Target.make(ctx, (COLUMNS, ROWS), dtype="f4")
        self._share = ctx.texture((COLUMNS, ROWS), 1, dtype="f4")
        self._share.repeat_x = self._share.repeat_y = False

    def show(self, *, time_s: float, is_on: bool) -> None:
        """Make of what is proposed what is shown from ``time_s`` on."""
        self.limiting = 0.0
        if not is_on:
            self._limiter = None
            self.shown, self.proposed = self.proposed, self.shown
            return
        if self._limiter is None:
            self._limiter = FlashLimiter()
        wanted = self._measured(self.proposed)
        share = self._limiter.judge(wanted, time_s)
        if share is None:
            self._limiter.commit(wanted, time_s)
            self.shown, self.proposed = self.proposed, self.shown
            return
        self.limiting = float(np.mean(share < 1.0))
        self._hold_back(share)
        self._limiter.commit(self._measured(self._spare), time_s)
        self.shown, self._spare = self._spare, self.shown

    def release(self) -> None:
        """Give everything back to the driver."""
        for part in (self.shown, self.proposed, self._spare, self._measure, self._hold, self._grid):
            part.release()
        self._share.release()

    def _hold_back(self, share: Array) -> None:
        self._share.write(np.ascontiguousarray(share, np.float32))
        self._hold.draw(
            self._spare.framebuffer,
            textures={
                "shown": self.shown.texture,
                "proposed": self.proposed.texture,
                "share": self._share,
            },
        )

    def _measured(self, target: Target) -> Array:
        """Mean linear RGB per cell, (ROWS, COLUMNS, 3)."""
        self._measure.draw(self._grid.framebuffer, textures={"picture": target.texture})
        pixels = np.empty((ROWS, COLUMNS, 4), np.float32)
        self._grid.framebuffer.read_into(pixels, components=4, dtype="f4", alignment=1)
        return pixels[..., :3]


def _taps(pixels: float) -> int:
    """How many samples a cell of so many pixels needs along one axis."""
    return min(max(round(pixels / _TAPS_EVERY), 2), _MOST_TAPS)
