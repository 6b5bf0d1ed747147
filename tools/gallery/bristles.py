"""What a brush leaves behind: bristles along the forms, in two sizes, and a little grain.

In: fields, touch, the noise of the generator's own layers.  Out: relief (n, s, s), about -1..1.

The noise is that which the generator is given while it learns: its bristles are to be where its
noise is, so that they can be learnt as they are and need no adversary to be believed.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from tools.gallery.fields import enlarged, slopes
from tools.gallery.parameters import between

NOISE_SIZES = (64, 128, 256)  # pixels of the planes: long bristles, short ones, grain
STEPS = 4  # samples to either side along a bristle
REACH = 2.0  # pixels of the plane, in half canvases of two, between samples
MARGIN = STEPS + 1  # pixels that a bristle can reach beyond the canvas, where noise is mirrored
LEVEL = 0.05  # slopes below its root are no direction at all


def fresh_noise(count: int) -> list[Tensor]:
    """Planes (count, 1, s, s) as the generator would be given."""
    return [torch.randn(count, 1, size, size) for size in NOISE_SIZES]


def height(fields: Tensor, m: Tensor, noise: Sequence[Tensor], size: int) -> Tensor:
    """Paint, thick and thin (n, size, size); ``fields`` as they were laid."""
    long, short = (smeared(plane, along(fields, plane.shape[-1])) for plane in noise[:2])
    share = between(m[:, 9], 0.0, 1.0)
    bristles = [enlarged(paint[:, None], size)[:, 0] for paint in (long, short)]
    return 0.9 * (share * bristles[0] + (1.15 - share) * bristles[1])


def relief(paint: Tensor, m: Tensor) -> Tensor:
    """Heights of paint, lit from the upper left."""
    lit = (paint[:, 1:, 1:] - paint[:, :-1, :-1]) * (paint.shape[-1] / 128)
    lit = F.pad(lit[:, None], [1, 0, 1, 0], mode="replicate")[:, 0]
    return torch.tanh(pressure(m) * (0.5 * paint + 0.55 * lit))


def pressure(m: Tensor) -> Tensor:  # (n, 1, 1)
    """How hard the brush is pressed."""
    return 0.12 + 0.88 * between(m[:, 10], 0.0, 1.0) ** 1.5


def along(fields: Tensor, size: int) -> Tensor:  # (n, N_FIELDS, s, s) -> (n, 2, size, size)
    """Directions along the contours of the main fields, right and down."""
    mixture = fields[:, 2:3] + 0.6 * fields[:, 3:4] + 0.5 * fields[:, 6:7]
    right, down = slopes(enlarged(mixture, size)[:, 0])
    length = (right.square() + down.square() + LEVEL).sqrt()
    return torch.stack([-down / length, right / length], 1)


def doubled(directions: Tensor) -> Tensor:  # (n, 2, s, s) -> same
    """Directions at twice their angle, where a stroke and its opposite are the same."""
    right, down = directions.unbind(1)
    return torch.stack([right.square() - down.square(), 2 * right * down], 1)


def smeared(noise: Tensor, directions: Tensor) -> Tensor:  # -> (n, s, s)
    """Line-integral convolution: noise (n, 1, s, s) averaged along directions (n, 2, s, s).

    Cabral and Leedom 1993, "Imaging Vector Fields Using Line Integral Convolution".
    """
    n, _, size, _ = noise.shape
    at = torch.linspace(-1, 1, size)
    mirrored, ways = (F.pad(image, [MARGIN] * 4, mode="reflect") for image in (noise, directions))
    total = noise[:, 0].clone()
    for sign in (1, -1):
        y = at[None, :, None].expand(n, size, size)
        x = at[None, None].expand(n, size, size)
        way = directions
        for step in range(STEPS):
            way = way * (sign * REACH / size)
            x, y = x + way[:, 0], y + way[:, 1]
            total = total + picked(mirrored, x, y)[:, 0]
            if step + 1 < STEPS:
                way = picked(ways, x, y)
    return total / (2 * STEPS + 1) ** 0.5


def picked(image: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """image (n, k, s, s), which has a margin, read at x, y (n, ...) of what lies within: -1..1."""
    inner = (image.shape[-1] - 1 - 2 * MARGIN) / (image.shape[-1] - 1)
    return F.grid_sample(image, torch.stack([x, y], -1) * inner, align_corners=True)
