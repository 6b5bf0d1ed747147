"""The adversary: small heads on frozen features that tell painted pictures from dreamt ones.

In: feature maps of a 128-pixel view.  Out: one score per patch (n, patches).  Kept gentle by
spectral norms and few channels: a stronger one collapsed the modes within minutes in our trials.
One that stepped every second time only was fooled within 200 steps and taught nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Gaze:
    """One way of looking at a batch; painted and dreamt pictures can be seen in the same way."""

    close: bool  # parts in full detail, or the whole from afar
    corners: Tensor  # (n, 2) in 0..1: where the view lies within the room it has
    light: Tensor  # (n, 1, 1, 1) added, so that paint is judged and not palettes
    saturation: Tensor  # (n, 1, 1, 1)

    @staticmethod
    def random(count: int) -> Gaze:
        """Half of the gazes are close."""
        light, saturation = torch.rand(2, count, 1, 1, 1)
        close = bool(torch.rand(()) < 0.5)
        corners = torch.rand(count, 2)
        return Gaze(close, corners, 0.6 * (light - 0.5), 0.4 + 1.2 * saturation)

    def at(self, pictures: Tensor) -> Tensor:  # (n, 3, s, s) -> (n, 3, VIEW, VIEW)
        """What is seen of these pictures."""
        size = pictures.shape[-1]
        if size > VIEW and not self.close:
            pictures = F.avg_pool2d(pictures, size // VIEW)
        padded = F.pad(pictures, [SHIFT] * 4, mode="reflect")
        room = padded.shape[-1] - VIEW
        corners = (self.corners * (room + 1)).long().clamp(max=room).tolist()
        views = torch.stack(
            [p[:, a : a + VIEW, b : b + VIEW] for p, (a, b) in zip(padded, corners, strict=True)]
        )
        views = views + self.light
        grey = views.mean(1, keepdim=True)
        return (views - grey) * self.saturation + grey
