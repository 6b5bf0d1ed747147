"""What a brush leaves behind: bristle lines along the forms, paint relief, canvas grain.

In: a Scene.  Out: relief (n, s, s), about -1..1, random in its details.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from tools.gallery.families import Scene
from tools.gallery.fields import waves
from tools.gallery.parameters import between

STEPS = 7  # samples to either side along a bristle
REACH = 2.0 / 128  # of the half canvas, between samples


def relief(scene: Scene) -> Tensor:  # (n, s, s)
    """Bristles that follow the forms, lit from the upper left, plus a little grain."""
    noise = F.avg_pool2d(torch.randn(len(scene.c), 1, *scene.x.shape[1:]), 3, 1, 1) * 3
    angle = 1.2 * waves(31, 0.3, 0.9)(scene.second, scene.x, scene.y) + 2.5 * scene.broad
    height = smeared(noise, angle)
    lit = (height[:, 1:, 1:] - height[:, :-1, :-1]) * 1.2
    lit = F.pad(lit[:, None], [1, 0, 1, 0], mode="replicate")[:, 0]
    strokes = between(scene.m[:, 10], 0.0, 1.0) ** 2
    grain = between(scene.m[:, 12], 0.0, 0.25)
    return torch.tanh((0.06 + 0.9 * strokes) * (0.45 * height + 0.45 * lit) + grain * noise[:, 0])


def smeared(noise: Tensor, angle: Tensor) -> Tensor:
    """Line-integral convolution: noise (n, 1, s, s) averaged along a direction field (n, s, s)."""
    n, s, _ = angle.shape
    at = torch.linspace(-1, 1, s)
    total = noise[:, 0].clone()
    for sign in (1, -1):
        y = at[None, :, None].expand(n, s, s)
        x = at[None, None, :].expand(n, s, s)
        for _ in range(STEPS):
            here = pick(angle[:, None], x, y)
            x = x + sign * REACH * torch.cos(here)
            y = y + sign * REACH * torch.sin(here)
            total = total + pick(noise, x, y)
    return total / (2 * STEPS + 1) ** 0.5 / 1.4


def pick(image: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """image (n, 1, s, s) read at x, y (n, s, s), mirrored at its borders."""
    places = torch.stack([x, y], -1)
    return F.grid_sample(image, places, padding_mode="reflection", align_corners=True)[:, 0]
