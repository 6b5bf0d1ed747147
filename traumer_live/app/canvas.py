"""What preview and output have in common: they put the shared picture on their own surface.

In: the Projector's texture.  Out: pixels in the framebuffer that Qt is painting.  Thread: GUI,
inside initializeGL and paintGL, where Qt made the window's context current.
"""

from __future__ import annotations

import time

import moderngl

from traumer_live.app.caption import Caption
from traumer_live.app.opengl import current_context
from traumer_live.app.projector import Projector
from traumer_live.video.hud import Hud
from traumer_live.video.look import Size
from traumer_live.video.presenter import Overlay, Presenter


class Canvas:
    """The drawing side of one window."""

    def __init__(self, projector: Projector) -> None:
        self._projector = projector
        self._hud = Hud()
        self._caption = Caption()
        self._ctx: moderngl.Context | None = None
        self._presenter: Presenter | None = None

    def open(self) -> None:
        """Make what lives in this window's context."""
        self._ctx = current_context()
        self._presenter = Presenter(self._ctx)

    def paint(self, width: float, height: float, *, pixel_ratio: float) -> None:
        """Show the newest picture; width and height count the window's own, scaled pixels."""
        if self._ctx is None or self._presenter is None:
            return
        size: Size = (max(round(width * pixel_ratio), 1), max(round(height * pixel_ratio), 1))
        # Qt changes the number of a widget's framebuffer, on every resize for example.
        framebuffer = self._ctx.detect_framebuffer()
        self._ctx.disable(moderngl.DEPTH_TEST | moderngl.CULL_FACE | moderngl.BLEND)
        self._ctx.scissor = None
        texture = self._presenter.shared(self._projector.texture_number, self._projector.size)
        self._presenter.show(
            texture, framebuffer, size, hud=self._line(size), fill=self._projector.fills
        )

    def close(self) -> None:
        """Give everything back, with this window's context current."""
        if self._presenter is not None:
            self._presenter.release()
        self._presenter = self._ctx = None

    def _line(self, size: Size) -> Overlay | None:
        if self._projector.title:
            self._caption.update(self._projector.title, window=size)
            return self._caption
        if not self._projector.hud:
            return None
        self._hud.update(self._projector.reading, now_s=time.monotonic(), window=size)
        return self._hud
