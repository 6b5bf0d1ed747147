"""Randomly initialised generators for tests: every term of the network takes part."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from traumer_live.core.types import Array
from traumer_live.synthesis.checkpoint import expected_shapes, save_checkpoint
from traumer_live.synthesis.config import GeneratorConfig

SMALL = GeneratorConfig(resolution=64, channel_base=512, channel_max=64, w_dim=64, z_dim=48)


def random_tensors(config: GeneratorConfig, seed: int = 0) -> dict[str, Array]:
    """Every tensor of a generator, with biases and noise strengths that matter."""
    rng = np.random.default_rng(seed)
    return {name: _random(name, s, rng) for name, s in expected_shapes(config).items()}


def random_generator(path: Path, config: GeneratorConfig = SMALL, seed: int = 0) -> Path:
    """Write a random generator to ``path`` and return it."""
    save_checkpoint(path, random_tensors(config, seed), config)
    return path


def _random(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    values = rng.standard_normal(shape)
    if name.endswith("affine.bias"):
        values = 1 + 0.1 * values
    elif name.startswith("mapping.fc") and name.endswith("weight"):
        values = 100 * values  # stored divided by the learning rate of the mapping layers
    elif ".torgb." in name and "affine" not in name:
        values = 0.1 * values  # keeps most of the picture inside the clip
    elif name.endswith(("bias", "noise_strength", "w_avg")):
        values = 0.3 * values
    return np.asarray(values, np.float32)
