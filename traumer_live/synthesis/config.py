"""The numbers that define one StyleGAN2, and what follows from them.

In: resolution and widths.  Out: channels per resolution, number of w rows, list of layers.
Thread: any.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from traumer_live.synthesis.mapping_shapes import mapping_widths

Architecture = Literal["skip", "resnet"]
Extent = tuple[int, int]  # height and width
LRELU_SLOPE = 0.2
LRELU_GAIN = math.sqrt(2)  # keeps the variance of a leaky ReLU's output near one


@dataclass(frozen=True)
class SynthesisLayerSpec:
    """One 3x3 convolution of the synthesis network."""

    name: str  # state-dict prefix, such as "b16.conv0"
    resolution: int  # of its output
    in_channels: int
    out_channels: int
    up: bool  # doubles the resolution
    row: int  # which row of w_plus styles it


@dataclass(frozen=True)
class GeneratorConfig:
    """Sizes of a StyleGAN2 (Karras et al. 2020, arXiv 1912.04958)."""

    resolution: int = 256  # pixels; a power of two from 8
    channel_base: int = 2048  # channels at resolution r are channel_base / r ...
    channel_max: int = 256  # ... but never more than this
    w_dim: int = 512
    z_dim: int = 512
    mapping_layers: int = 8
    img_channels: int = 3
    architecture: Architecture = "skip"  # every resolution adds its colours, or features add up
    widths: tuple[int, ...] | None = None  # channels from 4x4 up, where they follow no such rule
    num_classes: int = 0  # labels of a conditional network
    embed_dim: int = 0  # numbers that a label becomes before the mapping
    mapping_width: int | None = None  # between mapping layers; None: w_dim
    const_size: Extent = (4, 4)  # height and width where the synthesis begins
    conv_clamp: float | None = None  # activations beyond it are cut; no tensor tells

    def __post_init__(self) -> None:
        power_of_two = self.resolution & (self.resolution - 1) == 0
        if self.resolution < 8 or not power_of_two:
            raise ValueError(f"resolution {self.resolution} is not a power of two from 8 up")
        if self.widths is not None and len(self.widths) != len(self.resolutions):
            raise ValueError(f"{len(self.widths)} widths for {len(self.resolutions)} resolutions")

    @property
    def name(self) -> str:
        """Which network it is, as files state it."""
        return f"stylegan2-{self.architecture}"

    @property
    def resolutions(self) -> tuple[int, ...]:
        """4, 8, ... up to the resolution of the picture."""
        return tuple(4 << k for k in range(self.resolution.bit_length() - 2))

    @property
    def num_ws(self) -> int:
        """Rows of w_plus: one per convolution and one for the last to-RGB layer."""
        return 2 * len(self.resolutions)

    def channels(self, resolution: int) -> int:
        """Feature maps at ``resolution``."""
        if self.widths is not None:
            return self.widths[self.resolutions.index(resolution)]
        return min(self.channel_base // resolution, self.channel_max)

    def extent(self, resolution: int) -> Extent:
        """Height and width of the features that a square network would have at ``resolution``."""
        height, width = self.const_size
        return height * resolution // 4, width * resolution // 4

    @property
    def picture_size(self) -> Extent:
        """Height and width of the picture."""
        return self.extent(self.resolution)

    @property
    def noise_sizes(self) -> tuple[Extent, ...]:
        """Height and width of the noise plane of every layer."""
        return tuple(self.extent(spec.resolution) for spec in self.layers)

    @property
    def mapping_widths(self) -> tuple[int, ...]:
        """Numbers that go into each mapping layer, and what comes out of the last."""
        return mapping_widths(
            self.z_dim + self.embed_dim, self.w_dim, self.mapping_layers, self.mapping_width
        )

    def has_rgb(self, resolution: int) -> bool:
        """Whether a to-RGB layer stands at ``resolution``."""
        return self.architecture == "skip" or resolution == self.resolution

    def has_skip(self, resolution: int) -> bool:
        """Whether features of the resolution below are added to those of ``resolution``."""
        return self.architecture == "resnet" and resolution > 4

    @property
    def layers(self) -> tuple[SynthesisLayerSpec, ...]:
        """The 3x3 convolutions in order; layer i is styled by row i."""
        specs = [SynthesisLayerSpec("b4.conv1", 4, self.channels(4), self.channels(4), False, 0)]
        for resolution in self.resolutions[1:]:
            before, here = self.channels(resolution // 2), self.channels(resolution)
            row = len(specs)
            specs += [
                SynthesisLayerSpec(f"b{resolution}.conv0", resolution, before, here, True, row),
                SynthesisLayerSpec(f"b{resolution}.conv1", resolution, here, here, False, row + 1),
            ]
        return tuple(specs)

    def rgb_row(self, resolution: int) -> int:
        """The row that styles the to-RGB layer of ``resolution``: the one after its last conv."""
        return 2 * self.resolutions.index(resolution) + 1
