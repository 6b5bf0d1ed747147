"""One training run: steps through the stages, keeps checkpoints and sheets, can stop at any moment.

In: a folder, with or without a checkpoint.  Out: checkpoint, log, sheets, snapshots, pid in it.
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

from tools.gallery.painter import paint_openly
from tools.gallery.parameters import Z_DIM
from tools.gallery.sheets import save_sheet
from tools.training import checkpoint
from tools.training.critic import Critic, view
from tools.training.features import Features
from tools.training.losses import apart, closeness, guidance, reading_error, reduced
from tools.training.network import GLANCE, Heads, dream, follow, new_generator, optimiser
from tools.training.pool import Lesson, Pool
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
GLANCES = 256  # z per step that w is asked about beside the pictures
TAUGHT = ("generator", "heads")  # by the generator's optimiser

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
        self.heads = Heads()
        self.adam = optimiser(self.generator, [self.heads], (0.9, 0.99))
        self.critic_adam = torch.optim.Adam(self.critic.parameters(), 2e-3, (0.0, 0.99), fused=True)
        self.features: Features | None = None
        self.progress, self.meter = Progress(), Meter()
        self.stopping = False
        self.workers = ThreadPoolExecutor(WORKERS, initializer=torch.set_num_threads, initargs=(1,))
        torch.manual_seed(7)
        self.sheet_z = torch.randn(64, Z_DIM)

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

    def resume(self) -> bool:
        """Go on from the checkpoint; False when there is none."""
        if not self.checkpoint_path.exists():
            return False
        state, progress = checkpoint.load(self.checkpoint_path)
        for name, network in self.networks().items():
            if weights := checkpoint.taken(name, state):
                network.load_state_dict(weights)
        checkpoint.recall(self.adam, checkpoint.taken("adam", state))
        checkpoint.recall(self.critic_adam, checkpoint.taken("critic_adam", state))
        self.progress = Progress(**progress)
        return True

    def begin_with(self, model: Path, state: Path) -> None:
        """Go on from a shipped model and the other networks of its training; Adam starts anew."""
        weights, progress = checkpoint.load(state)
        for name in checkpoint.BESIDE:
            self.networks()[name].load_state_dict(checkpoint.taken(name, weights))
        shipped = checkpoint.shipped(model)
        self.generator.load_state_dict(shipped)
        self.average.load_state_dict(shipped)
        self.progress = Progress(**progress)

    def log(self, text: str) -> None:
        """One line with the time of day."""
        with (self.folder / "log.txt").open("a") as file:
            file.write(f"{time.strftime('%H:%M:%S')}  {text}\n")

    def sheet(self, stage: Stage) -> None:
        """The average network: its likeness of painted pictures, then random dreams; and itself."""
        lesson = self.sheet_lesson(stage)
        pictures = []
        for part in lesson.split(2):
            z = part.z.transpose(0, 1)
            pictures += [part.pictures, dream(self.average, z, exit_resolution=stage.size)[0]]
        wild = [
            dream(self.average, z.expand(3, -1, -1), exit_resolution=stage.size)[0]
            for z in self.sheet_z.split(16)
        ]
        shown = torch.cat([*(p[:16] for p in pictures), *wild])
        small = reduced(shown, min(stage.size, 128)) / 2 + 0.5
        save_sheet(
            small, self.folder / f"sheet-{self.progress.step:06d}-{stage.name}.png", columns=16
        )
        snapshot = self.folder / f"snapshot-{self.progress.step:06d}.safetensors"
        checkpoint.export(snapshot, self.average, status=stage.name, steps=self.progress.step)

    def sheet_lesson(self, stage: Stage) -> Lesson:
        """Painted pictures that the network is never taught."""
        with torch.random.fork_rng():
            torch.manual_seed(3)
            return Pool(32, stage.size, bristles=stage.bristles).draw(32)

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
        if stage.adversary_weight and self.features is None:
            self.features = Features().to(memory_format=torch.channels_last)
        pool = Pool(stage.pool, stage.size, bristles=stage.bristles) if stage.size else None
        saved = drawn = time.monotonic()
        while self.progress.seconds < stage.minutes * 60 and not self.stopping:
            begin = time.monotonic()
            self.set_rate(stage)
            self.step(stage, pool.next(stage.batch, stage.fresh) if pool else None)
            now = time.monotonic()
            self.progress.seconds += min(now - begin, STEP_LIMIT_S)
            saved = self.every(SAVE_EVERY_S, saved, self.save)
            if stage.size:
                drawn = self.every(SHEET_EVERY_S, drawn, lambda: self.sheet(stage))
        if stage.size:
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

    def step(self, stage: Stage, lesson: Lesson | None) -> None:
        """One step of the generator and, where there is an adversary, of the critic.

        Without a lesson the mapping alone learns, from what w can tell by itself.
        """
        weights = [w for name in TAUGHT for w in self.networks()[name].parameters()]
        if lesson is None:
            jobs: list[Job] = [partial(self.foretold, stage.batch // WORKERS)] * WORKERS
        else:
            jobs = [partial(self.loss, stage, part) for part in lesson.split(WORKERS)]
        fakes = self.descend(weights, self.adam, jobs)
        if stage.adversary_weight and lesson is not None:
            self.teach_critic(torch.cat(fakes), lesson.pictures)
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
            # The fused Adam reads gradients in the memory order of their weights, whatever their
            # strides say: a gradient laid out otherwise is applied to the wrong places, silently.
            weight.grad = checkpoint.laid_out_like(weight, sum(found)) if found else None
        nn.utils.clip_grad_norm_(weights, GRADIENT_LIMIT)
        adam.step()
        return list(pictures)

    def loss(self, stage: Stage, lesson: Lesson) -> tuple[Tensor, Tensor]:
        """What the generator wants to lower, and the pictures it was measured on."""
        noise = "random" if stage.adversary_weight else "none"
        z = lesson.z.transpose(0, 1)
        pictures, features = dream(self.generator, z, exit_resolution=stage.size, noise=noise)
        fields, plans = self.heads(features)
        ground, planned = reading_error(fields, lesson.fields), reading_error(plans, lesson.plans)
        self.meter.add(ground=ground, plan=planned)
        total = stage.plan_weight * (ground + planned) + self.foresight(GLANCES // WORKERS)
        total = total + self.likeness(stage, pictures, lesson.pictures)
        if stage.adversary_weight:
            opinion = self.scores(pictures, close=self.looks_close()).mean()
            self.meter.add(opinion=opinion)
            total = total - stage.adversary_weight * opinion
        return total, pictures

    def foretold(self, count: int) -> tuple[Tensor, Tensor]:
        """The foresight as a job; it has no picture."""
        return self.foresight(count), torch.empty(0)

    def foresight(self, count: int) -> Tensor:
        """How far w alone is from telling the colours and the fields of ``count`` z."""
        z = torch.randn(count, Z_DIM)
        with torch.no_grad():
            painted = paint_openly(z, z, z, size=GLANCE, texture=False)
        with torch.autocast("cpu", torch.bfloat16):
            w = self.generator.mapping(z)
        colours, glance = self.heads.of_w(w)
        paints, fields = apart(colours, painted.colours * 2 - 1), apart(glance, painted.fields)
        self.meter.add(paints=paints, glance=fields)
        return paints + fields

    def likeness(self, stage: Stage, fake: Tensor, real: Tensor) -> Tensor:
        """Distance from the target: pixels and thumbnails."""
        near, guide = closeness(fake, real), guidance(fake, real)
        self.meter.add(near=near, guide=guide)
        return stage.picture_weight * near + stage.guide_weight * guide

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
