"""The last two pictures of the generator, on the GPU.

In: pictures (H, W, 4) RGBA uint8.  Out: textures, newest first.  Thread: the context's.
"""

from __future__ import annotations

import moderngl

from traumer_live.core.types import Pixels
from traumer_live.video.look import Size

_MIPMAPS_FROM = 1.5  # pictures larger than this many outputs would shimmer without them


class Pictures:
    """Uploads into two textures in turn."""

    def __init__(self, ctx: moderngl.Context, output: Size) -> None:
        self.newest: list[moderngl.Texture] = []  # newest first, at most two
        self._ctx = ctx
        self._output = output

    def take(self, pixels: Pixels) -> None:
        """Take the newest picture (H, W, 4)."""
        texture = self._spare((pixels.shape[1], pixels.shape[0]))
        texture.write(pixels)
        if self._needs_mipmaps(texture):
            texture.build_mipmaps()
        self.newest.insert(0, texture)

    def release(self) -> None:
        """Give both back to the driver."""
        for texture in self.newest:
            texture.release()
        self.newest.clear()

    def _spare(self, size: Size) -> moderngl.Texture:
        """The older of two textures, to be overwritten; new ones when the size changed."""
        if self.newest and self.newest[0].size != size:
            self.release()
        if len(self.newest) == 2:
            return self.newest.pop()
        return self._new_texture(size)

    def _new_texture(self, size: Size) -> moderngl.Texture:
        texture = self._ctx.texture(size, 4)
        texture.repeat_x = texture.repeat_y = False
        smaller = moderngl.LINEAR_MIPMAP_LINEAR if self._needs_mipmaps(texture) else moderngl.LINEAR
        texture.filter = (smaller, moderngl.LINEAR)
        return texture

    def _needs_mipmaps(self, texture: moderngl.Texture) -> bool:
        return bool(texture.height > _MIPMAPS_FROM * self._output[1])
