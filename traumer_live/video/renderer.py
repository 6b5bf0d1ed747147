"""The look chain: from the newest generator picture to what the audience sees.

In: pictures (H, W, 4) RGBA uint8 and a LookState.  Out: an RGBA texture of fixed size, first row
on top.  Thread: the one that owns the OpenGL context; nothing here waits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import moderngl

from traumer_live.core.types import Pixels
from traumer_live.video.gl import is_software
from traumer_live.video.look import Fit, LookState, Size, span
from traumer_live.video.passes import Pass
from traumer_live.video.presenter import Presenter

if TYPE_CHECKING:
    from traumer_live.video.hud import Hud

DEFAULT_SIZE = (1280, 720)
SMALL_SIZE = (640, 360)  # for two cores without a GPU

_DEFINES = {"mirror": "FIT_MIRROR", "fit": "FIT_INSIDE", "crop": "FIT_CROP"}
_MIPMAPS_FROM = 1.5  # pictures larger than this many outputs would shimmer without them


class Renderer:
    """Draws the newest picture at ``size``; windows, takes and screenshots all show its output."""

    def __init__(
        self, ctx: moderngl.Context, size: Size = DEFAULT_SIZE, *, bicubic: bool | None = None
    ) -> None:
        self.ctx = ctx
        self.size = size
        # Catmull-Rom costs a GPU nothing and a processor four times the bilinear pass.
        self.bicubic = not is_software(ctx) if bicubic is None else bicubic
        self.texture: moderngl.Texture = ctx.texture(size, 4)
        self.texture.repeat_x = self.texture.repeat_y = False
        self.framebuffer: moderngl.Framebuffer = ctx.framebuffer([self.texture])
        self._idle = Pass(ctx, "idle.frag")
        self._looks: dict[tuple[Fit, bool], Pass] = {}
        self._pictures: list[moderngl.Texture] = []  # newest first, at most two
        self._shown = LookState()
        self._presenter: Presenter | None = None

    def upload(self, pixels: Pixels) -> None:
        """Take the newest picture (H, W, 4); ignored while the look is frozen."""
        if self._shown.freeze:
            return
        texture = self._spare((pixels.shape[1], pixels.shape[0]))
        texture.write(pixels)
        if self._needs_mipmaps(texture):
            texture.build_mipmaps()
        self._pictures.insert(0, texture)

    def draw(self, look: LookState) -> moderngl.Texture:
        """Draw what the audience sees now and return the texture that holds it."""
        self._shown = self._frozen(look) if look.freeze else look
        if self._pictures:
            self._draw_picture(self._shown)
        else:
            self._draw_idle(self._shown)
        return self.texture

    def present(
        self, framebuffer: moderngl.Framebuffer, size: Size, *, hud: Hud | None = None
    ) -> None:
        """Show the output in a window of this same context, the status line over it."""
        if self._presenter is None:
            self._presenter = Presenter(self.ctx)
        self._presenter.show(self.texture, framebuffer, size, hud=hud)

    def release(self) -> None:
        """Give everything back to the driver; the context itself is the caller's."""
        for texture in (*self._pictures, self.texture):
            texture.release()
        for step in (*self._looks.values(), self._idle):
            step.release()
        if self._presenter is not None:
            self._presenter.release()
        self.framebuffer.release()
        self._pictures.clear()
        self._looks.clear()

    def _frozen(self, look: LookState) -> LookState:
        """The look of the moment of freezing; only the blackout still answers."""
        return replace(self._shown, blackout=look.blackout, freeze=True)

    def _draw_picture(self, look: LookState) -> None:
        newest, *older = self._pictures
        textures = {"frame": newest}
        fading = bool(older) and look.crossfade < 1.0
        if fading:
            textures["previous"] = older[0]
        self._look(look.fit, fading).draw(
            self.framebuffer,
            textures=textures,
            uniforms={
                "span": span(newest.size, self.size, fit=look.fit),
                "zoom": look.zoom,
                "saturation": look.saturation,
                "lift": look.lift,
                "vignette": look.vignette,
                "light": look.light,
                "crossfade": look.crossfade,
            },
        )

    def _draw_idle(self, look: LookState) -> None:
        self._idle.draw(
            self.framebuffer,
            uniforms={
                "time": look.time_s,
                "aspect": self.size[0] / self.size[1],
                "light": look.light,
            },
        )

    def _look(self, fit: Fit, fading: bool) -> Pass:
        """The program of this variant, compiled when it is first wanted."""
        key = (fit, fading)
        if key not in self._looks:
            defines = [_DEFINES[fit]]
            defines += ["BICUBIC"] * self.bicubic + ["CROSSFADE"] * fading
            self._looks[key] = Pass(self.ctx, "look.frag", vertex="look.vert", defines=defines)
        return self._looks[key]

    def _spare(self, size: Size) -> moderngl.Texture:
        """The older of two textures, to be overwritten; new ones when the size changed."""
        if self._pictures and self._pictures[0].size != size:
            for texture in self._pictures:
                texture.release()
            self._pictures.clear()
        if len(self._pictures) == 2:
            return self._pictures.pop()
        return self._new_texture(size)

    def _new_texture(self, size: Size) -> moderngl.Texture:
        texture = self.ctx.texture(size, 4)
        texture.repeat_x = texture.repeat_y = False
        smaller = moderngl.LINEAR_MIPMAP_LINEAR if self._needs_mipmaps(texture) else moderngl.LINEAR
        texture.filter = (smaller, moderngl.LINEAR)
        return texture

    def _needs_mipmaps(self, texture: moderngl.Texture) -> bool:
        return bool(texture.height > _MIPMAPS_FROM * self.size[1])
