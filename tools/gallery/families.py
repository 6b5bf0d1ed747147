"""Eight families of pictures, each a smooth function of composition and touch.

In: a Scene (warped positions, composition, touch).  Out: a Sketch: tone along the palette, share
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
from tools.gallery.parameters import N_FAMILIES, N_WAVES, between, uniform

N_FIELDS = 6  # calm fields behind one family's sketch


@dataclass(frozen=True)
class Scene:
    """What every family is given; n pictures of s x s."""

    x: Tensor  # (n, s, s) warped positions, -1..1
    y: Tensor
    flat_y: Tensor  # (n or 1, s, s) not warped: horizons stay level
    flat_x: Tensor
    c: Tensor  # (n, N_COMPOSITION)
    m: Tensor  # (n, N_TOUCH)

    @property
    def broad(self) -> Tensor:  # (n, s, s)
        """The calm field of this composition, one or two forms over the canvas."""
        return waves(11, 0.25, 1.1)(self.first, self.x, self.y)

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
    broad = scene.broad
    fine = waves(12, 0.5, 1.8)(
        scene.second, scene.x + 0.35 * torch.sin(2 * broad), scene.y + 0.3 * torch.cos(2.4 * broad)
    )
    folds = torch.sin(between(scene.m[:, 9], 1.2, 4.0) * (fine + 0.8 * broad))
    rest = step(broad - 0.9, 1.6)
    tone = mix(0.5 + 0.42 * folds, 0.5 + 0.25 * broad, rest)
    vein = bump(fine - 0.35 * broad, 0.16) * (1 - rest)
    accent = 0.9 * vein * step(broad + 0.2, 1.2)
    fields = gathered(broad, fine, fine - 0.35 * broad)
    return Sketch(tone, accent, 1 + 0.12 * folds * (1 - rest), fields)


def ridge(scene: Scene, coefficients: Tensor, layer: int) -> Tensor:
    """Height of one mountain line (n, s, s), rougher for nearer layers."""
    total = torch.zeros(())
    for k in range(N_WAVES):
        k_x = (0.6 + 0.55 * k) * math.pi * (0.6 + 0.14 * layer)
        amplitude = 1 / (1 + 0.75 * k)
        phase = 2.4 * layer + 1.7 * k
        weight = torch.roll(coefficients, layer, 1)[:, k, None, None]
        total = total + weight * amplitude * torch.sin(k_x * scene.flat_x + phase + 0.5 * scene.x)
    return total


def landscape(scene: Scene) -> Sketch:
    """Layers of land under a sky, paler with distance, and a sun in the calm part."""
    x, y = scene.subject
    sky = (
        0.92
        - 0.35 * (0.5 - 0.5 * scene.flat_y)
        + 0.10 * waves(13, 0.3, 1.4)(scene.second, scene.x * 0.7, scene.y * 2.2)
    )
    radius = (x.square() + (y + 0.35).square()).sqrt()
    sun = step(0.55 * scene.size - radius, 0.05)
    tone = sky + 0.18 * torch.exp(-2.5 * radius)
    accent = torch.maximum(sun, 0.35 * torch.exp(-3.2 * radius))
    horizon = between(scene.placing[:, 1], -0.25, 0.35)
    heights = []
    for layer in range(4):
        top = (
            horizon + 0.27 * layer - 0.13 * (0.7 + 0.25 * layer) * ridge(scene, scene.first, layer)
        )
        heights.append(3 * (scene.flat_y - top))
        land = step(scene.flat_y - top, 0.035)
        mist = 0.2 * torch.exp(-3.0 * (1 - scene.flat_y + top).clamp(0, 2))
        body = 0.62 - 0.19 * layer + mist + 0.10 * (scene.flat_y - top).clamp(0, 1)
        tone, accent = mix(tone, body, land), accent * (1 - land)
    fields = gathered(*heights, 2 * (radius - 0.55 * scene.size), 3 * (sky - 0.7))
    return Sketch(tone, accent, torch.ones_like(tone), fields)


def rings(scene: Scene) -> Sketch:
    """Waves around a sun, dying away toward a quiet ground."""
    x, y = scene.subject
    radius = (x.square() + y.square()).sqrt() * (1 + 0.22 * scene.broad)
    wave = torch.cos(radius * between(scene.placing[:, 3], 7, 20) - 1.5)
    reach = torch.exp(-((radius / (1.1 * scene.size + 0.25)) ** 2))
    tone = 0.42 + 0.22 * scene.broad * (1 - reach) + 0.45 * wave * reach
    core = step(0.30 * scene.size - radius, 0.06)
    halo = bump(radius - 0.62 * scene.size, 0.07)
    fields = gathered(2 * (radius - scene.size), x, y, scene.broad, 2 * reach - 1)
    light = 1 + 0.15 * torch.exp(-2 * radius)
    return Sketch(tone, torch.maximum(core, 0.7 * halo), light, fields)


_generator = torch.Generator().manual_seed(5)
_N_CELLS = 15
_CELLS = torch.rand(_N_CELLS, 2, generator=_generator) * 2.3 - 1.15  # (cells, 2)
_DRIFT = torch.randn(N_WAVES, _N_CELLS, 2, generator=_generator) * 0.12
_TINT = torch.randn(N_WAVES, _N_CELLS, generator=_generator) / math.sqrt(N_WAVES)


def glass(scene: Scene) -> Sketch:
    """Stained glass: drifting cells with dark leading, a few of them lit."""
    centres = _CELLS[None] + torch.einsum("nk,kcd->ncd", scene.first, _DRIFT)  # (n, cells, 2)
    dx = scene.x[:, None] - centres[:, :, 0, None, None]
    dy = scene.y[:, None] - centres[:, :, 1, None, None]
    distance = (dx.square() + dy.square() + 1e-6).sqrt()  # (n, cells, s, s)
    share = torch.softmax(-28 * distance, 1)
    tint = scene.second @ _TINT  # (n, cells)
    tone = 0.5 + 0.42 * torch.einsum("nc,ncyx->nyx", torch.tanh(1.3 * tint), share)
    lit = torch.einsum("nc,ncyx->nyx", torch.sigmoid(7 * (tint.roll(4, 1) - 0.95)), share)
    two = torch.topk(distance, 2, dim=1, largest=False).values
    lead = 1 - step(two[:, 1] - two[:, 0] - 0.055, 0.05)
    inner = 1 + 0.22 * torch.exp(-6 * two[:, 0])
    gap = two[:, 1] - two[:, 0]
    fields = gathered(4 * (gap - 0.15), 4 * (two[:, 0] - 0.2), 3 * (tone - 0.5), 2 * lit - 1)
    light = inner * (1 - 0.5 * lead)
    return Sketch(tone * (1 - 0.85 * lead), lit * (1 - lead), light, fields)


_BLOBS = torch.tensor(
    [(-0.5, -0.4), (0.45, -0.35), (0.0, 0.1), (-0.35, 0.5), (0.55, 0.45), (0.1, -0.7)]
)


def washes(scene: Scene) -> Sketch:
    """Watercolour: a few transparent pools with darker rims on light paper, mostly empty."""
    tone = 0.93 - 0.05 * scene.broad.abs()
    accent = torch.zeros_like(tone)
    shores = []
    for k, (right, down) in enumerate(_BLOBS.tolist()):
        cx = right + 0.3 * scene.first[:, k, None, None]
        cy = down + 0.3 * scene.second[:, k, None, None]
        reach = (0.10 + 0.42 * uniform(scene.first[:, (k + 5) % N_WAVES]) ** 1.5)[:, None, None]
        radius = ((scene.x - cx).square() + 1.3 * (scene.y - cy).square() + 1e-6).sqrt()
        inside = reach * (1 + 0.35 * scene.broad) - radius
        shores.append(2.5 * inside)
        pool = step(inside, 0.08 + 0.10 * (k % 3))
        rim = bump(inside - 0.03, 0.035) * pool
        depth = between(scene.second[:, (k + 3) % N_WAVES], 0.15, 0.6)
        tone = tone - pool * depth * (0.75 + 0.5 * radius) - 0.18 * rim
        accent = torch.maximum(accent, pool * 0.85) if k == 2 else accent * (1 - 0.6 * pool * depth)
    tone = 0.06 + 0.94 * torch.sigmoid(5 * (tone - 0.42))
    return Sketch(tone, accent, torch.ones_like(tone), gathered(*shores))


def water(scene: Scene) -> Sketch:
    """A low light over water: a calm sky, its glitter broken by waves."""
    x, _ = scene.subject
    horizon = between(scene.placing[:, 1], -0.45, 0.15)
    below = scene.flat_y - horizon
    depth = below.clamp(min=0) + 0.06
    is_water = step(below, 0.03)
    ripple = torch.sin(
        9 / (depth + 0.22)
        + 2.2 * scene.broad
        + 3 * scene.flat_x * (scene.second[:, 0, None, None] * 0.5)
    )
    swell = torch.sin(
        between(scene.m[:, 9], 10, 22) * depth**0.6
        + 1.6
        * waves(14, 0.6, 2.2)(
            scene.second, scene.x * (0.5 / depth.sqrt()).clamp(max=1.5), scene.y * 2
        )
    )
    column = torch.exp(-((x / (0.16 + 0.45 * depth)) ** 2))
    sky = (
        0.45
        + 0.30 * scene.flat_y
        + 0.12 * waves(15, 0.3, 1.3)(scene.first, scene.x * 0.6, scene.y * 1.6)
    )
    radius = (x.square() + (scene.flat_y - horizon + 0.75 * scene.size).square()).sqrt()
    sun = step(0.42 * scene.size - radius, 0.05)
    glow = torch.exp(-2.2 * radius)
    surface = (
        0.32 + 0.13 * ripple + 0.14 * swell - 0.10 * depth + 0.45 * column * step(swell + 0.2, 1.2)
    )
    glitter = column * step(swell * 0.7 + 0.3 * ripple - 0.25, 0.5)
    accent = mix(torch.maximum(sun, 0.4 * glow), 0.85 * glitter, is_water)
    tone = mix(sky + 0.35 * glow, surface, is_water)
    fields = gathered(3 * below, 2 * (radius - 0.5), 2 * x, scene.broad, 3 * (sky - 0.5), swell)
    return Sketch(tone, accent, torch.ones_like(sky), fields)


def ribbons(scene: Scene) -> Sketch:
    """Broad brush ribbons that follow a stream, lit along their backs."""
    stream = scene.broad + 0.45 * waves(16, 0.5, 1.5)(scene.second, scene.x, scene.y)
    count = between(scene.m[:, 9], 1.4, 3.6)
    back = torch.cos(2 * math.pi * count * stream)
    drift = torch.sin(1.1 * count * stream + 0.8)
    x, y = scene.subject
    focus = torch.exp(-((x.square() + y.square()) / (0.5 + scene.size)))
    tone = 0.48 + 0.30 * drift * (0.4 + 0.6 * focus) + 0.20 * back * focus
    accent = step(torch.sin(1.1 * count * stream + 2.4) - 0.82, 0.25) * focus
    fields = gathered(stream, scene.broad, 2 * focus - 1, torch.sin(1.1 * count * stream))
    return Sketch(tone, accent, 1 + 0.25 * back * focus, fields)


def bloom(scene: Scene) -> Sketch:
    """A flower or star before a soft ground: nested petals around a glowing heart."""
    x, y = scene.subject
    radius = (x.square() + y.square() + 1e-5).sqrt()
    angle = torch.atan2(y, x) + 0.9 * scene.placing[:, 3, None, None] * radius
    shape = torch.zeros_like(radius)
    for k, petals in enumerate((3, 5, 6, 8)):
        shape = shape + scene.first[:, k, None, None] * torch.cos(
            petals * angle + scene.first[:, k + 4, None, None]
        )
    reach = radius / (scene.size * (1 + 0.22 * torch.tanh(shape)) + 0.12)
    petal = step(1.15 - reach, 0.10)
    layers = torch.cos(reach * between(scene.m[:, 9], 5, 13)) * 0.5 + 0.5
    vein = 0.08 * torch.cos(3 * torch.pi * shape)
    ground = 0.30 + 0.20 * scene.broad
    tone = mix(ground, 0.35 + 0.5 * layers + vein + 0.2 * (1 - reach), petal)
    heart = step(0.30 - reach, 0.12)
    accent = torch.maximum(heart, 0.55 * petal * bump(layers - 0.9, 0.25) * step(reach - 0.5, 0.4))
    fields = gathered(2 * (reach - 1.15), 3 * (radius - 0.5), x, y, scene.broad, shape)
    light = mix(torch.ones_like(tone), 0.85 + 0.3 * layers, petal)
    return Sketch(tone, accent, light, fields)


FAMILIES: tuple[Family, ...] = (marble, landscape, rings, glass, washes, water, ribbons, bloom)
