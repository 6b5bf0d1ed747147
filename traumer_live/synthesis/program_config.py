"""A generator whose synthesis is a program and no network: what its tensors tell.

In: tensor shapes.  Out: the configuration; the shapes that it implies.  Thread: any.

The picture is painted by an ONNX graph that somebody wrote (the painter of ``tools/gallery``), with
the inputs and outputs of ``onnx_graph.py``; there is one for every size that it can paint. They
lie, as bytes, beside a mapping network and planes of noise, so that seeds, truncation, statistics
and mapping packs work as with every generator.
A graph may want terabytes, or never end. So only those that come with TräumerAI Live are run as
they are (``load_checkpoint``); those of others are imported (``docs/models.md``). For the same
reason only such a file is believed when it says that it takes the w of another generator.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from traumer_live.core.types import Array
from traumer_live.synthesis.config import Extent
from traumer_live.synthesis.mapping_shapes import (
    Shapes,
    mapping_shapes,
    mapping_sizes,
    mapping_widths,
    numbers,
)

PROGRAM = "synthesis.program"  # and pixels on a side: that graph, as bytes
ROWS = "synthesis.level_of_row"  # (num_ws,): 0 coarse, 1 middle, 2 fine
NOISE = "synthesis.noise{}.noise_const"


@dataclass(frozen=True)
class ProgramInput:
    """One plane of noise that the program reads."""

    name: str


@dataclass(frozen=True)
class ProgramConfig:
    """Sizes of a generator that is a program."""

    num_ws: int
    w_dim: int
    z_dim: int
    mapping_layers: int
    mapping_width: int | None
    num_classes: int
    embed_dim: int
    noise_sizes: tuple[Extent, ...]
    exits: tuple[int, ...]  # pixels on a side of the pictures that it can paint, from small
    program_bytes: tuple[int, ...]  # of each of them

    @property
    def name(self) -> str:
        """What files state."""
        return "program"

    @property
    def picture_size(self) -> Extent:
        """Height and width of the largest picture."""
        return self.resolution, self.resolution

    @property
    def resolution(self) -> int:
        """Pixels on each side of the largest picture."""
        return self.exits[-1]

    @property
    def layers(self) -> tuple[ProgramInput, ...]:
        """Where noise goes in."""
        return tuple(ProgramInput(f"noise{i}") for i in range(len(self.noise_sizes)))

    @property
    def mapping_widths(self) -> tuple[int, ...]:
        """Numbers that go into each mapping layer, and what comes out of the last."""
        return mapping_widths(
            self.z_dim + self.embed_dim, self.w_dim, self.mapping_layers, self.mapping_width
        )


def program_config(shapes: Shapes) -> ProgramConfig:
    """The configuration that tensors of these shapes form.

    Raises:
        KeyError, ValueError: they form none.
    """
    sizes = mapping_sizes(shapes)
    (rows,) = shapes[ROWS]
    programs = sorted(numbers(shapes, rf"{re.escape(PROGRAM)}(\d{{1,4}})"))
    lengths = tuple(shapes[f"{PROGRAM}{size}"][0] for size in programs)
    planes = len(numbers(shapes, r"synthesis\.noise(\d+)\.noise_const"))
    found = [shapes[NOISE.format(i)] for i in range(planes)]
    extents = tuple((height, width) for height, width in found)
    if min(rows, *programs, *lengths) < 1 or not programs:
        raise ValueError("a program without rows, bytes or pixels")
    return ProgramConfig(
        rows, sizes.w_dim, sizes.z_dim, sizes.layers, sizes.width, sizes.num_classes,
        sizes.embed_dim, extents, tuple(programs), lengths,
    )  # fmt: skip


def levels_of(level_of_row: Array) -> tuple[int, ...]:
    """How many rows are coarse, middle and fine; () where they are not in that order."""
    levels = level_of_row.astype(np.int64)
    in_order = (np.diff(levels) >= 0).all() and (levels >= 0).all()
    return tuple(int(count) for count in np.bincount(levels)) if in_order else ()


def program_shapes(config: ProgramConfig) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor of such a generator."""
    shapes = mapping_shapes(
        config.mapping_widths, num_classes=config.num_classes, embed_dim=config.embed_dim
    )
    shapes |= {NOISE.format(i): extent for i, extent in enumerate(config.noise_sizes)}
    programs = zip(config.exits, config.program_bytes, strict=True)
    shapes |= {f"{PROGRAM}{size}": (length,) for size, length in programs}
    return shapes | {ROWS: (config.num_ws,)}
