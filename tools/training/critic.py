"""The adversary: small heads on frozen features that tell painted pictures from dreamt ones.

In: feature maps of a 128-pixel view.  Out: one score per patch (n, patches).  Kept gentle by
spectral norms and few channels: a stronger one collapsed the modes within minutes in our trials.
One that stepped every second time only was fooled within 200 steps and taught nothing.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from tools.training.features import MIXED, TAPS

WIDTH = 96
VIEW = 128  # pixels
SHIFT = 16  # pixels of random shift


def head(halvings: int) -> nn.Sequential:
    """Convolutions down to a 4 x 4 map, then scores of its 2 x 2 inner patches."""
    layers: list[nn.Module] = []
    channels = MIXED
    for _ in range(halvings):
        layers += [spectral_norm(nn.Conv2d(channels, WIDTH, 4, 2, 1)), nn.BatchNorm2d(WIDTH)]
        layers += [nn.LeakyReLU(0.2)]
        channels = WIDTH
    layers += [spectral_norm(nn.Conv2d(channels, WIDTH, 3, 1, 1)), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, spectral_norm(nn.Conv2d(WIDTH, 1, 3)))


class Critic(nn.Module):
    """One head per feature depth."""

    def __init__(self) -> None:
        super().__init__()
        depths = len(TAPS)
        self.heads = nn.ModuleList(head(depths - 1 - k) for k in range(depths))

    def forward(self, maps: list[Tensor]) -> Tensor:  # (n, patches)
        """Scores; high means painted."""
        scores = [h(m).flatten(1) for h, m in zip(self.heads, maps, strict=True)]
        return torch.cat(scores, 1)


def view(pictures: Tensor, close: bool) -> Tensor:  # (n, 3, s, s) -> (n, 3, VIEW, VIEW)
    """What the critic looks at: a part in full detail, or the whole from afar; randomly shifted."""
    size = pictures.shape[-1]
    if size > VIEW and not close:
        pictures = F.avg_pool2d(pictures, size // VIEW)
    padded = F.pad(pictures, [SHIFT] * 4, mode="reflect")
    room = padded.shape[-1] - VIEW
    corners = torch.randint(0, room + 1, (len(padded), 2)).tolist()
    views = [p[:, a : a + VIEW, b : b + VIEW] for p, (a, b) in zip(padded, corners, strict=True)]
    return recoloured(torch.stack(views))


def recoloured(x: Tensor) -> Tensor:
    """Random brightness and saturation, so that the critic judges paint and not palettes."""
    n = len(x)
    x = x + (torch.rand(n, 1, 1, 1) - 0.5) * 0.6
    grey = x.mean(1, keepdim=True)
    return (x - grey) * (torch.rand(n, 1, 1, 1) * 1.2 + 0.4) + grey
