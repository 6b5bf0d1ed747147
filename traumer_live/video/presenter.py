"""Puts a finished picture into a window, with the status line or a title over it.

In: a texture of this context, or the number of one of a sharing context.  Out: pixels in a window.
Thread: the window's.  Textures are shared between contexts, framebuffers and programs are not;
therefore every window has its own Presenter.
"""

from __future__ import annotations

from typing import Protocol

import moderngl

from traumer_live.core.types import Pixels
from traumer_live.video.look import Size, letterbox
from traumer_live.video.passes import Pass


class Overlay(Protocol):
    """Something small for the lower left corner, such as the status line."""

    image: Pixels | None  # (height, width, 4) straight alpha; another array whenever it changes
    margin: int  # pixels to the window's edges


class Presenter:
    """Draws into windows of one context."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._picture = Pass(ctx, "present.frag")
        self._line = Pass(ctx, "hud.frag")
        self._shared: dict[tuple[int, Size], moderngl.Texture] = {}
        self._hud_texture: moderngl.Texture | None = None
        self._written: Pixels | None = None  # the image that this texture holds

    def shared(self, number: int, size: Size) -> moderngl.Texture:
        """The texture that a sharing context knows by ``number`` (its ``glo``)."""
        key = (number, size)
        if key not in self._shared:
            self._shared[key] = self._ctx.external_texture(number, size, 4, 0, "f1")
        return self._shared[key]

    def show(
        self,
        texture: moderngl.Texture,
        framebuffer: moderngl.Framebuffer,
        size: Size,
        *,
        hud: Overlay | None = None,
        fill: bool = False,
    ) -> None:
        """Show the whole picture in a window of ``size``, black bars beside or above it.

        With ``fill`` there are no bars; what does not fit is cut off on two sides alike.
        """
        framebuffer.viewport = (0, 0, *size)
        box = letterbox(texture.size, size, fill=fill)
        if box[2:] != size and not fill:
            framebuffer.clear(0.0, 0.0, 0.0, 1.0)
        framebuffer.viewport = box
        self._picture.draw(framebuffer, textures={"picture": texture})
        if hud is not None:
            self._show_hud(hud, framebuffer, size)

    def release(self) -> None:
        """Give programs and the status line back to the driver."""
        self._picture.release()
        self._line.release()
        if self._hud_texture is not None:
            self._hud_texture.release()

    def _show_hud(self, hud: Overlay, framebuffer: moderngl.Framebuffer, size: Size) -> None:
        if hud.image is None:
            return
        line = self._line_texture(hud.image)
        framebuffer.viewport = (hud.margin, hud.margin, line.width, line.height)
        self._line.draw(framebuffer, textures={"line": line}, blend=True)
        framebuffer.viewport = (0, 0, *size)

    def _line_texture(self, image: Pixels) -> moderngl.Texture:
        """The status line on the GPU; its size changes with the words in it."""
        size = (image.shape[1], image.shape[0])
        texture = self._hud_texture
        if texture is None or texture.size != size:
            if texture is not None:
                texture.release()
            texture = self._ctx.texture(size, 4)
            texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
            self._written = None
        if self._written is not image:
            texture.write(image)
        self._hud_texture, self._written = texture, image
        return texture
