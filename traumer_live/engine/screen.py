"""What the audience sees: the newest frame through the look chain, once for every window.

In: the running Show and an OpenGL context.  Out: a texture; its pixels to the take, if one runs.
Thread: the one that owns the context (studio, kiosk or headless loop); never waits.
"""

from __future__ import annotations

import time
from dataclasses import replace

import moderngl

from traumer_live.core.clock import host_time
from traumer_live.core.controls import Controls
from traumer_live.core.types import Pixels, Pulse
from traumer_live.engine.between import Between, steps_for
from traumer_live.engine.ears import Thought
from traumer_live.engine.pacing import Pacing
from traumer_live.engine.seen import look_state
from traumer_live.engine.show import Show
from traumer_live.engine.status import ShowStatus
from traumer_live.engine.timing import DISC_LOOK, FlashDisc, foreseen
from traumer_live.video.gl import is_software
from traumer_live.video.hud import HudReading
from traumer_live.video.look import Fade, LookState, Size
from traumer_live.video.readback import Readback
from traumer_live.video.renderer import Renderer

__all__ = ["AUDIBLE_DBFS", "Screen", "hud_reading", "look_state"]

AUDIBLE_DBFS = -60.0


class Screen:
    """Draws the show into one texture that windows present and takes record."""

    def __init__(self, show: Show, ctx: moderngl.Context, size: Size) -> None:
        self._show = show
        self._ctx = ctx
        self._renderer = Renderer(ctx, size)
        self._readback = Readback(ctx, size)
        self._blackout = Fade()
        self._fade = Fade()
        self._problem = ""  # of the look, as told last
        self._pacing = Pacing()
        self._between = Between()
        self.disc: FlashDisc | None = None  # drawn in place of pictures while it is there
        self._has_disc = False  # it was drawn last
        self.picture: Pixels | None = None  # the generator's, as drawn last
        self._share = 1.0  # of the newest picture in the last drawing
        self._owed = False  # the take has no drawing of this tick yet
        self._recorded = -1  # sample index of the tick that it has one of
        self._opened_at = time.monotonic()  # shaders count from here: 32 bits hold no long uptime

    @property
    def size(self) -> Size:
        """Width and height of what the audience sees, in pixels."""
        return self._renderer.size

    @property
    def texture(self) -> moderngl.Texture:
        """What the audience sees, as of the last refresh."""
        return self._renderer.texture

    @property
    def renderer(self) -> Renderer:
        """The look chain itself, for windows of the same context."""
        return self._renderer

    def follow_display(self, hz: float, *, affordable: bool | None = None) -> None:
        """Draw as often as a display of ``hz`` is worth: up to four times a tick, 0: once.

        Where the processor draws (llvmpipe) that costs more than it gives, and it is left.
        """
        if affordable is None:
            affordable = not is_software(self._ctx)
        self._pacing.steps = self._between.steps = steps_for(hz) if affordable else 1

    def is_due(self, now_s: float) -> bool:
        """Whether ``refresh`` would draw at host time ``now_s``; needs no context."""
        thought, frame = self._show.thought, self._show.frames.peek()
        return self._pacing.is_due(
            now_s,
            thought=thought.sample_index if thought else None,
            picture=frame.sample_index if frame else None,
        )

    def refresh(self, now_s: float) -> bool:
        """Draw when there is something new at host time ``now_s``; True when it was drawn."""
        if not self.is_due(now_s):
            return False
        thought = self._show.thought  # once: the take's slot is that of the pulse drawn
        is_tick = self._pacing.is_other(thought.sample_index if thought else None)
        frame = self._show.frames.take()
        self._pacing.drawn(
            now_s,
            thought=thought.sample_index if thought else None,
            with_new_picture=frame is not None,
        )
        with self._show.stats.stage("look"):
            if frame is not None:
                self.picture = frame.pixels
                self._between.came(now_s)
            self._draw(thought, now_s, is_new=frame is not None)
            self._ctx.finish()  # windows of other contexts sample the texture next
        self._tell()
        if frame is not None:
            self._show.stats.shown(now_s, by_music=_is_audible(thought))
        elif self._show.controls.now.frozen:
            self._show.stats.paused()
        self._record(thought, is_tick=is_tick)
        return True

    def close(self) -> None:
        """Hand the last picture to the take and give everything back to the driver."""
        self._offer(self._readback.flush())
        self._readback.release()
        self._renderer.release()

    def _draw(self, thought: Thought | None, now_s: float, *, is_new: bool) -> None:
        """The picture through its look; or the disc by which the offset is adjusted."""
        disc, had_disc = self.disc, self._has_disc
        self._has_disc = disc is not None
        if disc is not None:
            self._renderer.upload(disc.picture(thought, self._show.controls.now.latency_ms))
            self._renderer.draw(replace(DISC_LOOK, time_s=now_s - self._opened_at))
            return
        if self.picture is not None and (is_new or had_disc):
            self._renderer.upload(self.picture)
        self._renderer.draw(self._look(thought, now_s))

    def _look(self, thought: Thought | None, now_s: float) -> LookState:
        self._share = self._between.share(now_s)
        controls = self._show.controls.played
        pulse = foreseen(thought.pulse if thought else Pulse(), -controls.latency_ms / 1000)
        return replace(
            look_state(controls, pulse, time_s=now_s - self._opened_at),
            blackout=self._darkness(controls, now_s),
            freeze=controls.frozen,
            crossfade=self._share,
        )

    def _darkness(self, controls: Controls, now_s: float) -> float:
        """How much of the light is taken: by the quick blackout, and by the slow fade."""
        quick = self._blackout.toward(controls.blackout, now_s=now_s)
        slow = self._fade.toward(controls.fade, now_s=now_s, seconds=controls.fade_s)
        return 1.0 - (1.0 - quick) * (1.0 - slow)

    def _tell(self) -> None:
        """Say what the flash limiter did, and what is wrong with the look."""
        if self._renderer.limiting > 0.0:
            self._show.limited_at_s = host_time()
            self._show.stats.count("limiter.pictures")
        problem = self._renderer.problem
        if problem and problem != self._problem:
            self._show.notices.tell_again(problem)
        self._problem = problem

    def _record(self, thought: Thought | None, *, is_tick: bool) -> None:
        index = thought.sample_index if thought else 0
        if (
            thought is not None
            and self._pacing.steps > 1
            and not self._is_for_the_take(index, is_tick=is_tick)
        ):
            return
        if not self._show.wants_pixels:
            self._readback.flush()
            return
        with self._show.stats.stage("readback"):
            self._offer(self._readback.exchange(self._renderer.framebuffer, index))

    def _is_for_the_take(self, index: int, *, is_tick: bool) -> bool:
        """Of several drawings a tick one: with the picture whole, else the last.

        Where a busy machine left that out, the next tick's first.
        """
        if index == self._recorded:
            return False
        settled = self._share >= 1.0 or self._pacing.is_last
        if not settled and not (is_tick and self._owed):
            self._owed = self._owed or is_tick
            return False
        self._owed, self._recorded = False, index
        return True

    def _offer(self, done: tuple[Pixels, int] | None) -> None:
        if done is not None:
            self._show.offer(*done)


def _is_audible(thought: Thought | None) -> bool:
    return thought is not None and thought.pulse.level_dbfs > AUDIBLE_DBFS


def hud_reading(status: ShowStatus) -> HudReading:
    """The numbers of the status line."""
    return HudReading(
        fps=status.fps,
        p95_ms=status.p95_ms,
        drops=status.dropped,
        limiting=status.limiting,
        safe=status.safe,
        rung=status.rung,
        teaching=status.teaching,
        knows=status.why.confidence,
        level_dbfs=status.pulse.level_dbfs,
        tags=tuple(name for name, _ in status.tags),
        lag_s=(
            status.delay_s["coarse"],
            status.delay_s["middle"],
            status.delay_s["fine"],
        ),
    )
