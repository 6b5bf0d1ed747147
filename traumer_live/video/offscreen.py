"""The look chain without a window: for ``--headless`` and for rendering movies offline.

In: pictures and looks.  Out: what the audience would see, (H, W, 4) RGBA, first row on top.
Thread: the one that made it; ``close`` belongs there too.
"""

from __future__ import annotations

from traumer_live.core.types import Pixels
from traumer_live.video.gl import release_standalone, standalone_context
from traumer_live.video.look import LookState, Size
from traumer_live.video.readback import Readback
from traumer_live.video.renderer import DEFAULT_SIZE, Renderer


class Offscreen:
    """A context, a renderer and a read-back that belong together."""

    def __init__(self, size: Size = DEFAULT_SIZE, *, bicubic: bool | None = None) -> None:
        """Raise DisplayError when this machine cannot draw at all."""
        self._ctx = standalone_context()
        self.renderer = Renderer(self._ctx, size, bicubic=bicubic)
        self._readback = Readback(self._ctx, size)

    def show(self, pixels: Pixels | None, look: LookState) -> None:
        """Draw the newest picture, or the last one again, and wait until it is drawn."""
        self._draw(pixels, look)
        self._ctx.finish()

    def pipeline(
        self, pixels: Pixels | None, look: LookState, *, tag: int
    ) -> tuple[Pixels, int] | None:
        """Draw, and return the picture of the call before with its tag."""
        self._draw(pixels, look)
        return self._readback.exchange(self.renderer.framebuffer, tag)

    def flush(self) -> tuple[Pixels, int] | None:
        """The last picture that ``pipeline`` still owes."""
        return self._readback.flush()

    def render(self, pixels: Pixels | None, look: LookState) -> Pixels:
        """Draw one picture and return this very picture; leaves ``pipeline`` empty."""
        self._readback.flush()
        self.pipeline(pixels, look, tag=0)
        done = self._readback.flush()
        assert done is not None
        return done[0]

    def close(self) -> None:
        """Release the context and everything in it."""
        self._readback.release()
        self.renderer.release()
        release_standalone(self._ctx)

    def __enter__(self) -> Offscreen:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _draw(self, pixels: Pixels | None, look: LookState) -> None:
        if pixels is not None:
            self.renderer.upload(pixels)
        self.renderer.draw(look)
