"""What the generator and the critic want, worked out on any thread.

In: networks, lessons.  Out: losses, and the pictures or views they were measured on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from tools.training.critic import Critic, Gaze
from tools.training.features import Features
from tools.training.losses import apart, closeness, edges, guidance, manner
from tools.training.network import Heads, Reading, Steering, dream
from tools.training.pool import Lesson
from tools.training.schedule import Stage
from traumer_live.synthesis.networks import StyleGAN2

KINDS_SHARE = 2.0  # of the plan's weight: drawing is learnt before choosing
RELIEF_SHARE = 0.7


@dataclass
class Meter:
    """Running means of the losses between two log lines."""

    sums: dict[str, tuple[float, int]] = field(default_factory=dict)

    def add(self, **values: Tensor) -> None:
        """Take in one measurement."""
        for name, value in values.items():
            total, count = self.sums.get(name, (0.0, 0))
            self.sums[name] = (total + float(value.detach()), count + 1)

    def line(self) -> str:
        """The means since the last line; starts anew."""
        means = [f"{name} {total / count:.3f}" for name, (total, count) in self.sums.items()]
        self.sums = {}
        return "  ".join(means)


@dataclass
class Objective:
    """The networks that are compared, asked and criticised."""

    generator: StyleGAN2
    steering: Steering
    heads: Heads
    critic: Critic
    meter: Meter = field(default_factory=Meter)
    features: Features | None = None  # of the critic; read when a stage needs them

    def loss(self, stage: Stage, lesson: Lesson) -> tuple[Tensor, Tensor]:
        """What the generator wants to lower, and the pictures it was measured on."""
        pictures, passed = dream(
            self.generator, self.steering, lesson.features, lesson.touch, lesson.palette,
            lesson.noise if stage.bristles else (), size=stage.size,
        )  # fmt: skip
        near = closeness(pictures, lesson.pictures)
        self.meter.add(near=near)
        total = stage.picture_weight * near
        total = total + stage.plan_weight * self.understanding(self.heads(passed), lesson)
        if stage.guide_weight:
            guide = guidance(pictures, lesson.pictures)
            self.meter.add(guide=guide)
            total = total + stage.guide_weight * guide
        if stage.is_judged:
            total = total + self.judgement(stage, pictures, lesson.pictures)
        return total, pictures

    def understanding(self, read: Reading, lesson: Lesson) -> Tensor:
        """How far the features are from what the painter had in mind."""
        kinds, plan = apart(read.kinds, lesson.kinds), apart(read.plan, lesson.plans)
        strokes = F.mse_loss(read.strokes, lesson.strokes)
        self.meter.add(kinds=kinds, plan=plan, strokes=strokes)
        total = plan + KINDS_SHARE * kinds + strokes
        total = total + edges(read.plan, lesson.plans) + edges(read.kinds, lesson.kinds)
        if read.relief is not None and read.finer_plan is not None:
            energy = lesson.relief.square().mean() + 1e-3
            relief = F.mse_loss(read.relief, lesson.relief) / energy
            wanted = F.interpolate(lesson.plans, scale_factor=2, mode="bilinear")
            self.meter.add(relief=relief)
            total = total + RELIEF_SHARE * relief + F.l1_loss(read.finer_plan, wanted) / 2
        return total

    def judgement(self, stage: Stage, fake: Tensor, real: Tensor) -> Tensor:
        """Whether it is painted like its target, and like anything painted at all."""
        gaze = Gaze.random(len(fake))
        seen = self.seen(gaze.at(fake))
        with torch.no_grad():
            wanted = self.seen(gaze.at(real))
        strange, opinion = manner(seen, wanted), self.scores(seen).mean()
        self.meter.add(manner=strange, opinion=opinion)
        return stage.manner_weight * strange - stage.adversary_weight * opinion

    def hinge(self, views: Tensor, side: float) -> tuple[Tensor, Tensor]:
        """How far the critic's scores are on the wrong side: 1 for dreamt, -1 for painted."""
        with torch.no_grad():
            seen = self.seen(views)
        loss = (1 + side * self.scores(seen)).relu().mean()
        self.meter.add(hinge=loss)
        return loss, views

    def seen(self, views: Tensor) -> list[Tensor]:
        """The frozen features of views, from fine to coarse."""
        assert self.features is not None
        with torch.autocast("cpu", torch.bfloat16):
            return [m.float() for m in self.features(views)]

    def scores(self, seen: list[Tensor]) -> Tensor:
        """The critic's scores of what is seen."""
        with torch.autocast("cpu", torch.bfloat16):
            return self.critic(seen).float()
