"""Four kinds of picture that one and the same underdrawing can become.

In: a Scene (fields and touch).  Out: a Sketch: tone along the palette, share of the accent colour,
light.  No kind knows colours, and none moves anything: which place is high in which field was laid
before. Every value depends on the fields at its own place alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from tools.gallery.fields import bump, mix, step
from tools.gallery.parameters import between


@dataclass(frozen=True)
class Scene:
    """What every kind is given; n pictures of s x s."""

    fields: Tensor  # (n, N_FIELDS, s, s)
    m: Tensor  # (n, N_TOUCH)

    @property
    def low(self) -> Tensor:  # (n, s, s)
        """How low on the canvas, with a will of its own."""
        return self.fields[:, 0]

    def free(self, k: int) -> Tensor:  # (n, s, s)
        """One of the free fields."""
        return self.fields[:, 2 + k]


@dataclass(frozen=True)
class Sketch:
    """A picture before colour; all (n, s, s)."""

    tone: Tensor  # 0..1 along the palette, dark to light
    accent: Tensor  # 0..1
    light: Tensor  # about 1

    def bounded(self) -> Sketch:
        """Tone and accent kept in 0..1."""
        return Sketch(self.tone.clamp(0, 1), self.accent.clamp(0, 1), self.light)


Family = Callable[[Scene], Sketch]


def bands(scene: Scene) -> Sketch:
    """Liquid light: ink folded along one field, with veins and cores, calm where another is low."""
    a, b, c, e, g = (scene.free(k) for k in (0, 1, 2, 4, 6))
    folds = torch.cos(between(scene.m[:, 6], 1.0, 3.4) * (0.9 * a + 0.55 * b) + 0.8 * c)
    reach = step(g + 0.75, 1.5)
    tone = mix(0.58 + 0.16 * c, 0.48 + 0.40 * folds, reach)
    veins = 0.85 * bump(c - 0.35 * (0.9 * a + 0.55 * b), 0.22) * step(a + 0.2, 1.0) * reach
    return Sketch(tone, torch.maximum(veins, step(e - 1.45, 0.2)), 1 + 0.16 * folds * reach)


SHORES = ((1, -0.15), (2, 0.35), (3, 0.85))  # free field that shapes a layer, and its height


def land(scene: Scene) -> Sketch:
    """Layers of land under a sky, paler with distance, and lights in the sky."""
    low, sun = scene.low, scene.free(4)
    glow = step(sun - 0.45, 1.1)
    tone = 0.90 - 0.14 * (low + 0.6).clamp(-1, 1) + 0.06 * scene.free(0) + 0.12 * glow
    accent = torch.maximum(step(sun - 1.05, 0.14), 0.4 * glow)
    for layer, (k, height) in enumerate(SHORES):
        ridge = scene.free(k)
        below = (low * 1.25 - height) * 1.3 + (0.45 + 0.12 * layer) * ridge
        covered = step(below, 0.10)
        mist = 0.16 * torch.exp(-2.2 * below.clamp(min=0))
        tone = mix(tone, 0.66 - 0.25 * layer + mist + 0.03 * ridge, covered)
        accent = accent * (1 - covered)
    return Sketch(tone, accent, torch.ones_like(tone))


RIVALS = (0, 1, 2, 3, 5)  # free fields that contend for a place
FAVOUR = (0.0, 0.35, -0.1, -0.35, 0.15)  # so that nobody ties where all are calm
TONES = (0.16, 0.38, 0.58, 0.78, 0.95)
BRIGHT = 3  # which of them may have the accent


def facets(scene: Scene) -> Sketch:
    """Stained glass: a place belongs to whichever field is highest there, between dark leads."""
    rivals = torch.stack([scene.free(k) for k in RIVALS], 1)
    rivals = rivals + torch.tensor(FAVOUR)[None, :, None, None]
    first, second = two_highest(rivals)
    share = (9 * (rivals - first[:, None])).exp()
    share = share / share.sum(1, keepdim=True)
    lead = bump(first - second, between(scene.m[:, 6], 0.06, 0.14))
    rise = torch.tanh(first - 0.9)
    tone = (share * torch.tensor(TONES)[None, :, None, None]).sum(1) + 0.10 * rise
    return Sketch(tone * (1 - 0.75 * lead), 0.9 * share[:, BRIGHT] * (1 - lead), 1 + 0.12 * rise)


def two_highest(rivals: Tensor) -> tuple[Tensor, Tensor]:  # (n, k, s, s) -> 2 of (n, s, s)
    """The highest and the second at every place; sorting all of them takes many times as long."""
    first, *others = rivals.unbind(1)
    second = torch.full_like(first, -torch.inf)
    for other in others:
        second = torch.maximum(second, torch.minimum(first, other))
        first = torch.maximum(first, other)
    return first, second


POOLS = ((1, 0.45, 0.30), (3, 0.55, 0.42), (6, 0.65, 0.34))  # free field, shore, depth
TINTED = 1  # the pool in the accent colour


def washes(scene: Scene) -> Sketch:
    """Watercolour: transparent pools with darker rims on light paper."""
    tone = 0.95 - 0.05 * scene.free(7).abs()
    accent = torch.zeros_like(tone)
    for number, (k, shore, depth) in enumerate(POOLS):
        inside = scene.free(k) - shore
        pool = step(inside, 0.18)
        rim = bump(inside - 0.12, 0.10) * pool
        tone = tone - depth * pool * (0.85 - 0.2 * torch.tanh(inside)) - 0.16 * rim
        if number == TINTED:
            accent = torch.maximum(accent * (1 - 0.5 * pool), 0.85 * pool)
        else:
            accent = accent * (1 - 0.4 * pool)
    return Sketch(0.06 + 0.94 * torch.sigmoid(5 * (tone - 0.42)), accent, torch.ones_like(tone))


FAMILIES: tuple[Family, ...] = (bands, land, facets, washes)
