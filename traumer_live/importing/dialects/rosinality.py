"""StyleGAN2 after rosinality's PyTorch version, and the two libraries that grew from it.

In: a state dict with the names of rosinality, BasicSR or MMGeneration.  Out: Converted.
Thread: child process.

All three number their layers through (``convs.0`` is the first of 8x8), keep a batch axis on
weights and constants, and need neither mirrored kernels nor other scales than NVIDIA's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from traumer_live.importing.arrays import Numbers
from traumer_live.importing.dialects.stylegan2_parts import architecture, completed
from traumer_live.importing.dialects.types import Converted, as_float32, check_blur
from traumer_live.importing.errors import SafeLoadError

LARGEST_BLOCK = 16  # blocks above 4x4


@dataclass(frozen=True)
class Names:
    """How one program names the parts; ``{}`` in ``parts`` stands for nothing else."""

    dialect: str
    recognised_by: tuple[str, ...]
    const: str
    mapping: str  # pattern with the layer's number and the part
    first: str  # prefix of the convolution at 4x4
    later: str  # pattern of those above, with their number
    parts: dict[str, str]  # of a convolution and a to-RGB layer
    noise: str  # pattern with the plane's number
    mapping_parts: dict[str, str]


ROSINALITY = Names(
    dialect="rosinality's stylegan2-pytorch",
    recognised_by=("input.input", "conv1.conv.weight"),
    const="input.input",
    mapping=r"style\.(\d+)\.(weight|bias)",
    first="conv1",
    later=r"convs\.(\d+)",
    parts={
        "conv.weight": "weight",
        "conv.modulation.weight": "affine.weight",
        "conv.modulation.bias": "affine.bias",
        "noise.weight": "noise_strength",
        "activate.bias": "bias",
        "bias": "bias",
    },
    noise=r"noises\.noise_(\d+)",
    mapping_parts={"weight": "weight", "bias": "bias"},
)
BASICSR = Names(
    dialect="BasicSR",
    recognised_by=("constant_input.weight", "style_conv1.modulated_conv.weight"),
    const="constant_input.weight",
    mapping=r"style_mlp\.(\d+)\.(weight|bias)",
    first="style_conv1",
    later=r"style_convs\.(\d+)",
    parts={
        "modulated_conv.weight": "weight",
        "modulated_conv.modulation.weight": "affine.weight",
        "modulated_conv.modulation.bias": "affine.bias",
        "weight": "noise_strength",
        "activate.bias": "bias",
        "bias": "bias",
    },
    noise=r"noises\.noise(\d+)",
    mapping_parts={"weight": "weight", "bias": "bias"},
)
MMGENERATION = Names(
    dialect="MMGeneration",
    recognised_by=("constant_input.input", "conv1.conv.weight_orig"),
    const="constant_input.input",
    mapping=r"style_mapping\.(\d+)\.(linear\.weight_orig|bias)",
    first="conv1",
    later=r"convs\.(\d+)",
    parts={
        "conv.weight_orig": "weight",
        "conv.style_modulation.linear.weight_orig": "affine.weight",
        "conv.style_modulation.bias": "affine.bias",
        "noise_injector.weight": "noise_strength",
        "activate.bias": "bias",
        "bias": "bias",
    },
    noise=r"injected_noise_(\d+)",
    mapping_parts={"linear.weight_orig": "weight", "bias": "bias"},
)
DIALECTS = (ROSINALITY, BASICSR, MMGENERATION)
BLUR = re.compile(r".*\.kernel")
TO_RGB = re.compile(r"to_rgb(1|s\.(\d+))\.(.+)")


def dialect_of(names: Mapping[str, Numbers]) -> Names | None:
    """Which of the three programs wrote tensors of these names."""
    return next((d for d in DIALECTS if all(name in names for name in d.recognised_by)), None)


def convert_state(
    tensors: Mapping[str, Numbers], dialect: Names, *, w_avg: Numbers | None = None
) -> Converted:
    """The generator under our names; ``w_avg`` lies beside the state dict in some files."""
    renamed: dict[str, Numbers] = {}
    for name, value in tensors.items():
        if BLUR.fullmatch(name):
            check_blur(name, value)
            continue
        ours = _renamed(name, dialect)
        renamed[ours] = _reshaped(ours, value)
    if w_avg is not None:
        renamed["mapping.w_avg"] = w_avg.reshape(-1)
    made, notes = completed(as_float32(renamed))
    return Converted("generator", architecture(made), dialect.dialect, made, notes)


def _renamed(name: str, dialect: Names) -> str:
    if name == dialect.const:
        return "synthesis.b4.const"
    if match := re.fullmatch(dialect.mapping, name):
        # Number 0 is the normalisation of z, which has no numbers.
        return f"mapping.fc{int(match[1]) - 1}.{dialect.mapping_parts[match[2]]}"
    if match := re.fullmatch(dialect.noise, name):
        return f"synthesis.{_layer(int(match[1]) - 1)}.noise_const"
    if match := TO_RGB.fullmatch(name):
        block = 0 if match[2] is None else int(match[2]) + 1
        return f"synthesis.b{_resolution(block)}.torgb.{_part(name, match[3], dialect)}"
    if match := re.fullmatch(rf"({re.escape(dialect.first)}|{dialect.later})\.(.+)", name):
        layer = "b4.conv1" if match[2] is None else _layer(int(match[2]))
        return f"synthesis.{layer}.{_part(name, match[3], dialect)}"
    raise SafeLoadError(f"It has a part that no StyleGAN2 of {dialect.dialect} has: {name[:60]}.")


def _part(name: str, part: str, dialect: Names) -> str:
    if part not in dialect.parts:
        raise SafeLoadError(
            f"It has a part that no StyleGAN2 of {dialect.dialect} has: {name[:60]}."
        )
    return dialect.parts[part]


def _layer(number: int) -> str:
    """Layers above 4x4 count from 0, two for each resolution; -1 is the one at 4x4."""
    return "b4.conv1" if number < 0 else f"b{_resolution(number // 2 + 1)}.conv{number % 2}"


def _resolution(block: int) -> int:
    if block > LARGEST_BLOCK:
        raise SafeLoadError("It has more layers than any StyleGAN2.")
    return 4 << block


def _reshaped(name: str, value: Numbers) -> Numbers:
    """Without the batch axis that these programs keep."""
    if name.endswith("noise_strength"):
        return value.reshape(()) if value.size == 1 else value
    if name.endswith("noise_const"):
        return value.reshape(value.shape[-2:])
    if name.endswith((".const", "conv0.weight", "conv1.weight", "torgb.weight")):
        return value[0] if len(value) == 1 else value
    return value.reshape(-1) if name.endswith("torgb.bias") else value
