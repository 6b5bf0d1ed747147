"""Six families of pictures, each a smooth function of composition and touch.

In: a Scene (positions, composition, touch).  Out: a Sketch: tone along the palette, share
of the accent colour, light, and the calm fields that the rest was drawn from.  No family knows
colours; each has a subject and a place to rest.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from tools.gallery.fields import bump, mix, step, waves
from tools.gallery.parameters import N_FAMILIES, N_WAVES, between

N_FIELDS = 6  # calm fields behind one family's sketch


@dataclass(frozen=True)
class Scene:
    """What every family is given; n pictures of s x s."""

    x: Tensor  # (1, s, s) to the right, -1..1
    y: Tensor  # (1, s, s) down
    c: Tensor  # (n, N_COMPOSITION)
    m: Tensor  # (n, N_TOUCH)

    @property
    def broad(self) -> Tensor:  # (n, s, s)
        """The calm field of this composition, one or two forms over the canvas."""
        return waves(11, 0.3, 1.0)(self.first, self.x, self.y)

    @property
    def stream(self) -> Tensor:  # (n, s, s)
        """The livelier field of this composition."""
        return waves(16, 0.4, 1.4)(self.second, self.x, self.y)

    @property
    def first(self) -> Tensor:  # (n, N_WAVES)
        """Coefficients of the first field."""
        return self.c[:, N_FAMILIES : N_FAMILIES + N_WAVES]

    @property
    def second(self) -> Tensor:  # (n, N_WAVES)
        """Coefficients of the second field."""
        return self.c[:, N_FAMILIES + N_WAVES : N_FAMILIES + 2 * N_WAVES]

    @property
    def placing(self) -> Tensor:  # (n, 4)
        """Subject: right, down, size, and one free number."""
        return self.c[:, N_FAMILIES + 2 * N_WAVES :]

    @property
    def subject(self) -> tuple[Tensor, Tensor]:  # (n, s, s) twice
        """Positions seen from the subject, which likes the thirds of the canvas."""
        right = 0.5 * torch.tanh(self.placing[:, 0])[:, None, None]
        down = 0.42 * torch.tanh(self.placing[:, 1])[:, None, None]
        return self.x - right, self.y - down

    @property
    def size(self) -> Tensor:  # (n, 1, 1)
        """How large the subject is."""
        return between(self.placing[:, 2], 0.28, 0.75)


@dataclass(frozen=True)
class Sketch:
    """A picture before colour."""

    tone: Tensor  # (n, s, s) 0..1 along the palette, dark to light
    accent: Tensor  # (n, s, s) 0..1
    light: Tensor  # (n, s, s) about 1
    fields: Tensor  # (n, N_FIELDS, s, s) about -1..1: smooth, nearly linear in the composition


def gathered(*fields: Tensor) -> Tensor:  # each (n or 1, s, s) -> (n, N_FIELDS, s, s)
    """The fields of one family, kept in bounds; those it does not need are zero."""
    n = max(len(f) for f in fields)
    bounded = [torch.tanh(f).expand(n, *f.shape[1:]) for f in fields]
    empty = [torch.zeros_like(bounded[0])] * (N_FIELDS - len(fields))
    return torch.stack([*bounded, *empty], 1)


Family = Callable[[Scene], Sketch]


def marble(scene: Scene) -> Sketch:
    """Liquid light: ink folded into ink, with bright veins that thin out toward the rest."""
    broad, stream = scene.broad, scene.stream
    folds = torch.sin(between(scene.m[:, 9], 1.0, 2.6) * (stream + 0.6 * broad) + 0.4)
    rest = step(broad - 0.9, 1.6)
    tone = mix(0.5 + 0.42 * folds, 0.5 + 0.25 * broad, rest)
    vein = bump(stream - 0.35 * broad, 0.18) * (1 - rest)
    accent = 0.9 * vein * step(broad + 0.2, 1.2)
    fields = gathered(broad, stream, stream - 0.35 * broad)
    return Sketch(tone, accent, 1 + 0.12 * folds * (1 - rest), fields)


_LAYERS = 3


def ridge(scene: Scene, layer: int) -> Tensor:
    """Height of one mountain line (n, 1, s), rougher for nearer layers."""
    coefficients = torch.cat([scene.first, scene.second], 1).roll(4 * layer, 1)
    total = torch.zeros(())
    for k in range(N_WAVES):
        k_x = (0.5 + 0.5 * k) * math.pi * (0.7 + 0.15 * layer)
        wave = torch.sin(k_x * scene.x[:, :1] + 2.4 * layer + 1.7 * k)
        total = total + coefficients[:, k, None, None] * wave / (1 + 0.7 * k)
    return total


def landscape(scene: Scene) -> Sketch:
    """Layers of land under a sky, paler with distance, and a sun in the calm part."""
    x, y = scene.subject
    sky = 0.92 - 0.35 * (0.5 - 0.5 * scene.y) + 0.08 * scene.broad
    radius = (x.square() + (y + 0.35).square() + 1e-5).sqrt()
    sun = step(0.55 * scene.size - radius, 0.06)
    tone = sky + 0.18 * torch.exp(-2.5 * radius)
    accent = torch.maximum(sun, 0.35 * torch.exp(-3.2 * radius))
    horizon = between(scene.placing[:, 1], -0.25, 0.35)
    heights = []
    for layer in range(_LAYERS):
        top = horizon + 0.34 * layer - 0.15 * (0.7 + 0.3 * layer) * ridge(scene, layer)
        below = scene.y - top
        heights.append(3 * below)
        land = step(below, 0.045)
        mist = 0.2 * torch.exp(-3.0 * (1 - below).clamp(0, 2))
        body = 0.62 - 0.25 * layer + mist + 0.10 * below.clamp(0, 1)
        tone, accent = mix(tone, body, land), accent * (1 - land)
    fields = gathered(*heights, 2 * (radius - 0.55 * scene.size), 3 * (sky - 0.7))
    return Sketch(tone, accent, torch.ones_like(tone), fields)


def rings(scene: Scene) -> Sketch:
    """Waves around a sun, dying away toward a quiet ground."""
    x, y = scene.subject
    radius = (x.square() + y.square() + 1e-5).sqrt() * (1 + 0.18 * scene.broad)
    wave = torch.cos(radius * between(scene.placing[:, 3], 5, 11) - 1.5)
    reach = torch.exp(-((radius / (1.1 * scene.size + 0.25)) ** 2))
    tone = 0.42 + 0.22 * scene.broad * (1 - reach) + 0.45 * wave * reach
    core = step(0.34 * scene.size - radius, 0.07)
    halo = bump(radius - 0.66 * scene.size, 0.08)
    fields = gathered(3 * (radius - scene.size), x, y, scene.broad, 2 * reach - 1, wave * reach)
    light = 1 + 0.15 * torch.exp(-2 * radius)
    return Sketch(tone, torch.maximum(core, 0.7 * halo), light, fields)


_POOLS = ((-0.42, -0.38), (0.45, -0.05), (-0.15, 0.48))


def washes(scene: Scene) -> Sketch:
    """Watercolour: three transparent pools with darker rims on light paper, mostly empty."""
    tone = 0.93 - 0.05 * scene.broad.abs()
    accent = torch.zeros_like(tone)
    shores = []
    for k, (right, down) in enumerate(_POOLS):
        cx = right + 0.3 * scene.first[:, k, None, None]
        cy = down + 0.3 * scene.second[:, k, None, None]
        reach = between(scene.first[:, k + 3], 0.22, 0.62)
        radius = ((scene.x - cx).square() + 1.3 * (scene.y - cy).square() + 1e-5).sqrt()
        inside = reach * (1 + 0.25 * scene.stream) - radius
        shores.append(3 * inside)
        pool = step(inside, 0.10 + 0.08 * k)
        rim = bump(inside - 0.05, 0.05) * pool
        depth = between(scene.second[:, k + 3], 0.2, 0.65)
        tone = tone - pool * depth * (0.75 + 0.5 * radius) - 0.18 * rim
        accent = torch.maximum(accent, pool * 0.85) if k == 2 else accent * (1 - 0.6 * pool * depth)
    tone = 0.06 + 0.94 * torch.sigmoid(5 * (tone - 0.42))
    return Sketch(tone, accent, torch.ones_like(tone), gathered(*shores, scene.broad, scene.stream))


def water(scene: Scene) -> Sketch:
    """A low light over water: a calm sky, its glitter broken by long waves."""
    x, _ = scene.subject
    horizon = between(scene.placing[:, 1], -0.45, 0.15)
    below = scene.y - horizon
    depth = below.clamp(min=0) + 0.06
    is_water = step(below, 0.04)
    swell = torch.sin(between(scene.m[:, 9], 8, 14) * depth**0.6 + 1.3 * scene.stream)
    column = torch.exp(-((x / (0.2 + 0.45 * depth)) ** 2))
    sky = 0.45 + 0.30 * scene.y + 0.12 * scene.broad
    radius = (x.square() + (below + 0.75 * scene.size).square() + 1e-5).sqrt()
    sun = step(0.42 * scene.size - radius, 0.06)
    glow = torch.exp(-2.2 * radius)
    surface = 0.34 + 0.17 * swell - 0.10 * depth + 0.45 * column * step(swell + 0.2, 1.2)
    glitter = column * step(swell - 0.2, 0.6)
    accent = mix(torch.maximum(sun, 0.4 * glow), 0.85 * glitter, is_water)
    tone = mix(sky + 0.35 * glow, surface, is_water)
    fields = gathered(3 * below, 3 * (radius - 0.42 * scene.size), 2 * x, scene.broad, scene.stream)
    return Sketch(tone, accent, torch.ones_like(tone), fields)


def ribbons(scene: Scene) -> Sketch:
    """Broad brush ribbons that follow a stream, lit along their backs."""
    stream = scene.broad + 0.5 * scene.stream
    count = between(scene.m[:, 9], 0.35, 0.95)
    back = torch.cos(2 * math.pi * count * stream)
    drift = torch.sin(1.1 * stream + 0.8)
    x, y = scene.subject
    focus = torch.exp(-((x.square() + y.square()) / (0.6 + scene.size)))
    tone = 0.48 + 0.26 * drift + 0.26 * back * focus
    accent = step(torch.sin(1.6 * stream + 2.4) - 0.80, 0.3) * focus
    fields = gathered(stream, scene.broad, 2 * focus - 1, drift)
    return Sketch(tone, accent, 1 + 0.25 * back * focus, fields)


FAMILIES: tuple[Family, ...] = (marble, landscape, rings, washes, water, ribbons)
