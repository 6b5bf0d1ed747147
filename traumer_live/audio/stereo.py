"""Any number of channels to the two of show time.

In: blocks (n, channels).  Out: (n, 2).  Thread: any; pure functions.
"""

from __future__ import annotations

import numpy as np

from traumer_live.core.types import Array

_HALF_POWER = 0.5**0.5


def to_stereo(block: Array) -> Array:
    """Mono doubled, stereo as it is, more channels taken as a line interface's left-right pairs.

    Odd inputs go left and even ones right, each side divided by the root of their number: one
    used pair among many stays audible, and unrelated inputs add up to their mean power.
    """
    channels = block.shape[1]
    if channels == 2:
        return block
    if channels == 1:
        return np.repeat(block, 2, axis=1)  # (n, 2)
    left, right = block[:, 0::2], block[:, 1::2]
    sides = [side.sum(axis=1) / np.sqrt(side.shape[1]) for side in (left, right)]
    return _limited(sides)


def surround_to_stereo(block: Array) -> Array:
    """A 5.1 or 7.1 mix (left, right, centre, bass, then pairs) folded into two channels.

    The centre and the pairs come in at half power, the bass channel stays out, as is usual.
    """
    if block.shape[1] < 6:
        return to_stereo(block)
    centre = block[:, 2]
    left = block[:, 0] + _HALF_POWER * (centre + block[:, 4::2].sum(axis=1))
    right = block[:, 1] + _HALF_POWER * (centre + block[:, 5::2].sum(axis=1))
    return _limited([left, right])


def _limited(sides: list[Array]) -> Array:
    stereo: Array = np.stack(sides, axis=1).astype(np.float32)  # (n, 2)
    return np.clip(stereo, np.float32(-1), np.float32(1), out=stereo)
