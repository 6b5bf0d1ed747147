"""What a picture is like, in numbers that music can answer.

In: pixels (H, W, 3 or 4) uint8, sRGB.  Out: one number per attribute of PICTURE_ATTRIBUTES.
Thread: any.

Colours are measured in OKLab (Ottosson 2020), where equal steps look about equally large: L from
dark to light, a from green to red, b from blue to yellow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.types import Array, Pixels

Double = NDArray[np.float64]

PICTURE_ATTRIBUTES = (
    "lightness",  # mean L
    "saturation",  # mean chroma
    "yellowness",  # mean b: yellow above 0, blue below
    "redness",  # mean a: red above 0, green below
    "contrast",  # spread of L
    "edges",  # share of the picture where L changes sharply
    "complexity",  # bits a lossless coder would need for a pixel
    "symmetry",  # likeness of left and right
)
SIDE = 64  # pixels that are looked at; finer is grain
SHARP = 0.06  # difference of L between neighbours that is an edge
CODE_STEP = 0.02  # of the differences that the coder would store

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def measure_picture(pixels: Pixels) -> Array:  # (len(PICTURE_ATTRIBUTES),)
    """The attributes in the order of PICTURE_ATTRIBUTES."""
    lab = oklab(reduced(pixels, SIDE))  # (SIDE, SIDE, 3)
    light = lab[..., 0]
    across, down = np.diff(light, axis=1), np.diff(light, axis=0)
    steps = np.hypot(across[:-1], down[:, :-1])
    return np.array(
        [
            light.mean(),
            np.hypot(lab[..., 1], lab[..., 2]).mean(),
            lab[..., 2].mean(),
            lab[..., 1].mean(),
            light.std(),
            (steps > SHARP).mean(),
            complexity(lab),
            symmetry(light),
        ],
        dtype=np.float32,
    )


def reduced(pixels: Pixels, side: int) -> Double:  # (side, side, 3), linear light 0..1
    """A smaller picture by averaging light, not codes; smaller pictures stay as they are."""
    light = linear(pixels[..., :3].astype(np.float64) / 255)
    step = max(1, len(light) // side)
    kept = len(light) // step
    blocks = light[: kept * step, : kept * step].reshape(kept, step, kept, step, 3)
    return np.asarray(blocks.mean((1, 3)))


def linear(codes: Double) -> Double:
    """Light of sRGB codes 0..1."""
    return np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)


def oklab(light: Double) -> Double:
    """L, a, b of linear light (..., 3)."""
    return np.asarray(np.cbrt(light @ _TO_LMS.T) @ _TO_LAB.T)


def complexity(lab: Double) -> float:
    """Entropy of the differences between neighbours, in bits a pixel."""
    differences = np.diff(lab, axis=1)
    codes = np.round(differences / CODE_STEP).astype(int)
    bits = 0.0
    for channel in range(3):
        _, counts = np.unique(codes[..., channel], return_counts=True)
        share = counts / counts.sum()
        bits -= float(share @ np.log2(share))
    return bits


def symmetry(light: Double) -> float:
    """Correlation of the picture with its mirror image; an even picture is symmetric."""
    centred = light - light.mean()
    power = float(np.square(centred).mean())
    if power < 1e-8:
        return 1.0
    return float((centred * centred[:, ::-1]).mean() / power)
