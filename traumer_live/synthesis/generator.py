"""The seam between the show and whatever makes its pictures.

In: w_plus (num_ws, w_dim) float32, noise gain and planes.  Out: (H, W, 4) uint8 RGBA.
Thread: a generator belongs to the thread that calls synthesize ("dreams"); map may be called
from any. Every call returns pixels of its own, which the next call does not touch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from traumer_live.core.errors import ModelError
from traumer_live.core.types import Array, Pixels
from traumer_live.synthesis.checkpoint import Checkpoint
from traumer_live.synthesis.mapping import WStatistics
from traumer_live.synthesis.noise import NoisePlanes


@dataclass(frozen=True)
class GeneratorInfo:
    """What a loaded generator is and where it runs."""

    name: str  # of the weights file, without its ending
    sha256: str  # of the weights file
    resolution: int  # pixels on each side, as the network was trained
    num_ws: int
    w_dim: int
    z_dim: int
    backend: str  # "onnx" or "torch"
    providers: tuple[str, ...]  # what really computes, such as ("CPUExecutionProvider",)
    threads: int
    size: tuple[int, int]  # width and height of the pictures
    architecture: str  # such as "stylegan2-skip"
    num_classes: int  # of a conditional network


class Generator(Protocol):
    """Turns w_plus into pictures; rows of w_plus run from coarse to fine."""

    @property
    def info(self) -> GeneratorInfo:
        """Sizes, weights and where it runs."""

    @property
    def w_avg(self) -> Array:
        """The average w (w_dim,) that truncation pulls towards."""

    def map(self, z: Array) -> Array:
        """w (n, w_dim) of Gaussian z (n, z_dim)."""

    def w_statistics(self) -> WStatistics:
        """mu and sigma of w over random z, measured once per weights file."""

    def synthesize(
        self, w_plus: Array, *, noise_gain: float = 1.0, noise: NoisePlanes | None = None
    ) -> Pixels:
        """The picture (H, W, 4) RGBA; ``noise`` None takes the planes of the checkpoint.

        Networks without noise (StyleGAN3) leave gain and planes alone.
        """

    def synthesize_float(
        self, w_plus: Array, *, noise_gain: float = 1.0, noise: NoisePlanes | None = None
    ) -> Array:
        """The same picture (H, W, 3) on the scale 0..255, clipped but not cut to integers."""


def make_info(
    name: str, checkpoint: Checkpoint, *, backend: str, providers: tuple[str, ...], threads: int
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
    )


def checked_w_plus(w_plus: Array, info: GeneratorInfo) -> Array:
    """``w_plus`` as contiguous float32, or a ModelError when it was made for another generator."""
    expected = (info.num_ws, info.w_dim)
    if np.shape(w_plus) != expected:
        raise ModelError(
            f"{info.name} needs w_plus of shape {expected} but got {np.shape(w_plus)}; "
            "choose a transfer that was fitted for this generator."
        )
    return np.ascontiguousarray(w_plus, np.float32)
