"""The steps of one look on the GPU: from the placed picture to the end of the chain.

In: a Look, a size, and per drawing a texture and a Moment.  Out: a texture.  Thread: the context's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import moderngl

from traumer_live.video.look import Size
from traumer_live.video.looks import Look, Moment, Step
from traumer_live.video.looks_steps import Knob, PassPlan
from traumer_live.video.passes import Pass, Shader, Value

FRESH_S = 1e3  # what ``dt`` says when a step remembers nothing yet: any trail has died by then


def knob_uniforms(step: Step, moment: Moment, turned: Mapping[str, float]) -> dict[str, Value]:
    """All knobs of ``step`` as its shader takes them; angles as cosine and sine."""
    return {knob.name: _as_uniform(knob, value) for knob, value in step.values(moment, turned)}


def _as_uniform(knob: Knob, value: float) -> Value:
    if not knob.is_angle:
        return value
    return math.cos(math.radians(value)), math.sin(math.radians(value))


@dataclass(frozen=True)
class Target:
    """A texture and the framebuffer that draws into it."""

    texture: moderngl.Texture
    framebuffer: moderngl.Framebuffer

    @classmethod
    def make(cls, ctx: moderngl.Context, size: Size, *, dtype: str = "f1") -> Target:
        """Black, clamped, filtered."""
        texture = ctx.texture(size, 4, dtype=dtype)
        texture.repeat_x = texture.repeat_y = False
        target = cls(texture, ctx.framebuffer([texture]))
        target.framebuffer.clear(0.0, 0.0, 0.0, 1.0)
        return target

    def release(self) -> None:
        """Give both back."""
        self.framebuffer.release()
        self.texture.release()


class StepRunner:
    """One step: its programs and what it draws into."""

    def __init__(self, ctx: moderngl.Context, step: Step, size: Size) -> None:
        """Raise ShaderError when the step does not compile."""
        self.step = step
        source = step.source
        shader = Shader(source.path.name, source.text)
        self._passes: list[tuple[Pass, Target | None]] = []
        self._memory: list[Target] = []
        self._is_fresh = True
        try:
            for plan in source.passes:
                program = Pass(ctx, shader, defines=(plan.word,) if plan.word else ())
                is_last = plan is source.passes[-1]
                self._passes.append((program, None if is_last else _smaller(ctx, plan, size)))
        except Exception:
            self.release()
            raise
        if source.remembers:
            # Eight bits would round for ever: the last steps of a trail would never fade.
            self._memory = [Target.make(ctx, size, dtype="f2") for _ in range(2)]

    def draw(
        self, picture: moderngl.Texture, given: Mapping[str, Value], free: Target
    ) -> moderngl.Texture:
        """Run over ``picture``; the result is in ``free`` or in the step's own memory."""
        before = picture
        last = self._memory[0] if self._memory else free
        for program, target in self._passes:
            target = target or last
            textures = {"picture": picture, "before": before}
            if self._memory:
                textures["memory"] = self._memory[1].texture
            uniforms: dict[str, Value] = {
                **given,
                "texel": (1.0 / before.width, 1.0 / before.height),
                **({"dt": FRESH_S} if self._is_fresh else {}),
            }
            program.draw(target.framebuffer, textures=textures, uniforms=uniforms)
            before = target.texture
        self._memory.reverse()
        self._is_fresh = False
        return before

    def release(self) -> None:
        """Give programs and textures back to the driver."""
        for program, target in self._passes:
            program.release()
            if target is not None:
                target.release()
        for target in self._memory:
            target.release()


class Chain:
    """All steps of a look."""

    def __init__(self, ctx: moderngl.Context, look: Look, size: Size) -> None:
        """Raise ShaderError when a step does not compile."""
        self.look = look
        self._size = size
        self._steps: list[StepRunner] = []
        self._free: list[Target] = []  # written in turn
        try:
            for step in look.steps:
                self._steps.append(StepRunner(ctx, step, size))
        except Exception:
            self.release()
            raise
        self._free += [Target.make(ctx, size) for _ in look.steps[:2]]

    def draw(
        self, placed: moderngl.Texture, moment: Moment, dt_s: float, turned: Mapping[str, float]
    ) -> moderngl.Texture:
        """From the ``placed`` picture to the end of the chain."""
        given: dict[str, Value] = {
            "aspect": self._size[0] / self._size[1],
            "time": moment.time_s,
            "dt": dt_s,
            "bass": moment.bass,
            "mid": moment.mid,
            "treble": moment.treble,
            "onset": moment.onset,
            "loudness": moment.loudness,
            "beat": moment.beat,
        }
        texture = placed
        for number, runner in enumerate(self._steps):
            uniforms = given | knob_uniforms(runner.step, moment, turned)
            texture = runner.draw(texture, uniforms, self._free[number % 2])
        return texture

    def release(self) -> None:
        """Give everything back to the driver."""
        for runner in self._steps:
            runner.release()
        for target in self._free:
            target.release()


def _smaller(ctx: moderngl.Context, plan: PassPlan, size: Size) -> Target:
    """Where a pass that is not the last draws."""
    return Target.make(ctx, (max(size[0] // plan.scale, 1), max(size[1] // plan.scale, 1)))
