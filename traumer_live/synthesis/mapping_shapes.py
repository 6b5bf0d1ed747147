"""Which mapping network tensors form; StyleGAN2 and 3 share it.

In: tensor shapes.  Out: its sizes, and the shapes that sizes imply.  Thread: any.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class MappingSizes:
    """What the tensors of a mapping network tell."""

    z_dim: int
    w_dim: int
    layers: int
    width: int | None  # between the layers; None: w_dim
    num_classes: int
    embed_dim: int


def numbers(shapes: Shapes, pattern: str) -> list[int]:
    """The numbers that ``pattern`` finds in the names."""
    found = (re.fullmatch(pattern, name) for name in shapes)
    return [int(match[1]) for match in found if match]


def mapping_sizes(shapes: Shapes) -> MappingSizes:
    """Sizes of the mapping network.

    Raises:
        KeyError: a tensor is missing.
        ValueError: they form none.
    """
    layers = len(numbers(shapes, r"mapping\.fc(\d+)\.weight"))
    width, inputs = shapes["mapping.fc0.weight"]
    w_dim, _ = shapes[f"mapping.fc{layers - 1}.weight"]
    embed_dim, classes = shapes.get("mapping.embed.weight", (0, 0))
    if min(w_dim, width, inputs - embed_dim) < 1 or classes < bool(embed_dim):
        raise ValueError("a mapping without numbers")
    between = None if width == w_dim else width
    return MappingSizes(inputs - embed_dim, w_dim, layers, between, classes, embed_dim)


def mapping_widths(inputs: int, w_dim: int, layers: int, width: int | None) -> tuple[int, ...]:
    """Numbers that go into each mapping layer, and what comes out of the last."""
    between = w_dim if width is None else width
    return (inputs, *(between,) * (layers - 1), w_dim)


def mapping_shapes(
    widths: Sequence[int], *, num_classes: int, embed_dim: int
) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor of a mapping network."""
    shapes: dict[str, tuple[int, ...]] = {"mapping.w_avg": (widths[-1],)}
    for i, (before, after) in enumerate(pairwise(widths)):
        shapes[f"mapping.fc{i}.weight"] = (after, before)
        shapes[f"mapping.fc{i}.bias"] = (after,)
    if num_classes:
        shapes["mapping.embed.weight"] = (embed_dim, num_classes)
        shapes["mapping.embed.bias"] = (embed_dim,)
    return shapes
