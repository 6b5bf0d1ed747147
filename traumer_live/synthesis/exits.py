"""Where a generator may stop early: a smaller picture for less work.

In: a configuration and its tensors.  Out: resolutions to stop at, what stopping there leaves out,
and the share of the work.  Thread: any; numpy only.

In the skip architecture the colours of every resolution add up to the picture, so the sum so far is
a picture too, of fewer pixels. What the later layers add on average is added at the exit as well,
so that a picture does not change its colour with its size.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.types import Array
from traumer_live.synthesis.alias_free_config import AliasFreeConfig
from traumer_live.synthesis.config import LRELU_GAIN, LRELU_SLOPE, GeneratorConfig
from traumer_live.synthesis.program_config import ProgramConfig

Double = NDArray[np.float64]

FARTHEST = 4.0  # from grey; colours end at 1, and weights that are nonsense must not overflow
LANES = 16  # numbers in a vector register: 8 channels take as long as 16
PASSES = 30  # what noise, bias, activation and layout cost per number, in multiplications
PROGRAM_SIZE = 256  # pixels on a side that a program paints in a unit of effort
SMALLEST = 32  # pixels; below it nothing is left to recognise


def exit_resolutions(config: GeneratorConfig | AliasFreeConfig | ProgramConfig) -> tuple[int, ...]:
    """Resolutions of the pictures that this network can make, from small to its own."""
    if isinstance(config, ProgramConfig):
        return config.exits
    if not isinstance(config, GeneratorConfig) or config.architecture != "skip":
        return (config.resolution,)
    early = (r for r in config.resolutions if SMALLEST <= r < config.resolution)
    return (*early, config.resolution)


def later_colour(tensors: Mapping[str, Array], config: GeneratorConfig, resolution: int) -> Array:
    """(img_channels,) on the scale -1..1: what layers after ``resolution`` add on average.

    Their biases, and what their features bring to the average w. Demodulation leaves a convolution
    with about unit variance (Karras et al. 2020, "Analyzing and Improving the Image Quality of
    StyleGAN", section 2.2), so their mean behind the leaky ReLU is that of a rectified Gaussian.
    """
    later = [r for r in config.resolutions if r > resolution and config.has_rgb(r)]
    total = np.zeros(config.img_channels)
    for r in later:
        name = f"synthesis.b{r}.torgb"
        weight = tensors[f"{name}.weight"][:, :, 0, 0]  # (img_channels, channels)
        style = tensors[f"{name}.affine.weight"] @ tensors["mapping.w_avg"] / np.sqrt(config.w_dim)
        style = style + tensors[f"{name}.affine.bias"]  # (channels,)
        features = _mean_features(tensors, f"b{r}.conv1")
        total += weight @ (style * features) / np.sqrt(weight.shape[1])
        total += tensors[f"{name}.bias"]
    return np.clip(total, -FARTHEST, FARTHEST).astype(np.float32)


def _mean_features(tensors: Mapping[str, Array], layer: str) -> Double:
    """(channels,) of a layer behind its leaky ReLU, if it is Gaussian in front of it."""
    mean = np.asarray(tensors[f"synthesis.{layer}.bias"], np.float64)
    spread = math.sqrt(1.0 + float(tensors[f"synthesis.{layer}.noise_strength"]) ** 2)
    below = np.array([0.5 * math.erfc(m / spread / math.sqrt(2)) for m in mean])  # share under zero
    density = np.exp(-0.5 * (mean / spread) ** 2) / math.sqrt(2 * math.pi)
    positive = mean * (1 - below) + spread * density
    features: Double = LRELU_GAIN * (positive + LRELU_SLOPE * (mean - positive))
    return features


def work(config: GeneratorConfig | AliasFreeConfig | ProgramConfig) -> tuple[float, ...]:
    """Effort of the picture at every exit, in units of 1e9 multiplications; a guess at times."""
    if isinstance(config, ProgramConfig):
        return tuple((size / PROGRAM_SIZE) ** 2 for size in config.exits)
    if not isinstance(config, GeneratorConfig):
        return tuple(1.0 for _ in exit_resolutions(config))
    return tuple(_effort(config, resolution) / 1e9 for resolution in exit_resolutions(config))


def _effort(config: GeneratorConfig, resolution: int) -> float:
    total = 0.0
    for spec in config.layers:
        if spec.resolution > resolution:
            break
        height, width = config.extent(spec.resolution)
        inputs, outputs = _lanes(spec.in_channels), _lanes(spec.out_channels)
        # The transposed convolution works on a quarter of the places, its FIR on all of them.
        taps = 9 / 4 * inputs + 16 if spec.up else 9 * inputs
        total += (taps + PASSES) * outputs * height * width
    return total


def _lanes(channels: int) -> int:
    """Channels as a processor's vectors count them."""
    return -(-channels // LANES) * LANES
