"""The painter: an underdrawing, a touch and a palette to a picture.

In: w of the composition, of the touch, of the palette (n, w_dim), a size in pixels.
Out: pictures (n, 3, size, size), 0..1, sRGB.
The picture is a smooth function of all three: kinds of picture blend by soft weights. With noise
it also has bristles and grain, which show from 128 pixels up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tools.gallery import palette as colours
from tools.gallery.bristles import height, pressure, relief
from tools.gallery.families import FAMILIES, Scene, Sketch
from tools.gallery.fields import enlarged, mix, slopes, step
from tools.gallery.parameters import between
from tools.gallery.underdrawing import underdrawing

CERTAIN = 2.6  # how decidedly one kind wins; higher makes fewer double exposures
FAINT = 0.05  # kinds below this share are left out


@dataclass(frozen=True)
class Painting:
    """Pictures and what was behind them, before any colour."""

    pictures: Tensor  # (n, 3, size, size) in 0..1
    plans: Tensor  # (n, 3, size, size) in 0..1: tone, accent and half the light
    kinds: Tensor  # (n, 2 * families, size, size) in 0..1: every kind's tone, then its accent
    relief: Tensor  # (n, size, size): how thick the paint is; zero without noise


def paint(
    composition: Tensor, touch: Tensor, palette: Tensor, *, size: int, noise: Sequence[Tensor] = ()
) -> Tensor:  # (n, 3, size, size)
    """Pictures with the composition, the touch and the palette of three w (n, w_dim)."""
    under = underdrawing()
    fields = under.fields(under.features(composition))
    return paint_openly(
        fields, under.touch(touch), under.palette(palette), size=size, noise=noise
    ).pictures


def paint_openly(
    fields: Tensor, m: Tensor, p: Tensor, *, size: int, noise: Sequence[Tensor] = ()
) -> Painting:
    """Pictures of fields as they were laid and numbers of touch and palette, with their plans."""
    scene = Scene(enlarged(fields, size), m)
    kinds = [family(scene).bounded() for family in FAMILIES]
    sketch = touched(blended(kinds, family_shares(m)), m)
    paint_height = height(fields, m, noise, size) if noise else None
    grain = enlarged_grain(noise[2], size) if noise else None
    pictures = coloured(sketch, m, colours.stops(p), paint_height, grain)
    plans = torch.stack([sketch.tone, sketch.accent, sketch.light / 2], 1).clamp(0, 1)
    apart = torch.stack([k.tone for k in kinds] + [k.accent for k in kinds], 1)
    thick = torch.zeros_like(sketch.tone) if paint_height is None else pressure(m) * paint_height
    return Painting(pictures, plans, apart, thick)


def family_shares(m: Tensor) -> Tensor:  # (n, N_TOUCH) -> (n, families)
    """Soft weights that sum to one; exactly zero where a kind is faint."""
    share = torch.softmax(CERTAIN * m[:, : len(FAMILIES)], 1)
    share = (share - FAINT).clamp(min=0)
    return share / share.sum(1, keepdim=True)


def blended(kinds: Sequence[Sketch], shares: Tensor) -> Sketch:
    """All kinds mixed by their shares (n, families)."""

    def together(parts: Sequence[Tensor]) -> Tensor:
        weighed = [part * shares[:, k, None, None] for k, part in enumerate(parts)]
        return sum(weighed[1:], weighed[0])

    return Sketch(
        together([k.tone for k in kinds]),
        together([k.accent for k in kinds]),
        together([k.light for k in kinds]),
    )


def touched(sketch: Sketch, m: Tensor) -> Sketch:
    """Form: soft or cut edges, dark contours."""
    hard = between(m[:, 8], 0.0, 1.0) ** 2
    steps = 4 * sketch.tone
    cut = steps.floor() + step(steps - steps.floor() - 0.5, 0.35)
    tone = mix(sketch.tone, cut / 4, 0.85 * hard)
    right, down = slopes(tone)
    slope = (right.square() + down.square() + 1e-8).sqrt()
    contour = between(m[:, 13], -0.7, 1.0).clamp(min=0) * step(slope - 2.4, 2.0)
    return Sketch((tone * (1 - 0.55 * contour)).clamp(0, 1), sketch.accent, sketch.light)


def enlarged_grain(noise: Tensor, size: int) -> Tensor:  # (n, 1, 256, 256) -> (n, size, size)
    """The finest plane at the picture's size, pixel by pixel."""
    return torch.nn.functional.interpolate(noise, size=(size, size))[:, 0]


def coloured(
    sketch: Sketch,
    m: Tensor,
    paints: tuple[Tensor, Tensor],
    paint_height: Tensor | None,
    grain: Tensor | None,
) -> Tensor:
    """Colour by the palette, then the relief of the paint."""
    tone, light = sketch.tone, sketch.light
    if paint_height is not None and grain is not None:
        raised = relief(paint_height, m)
        tone = (tone + 0.09 * raised).clamp(0, 1)
        light = light * (1 + 0.12 * raised + 0.03 * grain)
    lab = colours.colour(*paints, tone, sketch.accent)  # (n, s, s, 3)
    lab = torch.cat([lab[..., :1] * light[..., None].clamp(0.2, 1.25), lab[..., 1:]], -1)
    return colours.display_rgb(lab).permute(0, 3, 1, 2)
