"""One training run: steps through the stages, keeps checkpoints and sheets, can stop at any moment.

In: a folder, with or without a checkpoint.  Out: checkpoint, log.txt, sheet-*.jpg and pid in it.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tools.gallery.painter import paint
from tools.gallery.parameters import Z_DIM
from tools.gallery.sheets import save_sheet
from tools.training import checkpoint
from tools.training.critic import Critic, view
from tools.training.features import Features
from tools.training.losses import closeness, guidance, plan_distance, reduced
from tools.training.network import (
    PALETTE_AT,
    PlanHeads,
    dream,
    follow,
    new_generator,
    optimiser,
)
from tools.training.pool import Pool
from tools.training.schedule import STAGES, STEP_LIMIT_S, Stage

WARM_UP = 100  # steps until the full rate
SAVE_EVERY_S = 240.0
SHEET_EVERY_S = 480.0
LOG_EVERY = 100  # steps
GRADIENT_LIMIT = 10.0
# Half a batch per worker, each on one thread: they meet once a step. Two threads inside every
# operation waited for each other so often that, beside other programs, a step took .85 s of
# processor time instead of .29.
WORKERS = 2

Job = Callable[[], tuple[Tensor, Tensor]]  # loss, picture


@dataclass
class Progress:
    """How far the run is; stored with the checkpoint."""

    stage: int = 0
    seconds: float = 0.0  # of work in this stage
    step: int = 0
    stage_step: int = 0


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


class Trainer:
    """The networks in training and the folder they live in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.generator, self.average = new_generator(), new_generator()
        self.average.load_state_dict(self.generator.state_dict())
        self.average.requires_grad_(False)
        self.critic = Critic().to(memory_format=torch.channels_last)
        self.heads = PlanHeads()
        self.adam = optimiser(self.generator, self.heads, (0.9, 0.99))
        self.critic_adam = torch.optim.Adam(self.critic.parameters(), 2e-3, (0.0, 0.99), fused=True)
        self.features: Features | None = None
        self.progress, self.meter = Progress(), Meter()
        self.stopping = False
        self.workers = ThreadPoolExecutor(WORKERS, initializer=torch.set_num_threads, initargs=(1,))
        torch.manual_seed(7)
        self.sheet_z = torch.randn(3, 64, Z_DIM)
        self.sheet_z[0, :32] = self.sheet_z[0, :8].repeat(4, 1)  # upper half: style mixing

    @property
    def checkpoint_path(self) -> Path:
        """Where the run is kept."""
        return self.folder / "checkpoint.safetensors"

    def networks(self) -> dict[str, nn.Module]:
        """Everything with weights, by its name in the checkpoint."""
        return {
            "generator": self.generator,
            "average": self.average,
            "heads": self.heads,
            "critic": self.critic,
        }

    def save(self) -> None:
        """Write the checkpoint."""
        networks = self.networks()
        optimisers: dict[str, torch.optim.Optimizer] = {
            "adam": self.adam,
            "critic_adam": self.critic_adam,
        }
        checkpoint.save(self.checkpoint_path, networks, optimisers, vars(self.progress))

    def resume(self) -> None:
        """Go on from the checkpoint, when there is one."""
        if not self.checkpoint_path.exists():
            return
        state, progress = checkpoint.load(self.checkpoint_path)
        for name, network in self.networks().items():
            if weights := checkpoint.taken(name, state):
                network.load_state_dict(weights)
        checkpoint.recall(self.adam, checkpoint.taken("adam", state))
        checkpoint.recall(self.critic_adam, checkpoint.taken("critic_adam", state))
        self.progress = Progress(**progress)

    def log(self, text: str) -> None:
        """One line with the time of day."""
        with (self.folder / "log.txt").open("a") as file:
            file.write(f"{time.strftime('%H:%M:%S')}  {text}\n")

    def sheet(self, stage: Stage) -> None:
        """The average network's pictures, and at the first time their targets."""
        exit_resolution = max(stage.exit_resolution, PALETTE_AT)
        pictures = [
            dream(self.average, z, exit_resolution=exit_resolution)[0]
            for z in self.sheet_z.split(16, 1)
        ]
        small = reduced(torch.cat(pictures), 128) / 2 + 0.5
        save_sheet(small, self.folder / f"sheet-{self.progress.step:06d}-{stage.name}.jpg")
        target = self.folder / f"target-{stage.name}.jpg"
        if not target.exists():
            save_sheet(paint(*self.sheet_z, size=128, spread=stage.spread), target)

    def run(self) -> None:
        """Train to the end of the schedule or until told to stop."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "pid").write_text(str(os.getpid()))
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        while self.progress.stage < len(STAGES) and not self.stopping:
            self.run_stage(STAGES[self.progress.stage])
            if not self.stopping:
                self.progress.stage += 1
                self.progress.seconds, self.progress.stage_step = 0.0, 0
            self.save()
        (self.folder / "pid").unlink(missing_ok=True)

    def _stop(self, *_: Any) -> None:
        self.stopping = True

    def run_stage(self, stage: Stage) -> None:
        """Work through one stage; returns early when stopping."""
        self.log(f"stage {stage}")
        if (stage.feature_weight or stage.adversary_weight) and self.features is None:
            self.features = Features().to(memory_format=torch.channels_last)
        pool = Pool(stage.pool, stage.target_size, bristles=stage.bristles, spread=stage.spread)
        saved = drawn = time.monotonic()
        while self.progress.seconds < stage.minutes * 60 and not self.stopping:
            begin = time.monotonic()
            self.set_rate(stage)
            pool.renew(stage.fresh)
            self.step(stage, *pool.draw(stage.batch))
            now = time.monotonic()
            self.progress.seconds += min(now - begin, STEP_LIMIT_S)
            saved = self.every(SAVE_EVERY_S, saved, self.save)
            drawn = self.every(SHEET_EVERY_S, drawn, lambda: self.sheet(stage))
        self.sheet(stage)

    @staticmethod
    def every(seconds: float, last: float, work: Callable[[], None]) -> float:
        """Do ``work`` when it is due; returns when it was done last."""
        if time.monotonic() - last < seconds:
            return last
        with torch.no_grad():
            work()
        return time.monotonic()

    def set_rate(self, stage: Stage) -> None:
        """Warm up, then from the stage's first rate to its last."""
        done = self.progress.seconds / (60 * stage.minutes)
        rate = stage.rate * (stage.rate_end / stage.rate) ** min(done, 1.0)
        rate *= min(1.0, (self.progress.stage_step + 1) / WARM_UP)
        for group in self.adam.param_groups:
            group["lr"] = rate * group["speed"]
            group["betas"] = (0.0 if stage.adversary_weight else 0.9, 0.99)

    def step(self, stage: Stage, z: Tensor, real: Tensor, plan: Tensor) -> None:
        """One step of the generator and, where there is an adversary, of the critic."""
        halves = zip(z.chunk(WORKERS, 1), real.chunk(WORKERS), plan.chunk(WORKERS), strict=True)
        jobs = [partial(self.loss, stage, *half) for half in halves]
        weights = [*self.generator.parameters(), *self.heads.parameters()]
        fakes = self.descend(weights, self.adam, jobs)
        if stage.adversary_weight:
            self.teach_critic(torch.cat(fakes), real)
        self.progress.step += 1
        self.progress.stage_step += 1
        follow(self.average, self.generator, self.progress.step)
        if self.progress.step % LOG_EVERY == 0:
            minutes = self.progress.seconds / 60
            self.log(f"{stage.name} {self.progress.step} {minutes:.1f} min  {self.meter.line()}")

    def descend(
        self, weights: list[nn.Parameter], adam: torch.optim.Adam, jobs: list[Job]
    ) -> list[Tensor]:
        """Work out the jobs at the same time, add up their gradients, move the weights."""

        def work(job: Job) -> tuple[Tensor, tuple[Tensor | None, ...]]:
            loss, picture = job()
            gradients = torch.autograd.grad(loss / len(jobs), weights, allow_unused=True)
            return picture.detach(), gradients

        pictures, gradients = zip(*self.workers.map(work, jobs), strict=True)
        for weight, parts in zip(weights, zip(*gradients, strict=True), strict=True):
            found = [part for part in parts if part is not None]
            weight.grad = torch.stack(found).sum(0) if found else None
        nn.utils.clip_grad_norm_(weights, GRADIENT_LIMIT)
        adam.step()
        return list(pictures)

    def loss(self, stage: Stage, z: Tensor, real: Tensor, plan: Tensor) -> tuple[Tensor, Tensor]:
        """What the generator wants to lower, and the picture it was measured on."""
        noise = "random" if stage.adversary_weight else "none"
        exit_resolution = stage.exit_resolution
        picture, features = dream(self.generator, z, exit_resolution=exit_resolution, noise=noise)
        fake = reduced(picture, stage.target_size)
        planned = plan_distance(self.heads(features), plan)
        self.meter.add(plan=planned)
        if not stage.picture_weight:
            return planned, fake
        judge = self.adversarial_loss if stage.adversary_weight else self.guided_loss
        return judge(stage, fake, real) + stage.plan_weight * planned, fake

    def guided_loss(self, stage: Stage, fake: Tensor, real: Tensor) -> Tensor:
        """Closeness to the target, from 128 pixels on also in frozen features."""
        near = closeness(fake, real)
        self.meter.add(near=near)
        if not stage.feature_weight:
            return near
        assert self.features is not None
        with torch.autocast("cpu", torch.bfloat16):
            far = self.features.distance(fake, real).float()
        self.meter.add(features=far)
        return near + stage.feature_weight * far

    def adversarial_loss(self, stage: Stage, fake: Tensor, real: Tensor) -> Tensor:
        """Guidance from afar, and the critic's opinion of the paint."""
        guide = guidance(fake, real)
        opinion = self.scores(fake, close=self.looks_close()).mean()
        self.meter.add(guide=guide, opinion=opinion)
        return guide - stage.adversary_weight * opinion

    def teach_critic(self, fake: Tensor, real: Tensor) -> None:
        """One hinge step."""
        close = self.looks_close()
        jobs = [partial(self.hinge, fake, 1.0, close), partial(self.hinge, real, -1.0, close)]
        self.descend(list(self.critic.parameters()), self.critic_adam, jobs)

    def hinge(self, pictures: Tensor, side: float, close: bool) -> tuple[Tensor, Tensor]:
        """How far the critic's scores are on the wrong side: 1 for dreamt, -1 for painted."""
        loss = (1 + side * self.scores(pictures, close=close)).relu().mean()
        self.meter.add(hinge=loss)
        return loss, pictures

    def scores(self, pictures: Tensor, *, close: bool) -> Tensor:
        """The critic's scores of a random view."""
        assert self.features is not None
        with torch.autocast("cpu", torch.bfloat16):
            return self.critic(self.features(view(pictures, close))).float()

    @staticmethod
    def looks_close() -> bool:
        """Half of the views show full detail."""
        return bool(torch.rand(()) < 0.5)
