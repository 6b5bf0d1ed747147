"""One training run: steps through the stages, keeps checkpoints and sheets, can stop at any moment.

In: a folder, with or without a checkpoint.  Out: checkpoint, log, sheets, snapshots, pid in it.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tools.gallery.bristles import NOISE_SIZES
from tools.gallery.sheets import save_sheet
from tools.training import checkpoint
from tools.training.critic import Critic, Gaze
from tools.training.features import Features
from tools.training.losses import reduced
from tools.training.muon import Muon
from tools.training.network import (
    TRAINED,
    Heads,
    Steering,
    dream,
    matrices,
    new_generator,
    other_weights,
)
from tools.training.objective import Objective
from tools.training.pool import Lesson, Pool
from tools.training.schedule import ROUNDS, STAGES, STEP_LIMIT_S, Stage, next_round, stage_of

WARM_UP = 100  # steps until the full rate
SAVE_EVERY_S = 240.0
SHEET_EVERY_S = 480.0
LOG_EVERY = 100  # steps
GRADIENT_LIMIT = 10.0
# Half a batch per worker, each on one thread: they meet once a step. Two threads inside every
# operation waited for each other so often that, beside other programs, a step took .85 s of
# processor time instead of .29.
WORKERS = 2
MUONS_SPEED = 3.0  # of the convolutions, beside Adam's
HEADS_SPEED = 0.3  # they have no equalised rate
SLOWEST, YOUNG = 0.003, 5  # share of the running average that a step renews, and steps it is young

Stepping = Muon | torch.optim.Optimizer
Job = Callable[[], tuple[Tensor, Tensor]]  # loss, picture


@dataclass
class Progress:
    """How far the run is; stored with the checkpoint."""

    stage: int = 0
    seconds: float = 0.0  # of work in this stage
    step: int = 0
    stage_step: int = 0


class Trainer:
    """The networks in training and the folder they live in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.generator, self.average = new_generator(), new_generator()
        self.steering, self.average_steering = Steering(), Steering()
        self.follow(share=1.0)
        self.critic = Critic().to(memory_format=torch.channels_last)
        self.heads = Heads()
        self.muon = Muon(matrices(self.generator))
        groups = [
            {"params": other_weights(self.generator), "speed": 1.0},
            {"params": list(self.steering.parameters()), "speed": 1.0},
            {"params": list(self.heads.parameters()), "speed": HEADS_SPEED},
        ]
        self.adam = torch.optim.Adam(groups, lr=1e-3, betas=(0.9, 0.99), fused=True)
        self.critic_adam = torch.optim.Adam(self.critic.parameters(), 2e-3, (0.0, 0.99), fused=True)
        self.objective = Objective(self.generator, self.steering, self.heads, self.critic)
        self.progress, self.meter = Progress(), self.objective.meter
        self.stopping = False
        self.workers = ThreadPoolExecutor(WORKERS, initializer=torch.set_num_threads, initargs=(1,))

    @property
    def checkpoint_path(self) -> Path:
        """Where the run is kept."""
        return self.folder / "checkpoint.safetensors"

    def networks(self) -> dict[str, nn.Module]:
        """Everything with weights, by its name in the checkpoint."""
        return {
            "generator": self.generator,
            "average": self.average,
            "steering": self.steering,
            "average_steering": self.average_steering,
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
        checkpoint.save(
            self.checkpoint_path, networks, optimisers, self.muon.momenta, vars(self.progress)
        )

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
        for number, momentum in checkpoint.taken("momenta", state).items():
            self.muon.momenta[int(number)].copy_(momentum)
        self.progress = Progress(**progress)
        return True

    def begin_with(self, model: Path, state: Path) -> None:
        """Begin the next round with a shipped model and the networks of its training.

        Only Adam and Muon start anew.
        """
        weights, progress = checkpoint.load(state)
        for name in checkpoint.BESIDE:
            self.networks()[name].load_state_dict(checkpoint.taken(name, weights))
        self.generator.load_state_dict(checkpoint.shipped(model))
        self.follow(share=1.0)
        stood = Progress(**progress)
        begun = stood.stage + (stood.seconds > 0)
        self.progress = Progress(stage=next_round(begun), step=stood.step)

    def log(self, text: str) -> None:
        """One line with the time of day."""
        with (self.folder / "log.txt").open("a") as file:
            file.write(f"{time.strftime('%H:%M:%S')}  {text}\n")

    @torch.no_grad()
    def follow(self, *, share: float) -> None:
        """Move the running averages toward the networks."""
        pairs = ((self.average, self.generator), (self.average_steering, self.steering))
        for average, network in pairs:
            torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), share)

    def sheet(self, stage: Stage) -> None:
        """Painted pictures and the average network's likeness of them, and itself as a model."""
        lesson = self.sheet_lesson(stage)
        rows = []
        for part in lesson.split(8):
            dreamt, _ = dream(
                self.average, self.average_steering, part.features, part.touch, part.palette,
                part.noise if stage.bristles else (), size=stage.size,
            )  # fmt: skip
            rows += [part.pictures, dreamt]
        small = reduced(torch.cat(rows), min(stage.size, 128)) / 2 + 0.5
        name = f"sheet-{self.progress.step:06d}-{stage.name}.png"
        save_sheet(small, self.folder / name, columns=8)
        snapshot = self.folder / f"snapshot-{self.progress.step:06d}.safetensors"
        self.export(snapshot, status=stage.name)

    def export(self, path: Path, *, status: str) -> None:
        """Write the average network as it is shipped."""
        steps = self.progress.step
        checkpoint.export(path, self.average, self.average_steering, status=status, steps=steps)

    def export_state(self, path: Path) -> None:
        """Write what going on from the shipped model needs beside it."""
        networks = self.networks() | {"steering": self.average_steering}
        checkpoint.export_state(path, networks, vars(self.progress))

    def sheet_lesson(self, stage: Stage) -> Lesson:
        """Painted pictures that the network is never taught."""
        with torch.random.fork_rng():
            torch.manual_seed(3)
            return Pool(64, stage.size, bristles=stage.bristles).draw(64)

    def run(self) -> None:
        """Train, round after round, to the end of the last one or until told to stop."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "pid").write_text(str(os.getpid()))
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        while self.progress.stage < ROUNDS * len(STAGES) and not self.stopping:
            self.run_stage(stage_of(self.progress.stage))
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
        if stage.is_judged and self.objective.features is None:
            self.objective.features = Features().to(memory_format=torch.channels_last)
        if self.progress.stage_step == 0:
            self.wake_noise(stage)
        pool = Pool(stage.pool, stage.size, bristles=stage.bristles)
        saved = drawn = time.monotonic()
        while self.progress.seconds < stage.minutes * 60 and not self.stopping:
            begin = time.monotonic()
            self.set_rate(stage)
            self.step(stage, pool.next(stage.batch, stage.fresh))
            now = time.monotonic()
            self.progress.seconds += min(now - begin, STEP_LIMIT_S)
            saved = self.every(SAVE_EVERY_S, saved, self.save)
            drawn = self.every(SHEET_EVERY_S, drawn, lambda: self.sheet(stage))
        with torch.no_grad():
            self.sheet(stage)

    @torch.no_grad()
    def wake_noise(self, stage: Stage) -> None:
        """Let the noise into layers that bristles are to be painted in and that have none yet."""
        for spec in TRAINED:
            if spec.up and min(NOISE_SIZES) <= spec.resolution <= stage.size:
                strength = self.generator.synthesis.layer(spec).noise_strength
                if strength.abs() < stage.noise_strength / 2:
                    strength.fill_(stage.noise_strength)

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
        self.muon.rate = rate * MUONS_SPEED
        for group in self.adam.param_groups:
            group["lr"] = rate * group["speed"]

    def taught(self) -> list[nn.Parameter]:
        """Everything that the generator's optimisers move."""
        found = [*matrices(self.generator), *other_weights(self.generator)]
        return [*found, *self.steering.parameters(), *self.heads.parameters()]

    def step(self, stage: Stage, lesson: Lesson) -> None:
        """One step of the generator and, where there is an adversary, of the critic."""
        jobs: list[Job] = [
            partial(self.objective.loss, stage, part) for part in lesson.split(WORKERS)
        ]
        fakes = self.descend(self.taught(), [self.adam, self.muon], jobs)
        if stage.adversary_weight:
            self.teach_critic(torch.cat(fakes), lesson.pictures)
        self.progress.step += 1
        self.progress.stage_step += 1
        self.follow(share=max(SLOWEST, YOUNG / (self.progress.step + 10)))
        if self.progress.step % LOG_EVERY == 0:
            minutes = self.progress.seconds / 60
            self.log(f"{stage.name} {self.progress.step} {minutes:.1f} min  {self.meter.line()}")

    def descend(
        self, weights: list[nn.Parameter], optimisers: list[Stepping], jobs: list[Job]
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
        for each in optimisers:
            each.step()
        return list(pictures)

    def teach_critic(self, fake: Tensor, real: Tensor) -> None:
        """One hinge step."""
        gaze, hinge = Gaze.random(len(fake)), self.objective.hinge
        jobs = [partial(hinge, gaze.at(fake), 1.0), partial(hinge, gaze.at(real), -1.0)]
        self.descend(list(self.critic.parameters()), [self.critic_adam], jobs)
