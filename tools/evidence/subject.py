"""The generator under examination.

In: a safetensors file as it is shipped.  Out: pictures (n, 3, r, r) in 0..1.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from traumer_live.synthesis.checkpoint import load_checkpoint
from traumer_live.synthesis.config import GeneratorConfig
from traumer_live.synthesis.networks import StyleGAN2

CHUNK = 8  # pictures at once


@dataclass(frozen=True)
class Subject:
    """A network with its level split."""

    network: StyleGAN2
    levels: tuple[int, ...]  # rows of coarse, middle, fine
    steps: int

    @property
    def config(self) -> GeneratorConfig:
        """Sizes."""
        return self.network.config

    def w(self, count: int) -> Tensor:  # (count, w_dim)
        """Random w."""
        return self.network.mapping(torch.randn(count, self.config.z_dim))

    def everywhere(self, w: Tensor) -> Tensor:  # (n, w_dim) -> (n, num_ws, w_dim)
        """The same w for all rows."""
        return w[:, None].repeat(1, self.config.num_ws, 1)

    def rows(self, level: int) -> slice:
        """The rows of one level."""
        start = sum(self.levels[:level])
        return slice(start, start + self.levels[level])

    def pictures(self, w_plus: Tensor) -> Tensor:  # (n, 3, r, r) in 0..1
        """Pictures of w_plus, a few at a time."""
        parts = [self.network.synthesis(part) for part in w_plus.split(CHUNK)]
        return (torch.cat(parts) / 2 + 0.5).clamp(0, 1)


def load(path: Path) -> Subject:
    """The generator in ``path``, in float32.

    Raises:
        ModelError: it is not a StyleGAN2.
    """
    checkpoint = load_checkpoint(path)
    assert isinstance(checkpoint.config, GeneratorConfig)
    network = StyleGAN2(checkpoint.config)
    state = {name: torch.from_numpy(t) for name, t in checkpoint.tensors.items()}
    network.load_state_dict(state, strict=False)  # w_avg may be absent in other people's files
    levels = tuple(map(int, checkpoint.metadata["levels"].split(",")))
    steps = int(checkpoint.metadata.get("steps", 0))
    return Subject(network.eval().requires_grad_(False), levels, steps)
