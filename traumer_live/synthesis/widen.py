"""A square generator painting wide pictures: its input goes on beyond the edges that it knows.

In: a Checkpoint and the aspect wanted.  Out: a Checkpoint of the same weights on a wider canvas.
Thread: any; numpy only.

The synthesis of StyleGAN2 is convolutions from a learnt 4x4 constant, so it paints whatever size
that constant has: on 4x7 a 256-pixel generator paints 448x256, nearly 16:9. The middle is what it
was trained to paint there, and both sides go on from it. The noise planes keep their middle and go
on with fresh noise of the same kind: mirrored grain would show where the mirror stands.

StyleGAN3 begins with waves, which have no edge: they are sampled further out. Its layers pad and
cut alike on a canvas of any size, so that the middle stays what the square picture was: on small
random networks within 0.12 of 0 to 255 at the old edge, within 0.001 a fifth of the side inside.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from traumer_live.core.errors import ModelError
from traumer_live.core.types import Array
from traumer_live.synthesis.alias_free_config import AliasFreeConfig
from traumer_live.synthesis.checkpoint import Checkpoint
from traumer_live.synthesis.config import Extent
from traumer_live.synthesis.program_config import ProgramConfig
from traumer_live.synthesis.stylegan2_shapes import CONST

Aspect = tuple[int, int]  # width and height, such as (16, 9)
WIDE: Aspect = (16, 9)
WIDEST = 4  # times as long as high, or as high as long


def widened(checkpoint: Checkpoint, aspect: Aspect) -> Checkpoint:
    """``checkpoint`` on the canvas whose picture is about as wide as ``aspect``.

    Raises:
        ModelError: the aspect is beyond reason, or a program paints its own size only.
    """
    config = checkpoint.config
    if isinstance(config, ProgramConfig):
        raise ModelError(
            "This generator is a program that paints its own square; leave --wide out, and let "
            "the picture fill the screen instead (mirror or crop)."
        )
    if isinstance(config, AliasFreeConfig):
        return _widened_waves(checkpoint, config, aspect)
    size = wide_const(config.const_size, aspect)
    if size == config.const_size:
        return checkpoint
    wide = replace(config, const_size=size)
    tensors = checkpoint.tensors | {CONST: mirrored(checkpoint.tensors[CONST], size)}
    rng = np.random.default_rng(0)
    for spec in config.layers:
        key = f"synthesis.{spec.name}.noise_const"
        plane = rng.standard_normal(wide.extent(spec.resolution), dtype=np.float32)
        tops, lefts = (o * spec.resolution // 4 for o in _offsets(config.const_size, size))
        height, width = tensors[key].shape
        plane[tops : tops + height, lefts : lefts + width] = tensors[key]
        tensors[key] = plane
    return replace(checkpoint, config=wide, tensors=tensors, variant=f"{size[0]}x{size[1]}")


def _widened_waves(checkpoint: Checkpoint, config: AliasFreeConfig, aspect: Aspect) -> Checkpoint:
    """A StyleGAN3 whose waves are sampled further out; old samples stay where they were."""
    rate = config.input_rate
    height, width = (rate + (side - rate) // 2 * 2 for side in wide_const((rate, rate), aspect))
    if (height, width) == (rate, rate):
        return checkpoint
    stretch = (Fraction(height, rate), Fraction(width, rate))
    return replace(checkpoint, config=replace(config, stretch=stretch), variant=f"{height}x{width}")


def wide_const(size: Extent, aspect: Aspect) -> Extent:
    """The constant's height and width nearest to ``aspect``, no side shorter than it was."""
    across, down = aspect
    if min(aspect) < 1 or max(aspect) > WIDEST * min(aspect):
        raise ModelError(
            f"A picture of {across}:{down} cannot be painted; sides may differ {WIDEST} times."
        )
    height, width = size
    return (
        max(height, round(width * down / across)),
        max(width, round(height * across / down)),
    )


def mirrored(const: Array, size: Extent) -> Array:
    """``const`` (c, h, w) in the middle of a larger one, mirrored at its edges."""
    for axis, offset in zip((1, 2), _offsets(const.shape[1:], size), strict=True):
        length = const.shape[axis]
        turn = (np.arange(size[axis - 1]) - offset) % (2 * length)
        const = np.take(const, np.minimum(turn, 2 * length - 1 - turn), axis)
    return np.ascontiguousarray(const)


def _offsets(size: tuple[int, ...], wide: Extent) -> Extent:
    """Where the old constant begins in the new one, from above and from the left."""
    return (wide[0] - size[0]) // 2, (wide[1] - size[1]) // 2
