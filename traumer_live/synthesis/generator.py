"""The seam between the show and whatever makes its pictures.

In: w_plus (num_ws, w_dim) float32, noise gain and planes.  Out: (H, W, 4) uint8 RGBA.
Thread: a generator belongs to the thread that calls synthesize ("dreams"); map may be called
from any. Every call returns pixels of its own, which the next call does not touch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from traumer_live.core.errors import ModelError
from traumer_live.core.types import Array, Pixels
from traumer_live.synthesis.checkpoint import Checkpoint, stated_levels
from traumer_live.synthesis.exits import exit_resolutions, work
from traumer_live.synthesis.mapping import WStatistics
from traumer_live.synthesis.noise import NoisePlanes
from traumer_live.synthesis.program_config import ProgramConfig

GRAPH, PROGRAM = "onnx", "program"  # architectures that are a graph and nothing else
FIXED = (GRAPH, PROGRAM)  # architectures that cannot be painted beyond their size
SMALLEST = 64  # pixels that a show ever stops at; blurrier than that is no picture any more
FIRST_WORK = 8.0  # 1e9 multiplications: a quarter to half a second of one processor core


class BackendError(ModelError):
    """A runtime cannot be had, refuses the network or computes nonsense; another may do."""


@dataclass(frozen=True)
class GeneratorInfo:
    """What a loaded generator is and where it runs."""

    name: str  # of the weights file, without its ending
    sha256: str  # of the weights file
    resolution: int  # pixels on each side, as the network was trained
    num_ws: int
    w_dim: int
    z_dim: int
    backend: str  # "onnx", "openvino" or "torch"
    providers: tuple[str, ...]  # what really computes, such as ("CPUExecutionProvider",)
    threads: int
    size: tuple[int, int]  # width and height of the pictures
    architecture: str  # such as "stylegan2-skip"
    num_classes: int  # of a conditional network
    precision: str = "float32"  # anything else is approximate
    exits: tuple[int, ...] = ()  # resolutions to stop at, ascending; the last is the whole
    work: tuple[float, ...] = ()  # about 1e9 multiplications for each of them
    level_sizes: tuple[int, ...] | None = None  # rows per style level, where the model says so
    same_w_as: str = ""  # sha256 of another generator whose w mean the same here

    @property
    def w_space(self) -> str:
        """sha256 of the generator for whose w labels and mappings are made."""
        return self.same_w_as or self.sha256

    @property
    def has_fixed_size(self) -> bool:
        """Whether it paints its own size only, and never wider."""
        return self.architecture in FIXED


@dataclass(frozen=True)
class Source:
    """What a generator was made of, so that another runtime can make the same."""

    checkpoint: Checkpoint
    options: dict[str, Any]  # name and class


class Generator(Protocol):
    """Turns w_plus into pictures; rows of w_plus run from coarse to fine."""

    @property
    def info(self) -> GeneratorInfo:
        """Sizes, weights and where it runs."""

    @property
    def source(self) -> Source | None:
        """What it was made of; None where only this runtime can run it."""

    @property
    def w_avg(self) -> Array:
        """The average w (w_dim,) that truncation pulls towards."""

    def map(self, z: Array) -> Array:
        """w (n, w_dim) of Gaussian z (n, z_dim)."""

    def w_statistics(self) -> WStatistics:
        """mu and sigma of w over random z, measured once per weights file."""

    def prepare(self, exit_resolution: int | None = None) -> None:
        """Make ready to stop at one of ``info.exits``; from any thread, up to seconds."""

    def is_ready(self, exit_resolution: int | None = None) -> bool:
        """Whether a picture of this exit would begin at once."""

    def synthesize(
        self,
        w_plus: Array,
        *,
        noise_gain: float = 1.0,
        noise: NoisePlanes | None = None,
        exit_resolution: int | None = None,
    ) -> Pixels:
        """The picture (H, W, 4) RGBA; ``noise`` None takes the planes of the checkpoint.

        Networks without noise (StyleGAN3) leave gain and planes alone. With ``exit_resolution``,
        one of ``info.exits``, the picture is smaller and made with less work.

        Raises:
            ModelError: w_plus or exit are not of this generator.
            BackendError: the runtime failed or computed infinite or missing numbers.
        """

    def synthesize_float(
        self, w_plus: Array, *, noise_gain: float = 1.0, noise: NoisePlanes | None = None
    ) -> Array:
        """The same picture (H, W, 3) on the scale 0..255, clipped but not cut to integers."""


def make_info(
    name: str,
    checkpoint: Checkpoint,
    *,
    backend: str,
    providers: tuple[str, ...],
    threads: int,
    precision: str = "float32",
) -> GeneratorInfo:
    """The description of ``checkpoint`` running on a backend."""
    config = checkpoint.config
    height, width = config.picture_size
    return GeneratorInfo(
        name=name,
        sha256=checkpoint.sha256,
        resolution=config.resolution,
        num_ws=config.num_ws,
        w_dim=config.w_dim,
        z_dim=config.z_dim,
        backend=backend,
        providers=providers,
        threads=threads,
        size=(width, height),
        architecture=config.name,
        num_classes=config.num_classes,
        precision=precision,
        exits=exit_resolutions(config),
        work=work(config),
        level_sizes=stated_levels(checkpoint, name),
        same_w_as=_whose_w(checkpoint),
    )


def _whose_w(checkpoint: Checkpoint) -> str:
    """Whose w a program says that it takes; a network's w is its own, whatever its header says."""
    if not isinstance(checkpoint.config, ProgramConfig):
        return ""
    return checkpoint.metadata.get("same_w_as", "")


def checked_w_plus(w_plus: Array, info: GeneratorInfo) -> Array:
    """``w_plus`` as contiguous float32, or a ModelError when it was made for another generator."""
    expected = (info.num_ws, info.w_dim)
    if np.shape(w_plus) != expected:
        raise ModelError(
            f"{info.name} needs w_plus of shape {expected} but got {np.shape(w_plus)}; "
            "choose a transfer that was fitted for this generator."
        )
    rows = np.ascontiguousarray(w_plus, np.float32)
    if not math.isfinite(float(rows.sum())):
        raise ModelError(f"{info.name} was asked for a w_plus that is not finite.")
    return rows


def checked_exit(exit_resolution: int | None, info: GeneratorInfo) -> int | None:
    """``exit_resolution``, None for the whole network, or a ModelError when it has no such exit."""
    if exit_resolution is None or exit_resolution == info.resolution:
        return None
    if exit_resolution not in info.exits:
        exits = ", ".join(map(str, info.exits))
        raise ModelError(f"{info.name} cannot stop at {exit_resolution} pixels, only at {exits}.")
    return exit_resolution


def first_exit(info: GeneratorInfo) -> int:
    """Where to begin: with the largest picture that a slow processor makes in half a second.

    What a program costs nobody can count beforehand; it begins with its smallest.
    """
    smallest = smallest_exit(info.exits)
    if info.architecture == PROGRAM:
        return smallest
    fitting = [e for e, work in zip(info.exits, info.work, strict=True) if work <= FIRST_WORK]
    return max([smallest, *fitting])


def smallest_exit(exits: Sequence[int]) -> int:
    """The smallest of ``exits`` at which a show may stop; the whole picture where all are less."""
    return min((each for each in exits if each >= SMALLEST), default=exits[-1])
