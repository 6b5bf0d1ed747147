"""Where a generator may stop early: a smaller picture for less work.

In: a configuration and its tensors.  Out: resolutions to stop at, what stopping there leaves out,
and the share of the work.  Thread: any; numpy only.

In the skip architecture the colours of every resolution add up to the picture, so the sum so far is
a picture too, of fewer pixels. What the later layers add on average (their biases) is added at the
exit as well, so that a picture does not change its colour with its size.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from traumer_live.core.types import Array
from traumer_live.synthesis.alias_free_config import AliasFreeConfig
from traumer_live.synthesis.config import GeneratorConfig
from traumer_live.synthesis.program_config import ProgramConfig

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


def later_bias(tensors: Mapping[str, Array], config: GeneratorConfig, resolution: int) -> Array:
    """(img_channels,) on the scale -1..1: what layers after ``resolution`` add everywhere."""
    later = (r for r in config.resolutions if r > resolution and config.has_rgb(r))
    total: Array = sum(
        (tensors[f"synthesis.b{r}.torgb.bias"] for r in later),
        np.zeros(config.img_channels, np.float32),
    )
    return total


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
