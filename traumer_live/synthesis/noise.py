"""The noise planes that give a picture its fine grain, one per convolution.

In: a checkpoint and a mode.  Out: a tuple of (h, w) float32 planes in layer order, none
for networks without noise.  Thread: any.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from traumer_live.core.types import Array
from traumer_live.synthesis.checkpoint import Checkpoint

NoiseMode = Literal["const", "random", "none"]
NoisePlanes: TypeAlias = tuple[Array, ...]


def noise_planes(
    checkpoint: Checkpoint, mode: NoiseMode = "const", *, seed: int = 0
) -> NoisePlanes:
    """One plane per layer: the stored ones, fresh ones from ``seed``, or zeros."""
    config = checkpoint.config
    names = [f"synthesis.{layer.name}.noise_const" for layer in config.layers if config.noise_sizes]
    stored = tuple(checkpoint.tensors[name] for name in names)
    if mode == "const":
        return stored
    if mode == "none":
        return tuple(np.zeros_like(plane) for plane in stored)
    rng = np.random.default_rng(seed)
    return tuple(rng.standard_normal(plane.shape, dtype=np.float32) for plane in stored)
