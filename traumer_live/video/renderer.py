"""The look chain: from the newest generator picture to what the audience sees.

In: pictures (H, W, 4) RGBA uint8 and a LookState.  Out: an RGBA texture of fixed size, first row
on top.  Thread: the one that owns the OpenGL context; nothing here waits.

    pictures -> place -> steps of the look -> finish -> flash limiter -> texture
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import moderngl

from traumer_live.core.types import Pixels
from traumer_live.video.flash_guard import FlashGuard
from traumer_live.video.gl import is_software
from traumer_live.video.look import LookState, Size, span
from traumer_live.video.looks import Library
from traumer_live.video.looks_chain import Target, knob_uniforms
from traumer_live.video.looks_shelf import Shelf
from traumer_live.video.passes import Pass, Value
from traumer_live.video.pictures import Pictures
from traumer_live.video.presenter import Presenter

if TYPE_CHECKING:
    from traumer_live.video.hud import Hud

DEFAULT_SIZE = (1280, 720)
SMALL_SIZE = (640, 360)  # for two cores without a GPU
CHANGE_S = 0.6  # from one look to another
_LONGEST_STEP_S = 0.5  # after a longer pause trails go on as after this one


class Renderer:
    """Draws the newest picture at ``size``; windows, takes and screenshots all show its output."""

    def __init__(
        self,
        ctx: moderngl.Context,
        size: Size = DEFAULT_SIZE,
        *,
        bicubic: bool | None = None,
        library: Library | None = None,
    ) -> None:
        self.ctx = ctx
        self.size = size
        # Catmull-Rom costs a GPU nothing and a processor four times the bilinear pass.
        self.bicubic = not is_software(ctx) if bicubic is None else bicubic
        self._pictures = Pictures(ctx, size)
        self._shelf = Shelf(ctx, size, bicubic=self.bicubic, library=library)
        self._idle = Pass(ctx, "idle.frag")
        self._placed = Target.make(ctx, size)
        self._left = Target.make(ctx, size)  # the end of the look that is being left
        self._left_at_s: float | None = None
        self._chained = self._placed.texture  # the end of the chain
        self._guard = FlashGuard(ctx, size)
        self._shown = LookState()
        self._has_drawn = False
        self._trouble = ""  # what went wrong in the last drawing
        self._presenter: Presenter | None = None

    @property
    def texture(self) -> moderngl.Texture:
        """What the audience sees, as of the last drawing; another one after every drawing."""
        return self._guard.shown.texture

    @property
    def framebuffer(self) -> moderngl.Framebuffer:
        """The same, to be read back from."""
        return self._guard.shown.framebuffer

    @property
    def problem(self) -> str:
        """What is wrong with the chosen look's files, ``file:line: why``; empty when nothing is."""
        return self._shelf.problem or self._trouble

    @property
    def limiting(self) -> float:
        """How much of the last picture the flash limiter held back, 0..1 of its area."""
        return self._guard.limiting

    def upload(self, pixels: Pixels) -> None:
        """Take the newest picture (H, W, 4); ignored while the look is frozen."""
        if not self._shown.freeze:
            self._pictures.take(pixels)

    def draw(self, look: LookState) -> moderngl.Texture:
        """Draw what the audience sees now and return the texture that holds it."""
        dt_s = min(max(look.time_s - self._shown.time_s, 0.0), _LONGEST_STEP_S)
        if look.freeze and self._has_drawn:
            # The picture of the moment of freezing; only the blackout still answers.
            self._shown = replace(
                self._shown, blackout=look.blackout, freeze=True, limit_flashes=look.limit_flashes
            )
        else:
            self._draw_safely(look, dt_s)
        self._finish(self._shown, look.time_s)
        self._guard.show(time_s=look.time_s, is_on=look.limit_flashes)
        self._shown = replace(self._shown, time_s=look.time_s)
        self._has_drawn = True
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
        for part in (
            self._pictures,
            self._shelf,
            self._idle,
            self._placed,
            self._left,
            self._guard,
        ):
            part.release()
        if self._presenter is not None:
            self._presenter.release()

    def _draw_safely(self, look: LookState, dt_s: float) -> None:
        """Whatever is wrong with a look: the last picture stays, and blackout works."""
        try:
            self._change_look(look)
            self._draw_chain(look, dt_s)
            self._trouble = ""
        except Exception as error:  # noqa: BLE001  (looks are anybody's: what is shown must go on)
            self._trouble = str(error) or type(error).__name__
        self._shown = look

    def _change_look(self, look: LookState) -> None:
        """Go to another look, or a newer version of this one, over a short while."""
        replaced = self._shelf.choose(look.look, now_s=look.time_s)
        if replaced is None:
            return
        if self._has_drawn:
            self.ctx.copy_framebuffer(self._left.framebuffer, self._guard.shown.framebuffer)
            self._left_at_s = look.time_s
        self._chained = self._placed.texture
        replaced.release()

    def _draw_chain(self, look: LookState, dt_s: float) -> None:
        if not self._pictures.newest:
            aspect = self.size[0] / self.size[1]
            self._idle.draw(
                self._placed.framebuffer, uniforms={"time": look.time_s, "aspect": aspect}
            )
            self._chained = self._placed.texture
            return
        self._place(look)
        self._chained = self._shelf.chain.draw(self._placed.texture, look.moment, dt_s, look.turned)

    def _place(self, look: LookState) -> None:
        textures = {"frame": self._pictures.newest[0]}
        size = textures["frame"].size
        fading = len(self._pictures.newest) > 1 and look.crossfade < 1.0
        if fading:
            textures["previous"] = self._pictures.newest[1]
        knobs = knob_uniforms(self._shelf.chain.look.place, look.moment, look.turned)
        zoom = knobs["zoom"]
        assert isinstance(zoom, float)
        self._shelf.place(look.fit, crossfade=fading).draw(
            self._placed.framebuffer,
            textures=textures,
            uniforms={
                **knobs,
                "zoom": zoom * look.zoom,
                "span": span(size, self.size, fit=look.fit),
                "shape": size[0] / size[1],
                "crossfade": look.crossfade,
            },
        )

    def _finish(self, look: LookState, now_s: float) -> None:
        """Light, colours and what the look is mixed with, into what the limiter looks at."""
        textures = {"picture": self._chained}
        uniforms: dict[str, Value] = {"light": look.light, **self._finish_knobs(look)}
        share, other = self._mixed_with(look, now_s)
        if other is not None:
            textures["other"] = other
            uniforms["amount"] = share
        if look.hue:
            turn = math.radians(look.hue)
            uniforms["hue"] = (math.cos(turn), math.sin(turn))
        program = self._shelf.finish(hue=bool(look.hue), partly=other is not None)
        program.draw(self._guard.proposed.framebuffer, textures=textures, uniforms=uniforms)

    def _finish_knobs(self, look: LookState) -> dict[str, Value]:
        knobs = knob_uniforms(self._shelf.chain.look.finish, look.moment, look.turned)
        vignette = knobs["vignette"]
        assert isinstance(vignette, float)
        return {**knobs, "vignette": vignette * look.amount}

    def _mixed_with(self, look: LookState, now_s: float) -> tuple[float, moderngl.Texture | None]:
        """How much of the look is shown, and what is seen through it."""
        if self._left_at_s is not None:
            share = (now_s - self._left_at_s) / CHANGE_S
            if 0.0 <= share < 1.0:
                return share, self._left.texture
            self._left_at_s = None
        if look.amount < 1.0 and self._chained is not self._placed.texture:
            return look.amount, self._placed.texture
        return 1.0, None
