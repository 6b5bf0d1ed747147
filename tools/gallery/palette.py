"""Palettes a designer would choose, from sixteen smooth numbers, in OKLab.

In: p (n, N_PALETTE), about standard normal.  Out: five stops from dark to light and one accent,
as OKLab.

A palette is a key (how light), a range, a colour of the shadows, another of the lights, and an
accent that tends to their complement; chroma is held back at both ends, as pigments do. Colours
lean toward the axis from amber to blue, away from raw green and magenta; what leaves the sRGB gamut
loses chroma and never clips. Colours are nearly linear in p, so that styles, which are linear in w,
can paint them.
OKLab: Björn Ottosson, 2020, "A perceptual color space for image processing".
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from tools.gallery.parameters import uniform

N_STOPS = 5
FAVOURED_HUE = math.radians(62)  # amber; its complement is a clear blue
_WARM = (math.cos(FAVOURED_HUE), math.sin(FAVOURED_HUE))
_ACROSS = (-math.sin(FAVOURED_HUE), math.cos(FAVOURED_HUE))
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


def chroma_plane(p: Tensor, q: Tensor) -> Tensor:  # (n,) twice -> (n, 2)
    """A colour without lightness from two numbers; wider from amber to blue than across."""
    return 1.2 * p[:, None] * torch.tensor(_WARM) + 0.75 * q[:, None] * torch.tensor(_ACROSS)


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
    first, second = chroma_plane(p[:, 0], p[:, 1]), chroma_plane(p[:, 2], p[:, 3])
    where = torch.sigmoid((i - 0.35 - 0.3 * u[:, 7:8]) * 7)[..., None]  # the second takes over
    body = 0.45 + 0.55 * torch.sin(math.pi * (0.12 + 0.76 * i))  # pigments fade at both ends
    strength = (0.06 + 0.05 * u[:, 8:9]) * body
    lights = 0.45 * first + 0.9 * second
    chroma = strength[..., None] * ((1 - where) * first[:, None] + where * lights[:, None])
    # Shadows are cool and lights are warm, as daylight makes them; dark yellow would be mud.
    daylight = torch.stack([0.010 * (1 - i) ** 2, 0.018 * i - 0.045 * (1 - i) ** 2], -1)
    ramp = torch.cat([lightness_curve(u)[..., None], chroma + daylight], -1)
    hue = 0.085 * chroma_plane(p[:, 9], p[:, 10]) - 0.075 * first + 0.04 * second
    accent = torch.cat([0.55 + 0.35 * u[:, 13:14], hue], -1)
    return into_gamut(ramp), into_gamut(accent)


def colour(ramp: Tensor, accent: Tensor, tone: Tensor, share: Tensor) -> Tensor:
    """OKLab pictures (n, s, s, 3): tone (n, s, s) along the ramp, share (n, s, s) of the accent."""
    at = tone.clamp(0, 1) * (N_STOPS - 1)
    weights = torch.stack([(1 - (at - k).abs()).clamp(min=0) for k in range(N_STOPS)], 1)
    weights = weights * weights * (3 - 2 * weights)  # rounded knees; still sum to one
    picture = torch.einsum("nkyx,nkc->nyxc", weights, ramp)
    return picture + (accent[:, None, None] - picture) * share[..., None]
