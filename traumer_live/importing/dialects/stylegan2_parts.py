"""What is added to a StyleGAN2 that some trainings leave out.

In: tensors under stylegan2-ada-pytorch names.  Out: the same, whole.  Thread: child process.
"""

from __future__ import annotations

import math
import re

import numpy as np

from traumer_live.core.types import Array
from traumer_live.importing.dialects.types import MAPPING_RATE
from traumer_live.importing.errors import SafeLoadError

SAMPLES = 10_000  # random z for an average that the file does not bring
LRELU_SLOPE, LRELU_GAIN = 0.2, math.sqrt(2)
CONVOLUTION = re.compile(r"(synthesis\.b(\d+)\.conv[01])\.weight")
W_AVERAGE = "mapping.w_avg"


def architecture(tensors: dict[str, Array]) -> str:
    """The architecture's name: a residual network has no colours at 4x4."""
    skip = "synthesis.b4.torgb.weight" in tensors
    return "stylegan2-skip" if skip else "stylegan2-resnet"


def completed(tensors: dict[str, Array]) -> tuple[dict[str, Array], dict[str, str]]:
    """The tensors with average and noise, and what had to be made up."""
    made = dict(tensors)
    notes: dict[str, str] = {}
    if W_AVERAGE not in made:
        made[W_AVERAGE] = mean_w(made)
        notes["w_avg"] = f"measured over {SAMPLES} random z, seed 0"
    for name in tensors:
        match = CONVOLUTION.fullmatch(name)
        if match and f"{match[1]}.noise_strength" not in made:
            size = int(match[2])
            made[f"{match[1]}.noise_strength"] = np.zeros((), np.float32)
            made[f"{match[1]}.noise_const"] = np.zeros((size, size), np.float32)
            notes["noise"] = "none; the network was trained without"
    return made, notes


def mean_w(tensors: dict[str, Array]) -> Array:
    """The average w (w_dim,) over seeded random z."""
    layers = sum(bool(re.fullmatch(r"mapping\.fc\d+\.weight", name)) for name in tensors)
    if not layers or "mapping.embed.weight" in tensors:
        raise SafeLoadError("It brings no average w, which truncation needs.")
    z_dim = tensors["mapping.fc0.weight"].shape[-1]
    x: Array = np.random.default_rng(0).standard_normal((SAMPLES, z_dim), dtype=np.float32)
    x = x / np.sqrt(np.square(x).mean(1, keepdims=True) + np.float32(1e-8))
    for i in range(layers):
        weight, bias = tensors[f"mapping.fc{i}.weight"], tensors[f"mapping.fc{i}.bias"]
        x = x @ weight.T * np.float32(MAPPING_RATE / math.sqrt(weight.shape[1]))
        x = x + bias * np.float32(MAPPING_RATE)
        x = np.maximum(x, np.float32(LRELU_SLOPE) * x) * np.float32(LRELU_GAIN)
    return np.asarray(x.mean(0), np.float32)  # (w_dim,)
