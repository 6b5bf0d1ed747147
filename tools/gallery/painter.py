"""The painter: three vectors to a picture.

In: zc, zm, zf (n, Z_DIM), a size in pixels.  Out: pictures (n, 3, size, size), 0..1, sRGB.
The picture is a smooth function of its vectors: families blend by soft weights, also across the
canvas. ``texture`` adds bristles, relief and grain, which are random and show from 128 pixels up.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from tools.gallery import palette as colours
from tools.gallery import parameters
from tools.gallery.bristles import relief
from tools.gallery.families import FAMILIES, N_FIELDS, Scene, Sketch
from tools.gallery.fields import grid, mix, step, waves
from tools.gallery.parameters import CERTAIN, N_FAMILIES, between

N_GROUND = N_FAMILIES + N_FIELDS
N_COLOURS = colours.N_STOPS + 1
FAINT = 0.06  # families below this share are not painted at all


@dataclass(frozen=True)
class Painting:
    """Pictures and what was behind them, before any colour."""

    pictures: Tensor  # (n, 3, size, size) in 0..1
    plans: Tensor  # (n, 3, size, size) in 0..1: tone, accent and half the light
    fields: Tensor  # (n, N_GROUND, size, size) in -1..1: shares of the families, calm fields
    colours: Tensor  # (n, N_COLOURS, 3) in 0..1: the ramp from dark to light, then the accent


def paint(
    zc: Tensor, zm: Tensor, zf: Tensor, *, size: int, texture: bool = True
) -> Tensor:  # (n, 3, size, size)
    """Pictures with the composition of zc, the touch of zm and the palette of zf."""
    return paint_openly(zc, zm, zf, size=size, texture=texture).pictures


def paint_openly(
    zc: Tensor, zm: Tensor, zf: Tensor, *, size: int, texture: bool = True
) -> Painting:
    """Pictures with their plans and fields."""
    scene = stage(parameters.composition(zc), parameters.touch(zm), size)
    shares = family_shares(scene)
    rough = blended(scene, shares)
    sketch = touched(rough, scene)
    bristle = relief(scene) if texture else None
    ramp, accent = colours.stops(parameters.palette(zf))
    pictures = coloured(sketch, scene, ramp, accent, bristle)
    plans = torch.stack([sketch.tone, sketch.accent, sketch.light / 2], 1).clamp(0, 1)
    paints = colours.display_rgb(torch.cat([ramp, accent[:, None]], 1))
    return Painting(pictures, plans, torch.cat([2 * shares - 1, rough.fields], 1), paints)


def stage(c: Tensor, m: Tensor, size: int) -> Scene:
    """The canvas of these compositions and touches.

    The touch never moves anything: what is where is known before how it is painted.
    """
    return Scene(*grid(size), c, m)


def family_shares(scene: Scene) -> Tensor:  # (n, N_FAMILIES, s, s)
    """Soft weights that sum to one; exactly zero where a family is faint."""
    logits = CERTAIN * scene.c[:, :N_FAMILIES, None, None]
    lean = waves(22, 0.2, 0.8)(scene.first, scene.x, scene.y)
    side = torch.linspace(-1, 1, N_FAMILIES)[None, :, None, None]
    share = torch.softmax(logits + 2.0 * side * lean[:, None], 1)
    share = (share - FAINT).clamp(min=0)
    return share / share.sum(1, keepdim=True)


def blended(scene: Scene, shares: Tensor) -> Sketch:
    """All families that are present, mixed by their shares (n, N_FAMILIES, s, s)."""
    tone, accent, light = (torch.zeros_like(shares[:, 0]) for _ in range(3))
    fields = torch.zeros(len(shares), N_FIELDS, *shares.shape[2:])
    present = shares.amax((2, 3)) > 0  # (n, N_FAMILIES)
    for k, family in enumerate(FAMILIES):
        if not (who := present[:, k].nonzero()[:, 0]).numel():
            continue
        sketch, share = family(chosen(scene, who)), shares[who, k]
        tone.index_add_(0, who, sketch.tone * share)
        accent.index_add_(0, who, sketch.accent * share)
        light.index_add_(0, who, sketch.light * share)
        fields.index_add_(0, who, sketch.fields * share[:, None])
    return Sketch(tone, accent, light, fields)


def chosen(scene: Scene, who: Tensor) -> Scene:
    """The scene of a few pictures of the batch."""
    return Scene(scene.x, scene.y, scene.c[who], scene.m[who])


def touched(sketch: Sketch, scene: Scene) -> Sketch:
    """Form: soft or cut edges, hatching along the forms, dark contours."""
    tone = sketch.tone.clamp(0, 1)
    hard = between(scene.m[:, 8], 0.0, 1.0) ** 2
    steps = 4 * tone
    cut = steps.floor() + step(steps - steps.floor() - 0.5, 0.35)
    tone = mix(tone, cut / 4, 0.85 * hard)
    hatch = torch.sin(
        between(scene.m[:, 11], 14, 30) * (scene.broad + 0.6 * scene.x + 0.4 * scene.y)
    )
    tone = tone + 0.07 * between(scene.m[:, 15], 0.0, 1.0) ** 2 * hatch
    contour = between(scene.m[:, 13], -0.6, 1.0).clamp(min=0) * step(slope(tone) - 2.2, 2.0)
    tone = (tone * (1 - 0.5 * contour)).clamp(0, 1)
    return Sketch(tone, sketch.accent, sketch.light, sketch.fields)


def slope(tone: Tensor) -> Tensor:  # (n, s, s) -> (n, s, s)
    """How fast the tone changes, per half canvas."""
    padded = F.pad(tone[:, None], [1, 1, 1, 1], mode="replicate")[:, 0]
    dx = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    dy = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    return (dx.square() + dy.square() + 1e-8).sqrt() * (tone.shape[-1] / 4)


def coloured(
    sketch: Sketch, scene: Scene, ramp: Tensor, accent: Tensor, bristle: Tensor | None
) -> Tensor:
    """Colour by the palette, then light: a glow near the subject, quiet corners, relief."""
    tone = sketch.tone if bristle is None else (sketch.tone + 0.07 * bristle).clamp(0, 1)
    lab = colours.colour(ramp, accent, tone, sketch.accent.clamp(0, 1))  # (n, s, s, 3)
    x, y = scene.subject
    distance = x.square() + y.square()
    light = sketch.light * (1.06 - between(scene.m[:, 14], 0.02, 0.22) * distance)
    if bristle is not None:
        light = light * (1 + 0.11 * bristle)
    lab = torch.cat([lab[..., :1] * light[..., None].clamp(0.2, 1.2), lab[..., 1:]], -1)
    return colours.display_rgb(lab).permute(0, 3, 1, 2)
