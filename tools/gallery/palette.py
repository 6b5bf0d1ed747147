"""Palettes a designer would choose, from sixteen smooth numbers, in OKLab.

In: p (n, N_PALETTE) standard normal.  Out: five stops from dark to light and one accent, as OKLab.

A palette is a key (how light), a range, a base hue, a second hue at a chosen distance (analogous to
complementary) and a chroma that is held back at both ends, as pigments do. Hues lean toward the
axis from amber to blue, away from raw green and magenta; what leaves the sRGB gamut loses chroma
and never clips.
OKLab: Björn Ottosson, 2020, "A perceptual color space for image processing".
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from tools.gallery.parameters import uniform

N_STOPS = 5
FAVOURED_HUE = math.radians(62)  # amber; its complement is a clear blue
_TO_LMS = (
    (1.0, 0.3963377774, 0.2158037573),
    (1.0, -0.1055613458, -0.0638541728),
    (1.0, -0.0894841775, -1.2914855480),
)
_TO_RGB = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)


def linear_rgb(lab: Tensor) -> Tensor:  # (..., 3) -> (..., 3)
    """OKLab to linear sRGB, not clipped."""
    lms = lab @ torch.tensor(_TO_LMS).t()
    return lms**3 @ torch.tensor(_TO_RGB).t()


def display_rgb(lab: Tensor) -> Tensor:  # (..., 3) -> (..., 3) in 0..1
    """OKLab to sRGB as a screen wants it."""
    rgb = linear_rgb(lab).clamp(1e-5, 1)
    return torch.where(rgb < 0.0031308, rgb * 12.92, 1.055 * rgb ** (1 / 2.4) - 0.055)


def into_gamut(lab: Tensor) -> Tensor:  # (..., 3) -> (..., 3)
    """Less chroma for colours that sRGB does not have, at equal lightness."""
    grey = torch.cat([lab[..., :1], torch.zeros_like(lab[..., 1:])], -1)
    inside = torch.ones_like(lab[..., :1])
    for _ in range(3):  # the boundary is not straight in OKLab; three steps come close
        rgb, centre = linear_rgb(grey + (lab - grey) * inside), linear_rgb(grey)
        reach = rgb - centre
        room = torch.where(reach > 0, 0.98 - centre, centre - 0.004).clamp(min=1e-4)
        over = (reach.abs() / room).amax(-1, keepdim=True).clamp(min=1)
        inside = inside / over
    return grey + (lab - grey) * inside


def hue_of(p: Tensor) -> tuple[Tensor, Tensor]:  # (n, 2) -> hue (n, 1), purity (n, 1)
    """An angle from a plane Gaussian; it passes through grey instead of jumping."""
    radius = p.norm(dim=1, keepdim=True)
    angle = torch.atan2(p[:, 1:2], p[:, 0:1])
    return angle, radius / torch.sqrt(radius.square() + 0.1)


def favoured(hue: Tensor) -> Tensor:
    """Hues crowded toward amber and blue, thinned out at green and magenta."""
    return hue - 0.38 * torch.sin(2 * (hue - FAVOURED_HUE))


def hue_distance(v: Tensor) -> Tensor:
    """How far the second hue lies, radians: mostly analogous, then triadic to complementary."""
    return 0.45 + 2.5 * torch.sigmoid((uniform(v) - 0.5) * 9)


def polar(lightness: Tensor, chroma: Tensor, hue: Tensor) -> Tensor:
    """OKLab from lightness, chroma and hue."""
    return torch.stack([lightness, chroma * torch.cos(hue), chroma * torch.sin(hue)], -1)


def lightness_curve(u: Tensor) -> Tensor:  # (n, N_PALETTE) -> (n, N_STOPS)
    """Dark to light; low key, high key or the full range."""
    i = torch.linspace(0, 1, N_STOPS)[None]
    dark = 0.14 + 0.30 * u[:, 4:5] ** 2
    light = 0.97 - 0.28 * u[:, 5:6] ** 2
    bend = 0.55 + 0.9 * u[:, 6:7]
    return dark + (light - dark) * i**bend


def stops(p: Tensor) -> tuple[Tensor, Tensor]:
    """The ramp (n, N_STOPS, 3) from dark to light and the accent (n, 3), OKLab inside sRGB."""
    u = uniform(p)
    i = torch.linspace(0, 1, N_STOPS)[None]
    hue, purity = hue_of(p[:, 0:2])
    turn = hue_distance(p[:, 2:3]) * torch.tanh(5 * p[:, 3:4])  # either way round
    where = torch.sigmoid((i - 0.3 - 0.4 * u[:, 7:8]) * 8)  # the second hue takes over here
    lightness = lightness_curve(u)
    body = 0.35 + 0.65 * torch.sin(math.pi * (0.12 + 0.76 * i))  # pigments fade at both ends
    crossing = 1 - 0.35 * torch.sin(math.pi * where) * (1 - torch.cos(turn)) / 2
    chroma = (0.045 + 0.14 * u[:, 8:9]) * purity * body * crossing
    chroma = chroma * (1 + 0.25 * torch.tanh(p[:, 9:10]) * (2 * i - 1))
    hues = hue + turn * where + 0.3 * torch.tanh(p[:, 10:11]) * (i - 0.5)
    ramp = polar(lightness, chroma, favoured(hues))
    accent_hue = hue + turn * u[:, 11:12] + math.pi * torch.sigmoid(3 * p[:, 12:13] + 1.5)
    accent = polar(0.55 + 0.35 * u[:, 13:14], 0.09 + 0.12 * u[:, 14:15], favoured(accent_hue))
    return into_gamut(ramp), into_gamut(accent)[:, 0]


def colour(ramp: Tensor, accent: Tensor, tone: Tensor, share: Tensor) -> Tensor:
    """OKLab pictures (n, s, s, 3): tone (n, s, s) along the ramp, share (n, s, s) of the accent."""
    at = tone.clamp(0, 1) * (N_STOPS - 1)
    weights = torch.stack([(1 - (at - k).abs()).clamp(min=0) for k in range(N_STOPS)], 1)
    weights = weights * weights * (3 - 2 * weights)  # rounded knees; still sum to one
    picture = torch.einsum("nkyx,nkc->nyxc", weights, ramp)
    return picture + (accent[:, None, None] - picture) * share[..., None]
