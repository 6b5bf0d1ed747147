"""The numbers that define one StyleGAN3, read off its tensors, and what follows from them.

In: tensor shapes.  Out: the configuration; the shapes that it implies.  Thread: any.

Karras et al. 2021, "Alias-Free Generative Adversarial Networks" (arXiv 2106.12423). Every layer is
named after its number, the size of its output and its channels. Up to the two last, features are
``MARGIN`` larger on each side than the picture they stand for, so that nothing leaks in from the
border; their sampling rate is the size without it. All else follows from rates and filters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from traumer_live.synthesis.config import Extent
from traumer_live.synthesis.mapping_shapes import (
    Shapes,
    mapping_shapes,
    mapping_sizes,
    mapping_widths,
)

Variant = Literal["t", "r"]
Shape = tuple[int, ...]
MARGIN = 10  # samples outside the picture, on each side
LRELU_RATE = 2  # the leaky ReLU runs at this multiple of the layer's rate
SQUARE = (Fraction(1), Fraction(1))
UNMARGINED = 2  # layers at the end whose output is the bare picture
LARGEST_SIZE = 2048 + 2 * MARGIN
LAYER_NAME = r"synthesis\.(L(\d{1,3})_(\d{1,5})_(\d{1,5}))\.weight"
INPUT_SHAPES: dict[str, Shape] = {
    "synthesis.input.affine.bias": (4,),
    "synthesis.input.transform": (3, 3),
}


@dataclass(frozen=True)
class AliasFreeLayer:
    """One modulated convolution with its filtered leaky ReLU, or the last one to colour."""

    name: str
    row: int  # of w_plus
    in_channels: int
    out_channels: int
    kernel: int  # 3 (T) or 1 (R, and to colour)
    up: int
    down: int
    up_taps: int  # 0: no filter
    down_taps: int
    radial: bool  # the down filter has two dimensions
    cuts: Extent  # samples to drop before and after, of all that raising the rate gives
    in_size: int
    out_size: int
    in_rate: int  # samples of the input across the square picture

    def filtered_size(self, stretch: Fraction = Fraction(1)) -> int:
        """Samples on a side after the convolution, which touches every place that it can.

        ``stretch``: how many square pictures the side is long.
        """
        return self.in_size + int((stretch - 1) * self.in_rate) + self.kernel - 1

    @property
    def to_rgb(self) -> bool:
        """The last layer has neither filters nor demodulation."""
        return self.up_taps == 0


@dataclass(frozen=True)
class AliasFreeConfig:
    """Sizes of a StyleGAN3."""

    resolution: int
    w_dim: int
    z_dim: int
    mapping_layers: int
    mapping_width: int | None
    num_classes: int
    embed_dim: int
    input_channels: int
    input_size: int
    layers: tuple[AliasFreeLayer, ...]
    variant: Variant
    conv_clamp: float | None = 256.0  # activations beyond it are cut; no tensor tells
    stretch: tuple[Fraction, Fraction] = SQUARE  # height and width of the canvas, in pictures

    @property
    def name(self) -> str:
        """Which network it is, as files state it."""
        return f"stylegan3-{self.variant}"

    @property
    def num_ws(self) -> int:
        """Rows of w_plus: one for the input, one per layer."""
        return len(self.layers) + 1

    @property
    def input_rate(self) -> int:
        """Samples of the input across the picture."""
        return self.input_size - 2 * MARGIN

    @property
    def img_channels(self) -> int:
        """Colours."""
        return self.layers[-1].out_channels

    @property
    def picture_size(self) -> Extent:
        """Height and width of the picture."""
        height, width = (int(self.resolution * stretch) for stretch in self.stretch)
        return height, width

    @property
    def input_extent(self) -> Extent:
        """Height and width of the input in samples, margins included."""
        height, width = (int(self.input_rate * stretch) + 2 * MARGIN for stretch in self.stretch)
        return height, width

    @property
    def noise_sizes(self) -> tuple[Extent, ...]:
        """There is no noise in these networks."""
        return ()

    @property
    def mapping_widths(self) -> tuple[int, ...]:
        """Numbers that go into each mapping layer, and what comes out of the last."""
        return mapping_widths(
            self.z_dim + self.embed_dim, self.w_dim, self.mapping_layers, self.mapping_width
        )


def alias_free_config(shapes: Shapes) -> AliasFreeConfig:
    """The configuration that tensors of these shapes form.

    Raises:
        KeyError, ValueError: they form none.
    """
    names = _layer_names(shapes)
    sizes = mapping_sizes(shapes)
    channels, _ = shapes["synthesis.input.weight"]
    steps = [(names[0][1], channels), *((size, width) for _, size, width in names)]
    rates = _rates([size for size, _ in steps])
    layers = tuple(
        _layer(shapes, name, row, step, its_rates)
        for row, ((name, _, _), step, its_rates) in enumerate(
            zip(names, pairwise(steps), pairwise(rates), strict=True), start=1
        )
    )
    return AliasFreeConfig(
        resolution=names[-1][1],
        w_dim=sizes.w_dim,
        z_dim=sizes.z_dim,
        mapping_layers=sizes.layers,
        mapping_width=sizes.width,
        num_classes=sizes.num_classes,
        embed_dim=sizes.embed_dim,
        input_channels=channels,
        input_size=names[0][1],
        layers=layers,
        variant="t" if layers[0].kernel == 3 else "r",
    )


def alias_free_shapes(config: AliasFreeConfig) -> dict[str, Shape]:
    """Name and shape of every tensor of a StyleGAN3."""
    shapes = mapping_shapes(
        config.mapping_widths, num_classes=config.num_classes, embed_dim=config.embed_dim
    )
    channels = config.input_channels
    shapes |= INPUT_SHAPES | {
        "synthesis.input.affine.weight": (4, config.w_dim),
        "synthesis.input.weight": (channels, channels),
        "synthesis.input.freqs": (channels, 2),
        "synthesis.input.phases": (channels,),
    }
    for layer in config.layers:
        shapes |= _layer_shapes(layer, config.w_dim)
    return shapes


def _layer_shapes(layer: AliasFreeLayer, w_dim: int) -> dict[str, Shape]:
    prefix, kernel = f"synthesis.{layer.name}", layer.kernel
    shapes: dict[str, Shape] = {
        f"{prefix}.affine.weight": (layer.in_channels, w_dim),
        f"{prefix}.affine.bias": (layer.in_channels,),
        f"{prefix}.weight": (layer.out_channels, layer.in_channels, kernel, kernel),
        f"{prefix}.bias": (layer.out_channels,),
        f"{prefix}.magnitude_ema": (),
    }
    if not layer.to_rgb:
        shapes[f"{prefix}.up_filter"] = (layer.up_taps,)
        shapes[f"{prefix}.down_filter"] = (layer.down_taps,) * (1 + layer.radial)
    return shapes


def _layer_names(shapes: Shapes) -> list[tuple[str, int, int]]:
    """Name, size and channels of every layer in order; ValueError when one is missing."""
    found = [match for name in shapes if (match := re.fullmatch(LAYER_NAME, name))]
    layers = sorted((int(m[2]), m[1], int(m[3]), int(m[4])) for m in found)
    if [number for number, *_ in layers] != list(range(len(layers))) or len(layers) < 3:
        raise ValueError("layers are missing")
    if not all(1 <= size <= LARGEST_SIZE and width >= 1 for _, _, size, width in layers):
        raise ValueError("a layer without channels, or beyond reason")
    return [(name, size, width) for _, name, size, width in layers]


def _rates(sizes: Sequence[int]) -> list[int]:
    """Samples across the picture, for the input and every layer; powers of two."""
    inner, last = sizes[:-UNMARGINED], sizes[-UNMARGINED:]
    rates = [*(size - 2 * MARGIN for size in inner), *last]
    if any(rate < 4 or rate & (rate - 1) for rate in rates):
        raise ValueError("a sampling rate that is no power of two")
    return rates


def _layer(
    shapes: Shapes, name: str, row: int, steps: tuple[Extent, Extent], rates: tuple[int, int]
) -> AliasFreeLayer:
    (in_size, in_channels), (out_size, out_channels) = steps
    in_rate, out_rate = rates
    up_filter = shapes.get(f"synthesis.{name}.up_filter", ())
    down_filter = shapes.get(f"synthesis.{name}.down_filter", ())
    kernel = shapes[f"synthesis.{name}.weight"][-1]
    rate = max(rates) * (LRELU_RATE if up_filter else 1)
    up, down = rate // in_rate, rate // out_rate
    up_taps, down_taps = up_filter[0] if up_filter else 0, down_filter[0] if down_filter else 0
    # What the down filter needs of the raised features, less what there is, plus both filters' own;
    # the half sample that raising shifts goes to the end, so that both ends stay alike.
    padding = (out_size - 1) * down + 1 - (in_size + kernel - 1) * up
    padding += max(up_taps, 1) + max(down_taps, 1) - 2
    before = (padding + up) // 2
    cuts = (up_taps - 1 - before, up_taps - up - (padding - before)) if up_filter else (0, 0)
    if min(cuts) < 0 or (in_size != out_size and not up_filter):
        raise ValueError(f"{name} makes no layer of its size")
    return AliasFreeLayer(
        name=name,
        row=row,
        in_channels=in_channels,
        out_channels=out_channels,
        kernel=kernel,
        up=up,
        down=down,
        up_taps=up_taps,
        down_taps=down_taps,
        radial=len(down_filter) == 2,
        cuts=cuts,
        in_size=in_size,
        out_size=out_size,
        in_rate=in_rate,
    )
