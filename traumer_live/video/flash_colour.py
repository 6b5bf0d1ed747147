"""Relative luminance, saturated red and chromaticity, as WCAG and CIE define them.

In: linear RGB of sRGB's primaries, (..., 3), each in 0..1.  Out: numbers per cell.  Thread: any.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.types import Array

LUMA = np.array((0.2126, 0.7152, 0.0722), np.float32)
SATURATED = 0.8  # R / (R + G + B) from which a colour is a saturated red
# What every screen reflects: without it black would have no chromaticity, or that of its noise.
FLARE = 0.005
# Rows: 4 X, 9 Y and X + 15 Y + 3 Z of linear sRGB; u' and v' are the first two over the third.
_UCS = np.array(
    (
        (4 * 0.4124, 4 * 0.3576, 4 * 0.1805),
        (9 * 0.2126, 9 * 0.7152, 9 * 0.0722),
        (
            0.4124 + 15 * 0.2126 + 3 * 0.0193,
            0.3576 + 15 * 0.7152 + 3 * 0.1192,
            0.1805 + 15 * 0.0722 + 3 * 0.9505,
        ),
    ),
    np.float32,
)


def luminance(linear: Array) -> Array:
    """Relative luminance, 0..1."""
    light: Array = linear @ LUMA
    return light


def is_saturated_red(linear: Array) -> NDArray[np.bool_]:
    """R / (R + G + B) >= 0.8; black is not red."""
    total = linear[..., 0] + linear[..., 1] + linear[..., 2]
    red: NDArray[np.bool_] = (linear[..., 0] >= SATURATED * total) & (total > 0)
    return red


def chromaticity(linear: Array) -> tuple[Array, Array]:
    """u' and v' in the CIE 1976 UCS diagram, as seen on a screen in a room."""
    parts = (linear + np.float32(FLARE)) @ _UCS.T
    u, v = parts[..., 0] / parts[..., 2], parts[..., 1] / parts[..., 2]
    return u.astype(np.float32), v.astype(np.float32)
