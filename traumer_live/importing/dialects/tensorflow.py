"""StyleGAN2 and StyleGAN2-ADA snapshots of the TensorFlow programs, such as the WikiArt one.

In: three inert Network objects (generator, discriminator, averaged generator).  Out: Converted.
Thread: child process; no TensorFlow.

Kernels are stored (height, width, in, out) and turn to (out, in, height, width); up-sampling
convolutions are stored mirrored both ways; the bias of a modulation is stored less one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from traumer_live.importing import limits
from traumer_live.importing.arrays import Numbers, numbers
from traumer_live.importing.dialects.stylegan2_parts import architecture, completed
from traumer_live.importing.dialects.types import (
    MAPPING_RATE,
    Converted,
    as_float32,
    rescaled_mapping,
)
from traumer_live.importing.errors import SafeLoadError
from traumer_live.importing.inert import TensorflowNetwork

OLDEST_VERSION = 4  # StyleGAN2; StyleGAN1 wrote 2 and 3
IGNORED = re.compile(r"(lod|(.*/)?lod)")
LAYERS = {"Conv": "conv1", "Conv0_up": "conv0", "Conv1": "conv1", "ToRGB": "torgb", "Skip": "skip"}
BLOCK = re.compile(r"synthesis/(\d+)x\d+/(\w+)/(\w+)")
Change = Callable[[Numbers], Numbers]


def _kernel(value: Numbers) -> Numbers:
    return value.transpose(3, 2, 0, 1)


def _mirrored_kernel(value: Numbers) -> Numbers:
    return value[::-1, ::-1].transpose(3, 2, 0, 1)


PARTS: dict[str, tuple[str, Change]] = {
    "weight": ("weight", _kernel),
    "bias": ("bias", lambda value: value),
    "noise_strength": ("noise_strength", lambda value: value.reshape(())),
    "mod_weight": ("affine.weight", np.transpose),
    "mod_bias": ("affine.bias", lambda value: value + 1),
}
PLAIN: tuple[tuple[str, str, Change], ...] = (
    (r"dlatent_avg", "mapping.w_avg", lambda value: value),
    (r"mapping/Dense(\d+)/weight", "mapping.fc{}.weight", np.transpose),
    (r"mapping/Dense(\d+)/bias", "mapping.fc{}.bias", lambda value: value),
    (r"mapping/LabelEmbed/weight", "mapping.embed.weight", np.transpose),
    (r"mapping/LabelEmbed/bias", "mapping.embed.bias", lambda value: value),
    (r"synthesis/4x4/Const/const", "synthesis.b4.const", lambda value: value[0]),
)


def is_snapshot(value: Any) -> bool:
    """Whether ``value`` is what the TensorFlow programs save."""
    networks = value if isinstance(value, tuple | list) else (value,)
    return bool(networks) and all(isinstance(network, TensorflowNetwork) for network in networks)


def convert_snapshot(value: Any) -> Converted:
    """The averaged generator under our names."""
    network = value[-1] if isinstance(value, tuple | list) else value
    state = _state(network)
    _check_version(state)
    options = _options(state)
    variables = _variables(network)
    renamed = {}
    for name, tensor in variables.items():
        entry = _renamed(name, tensor)
        if entry is not None:
            renamed[entry[0]] = entry[1]
    rate = options.get("mapping_lrmul", MAPPING_RATE)
    if not isinstance(rate, float) or rate <= 0:
        raise SafeLoadError("It states an impossible learning rate.")
    tensors, notes = completed(as_float32(rescaled_mapping(renamed, rate)))
    clamp = options.get("conv_clamp")
    metadata = {"conv_clamp": str(float(clamp)) if isinstance(clamp, int | float) else "none"}
    dialect = "NVIDIA TensorFlow snapshot"
    return Converted("generator", architecture(tensors), dialect, tensors, metadata | notes)


def _check_version(state: dict[str, Any]) -> None:
    version = state.get("version")
    if isinstance(version, int) and version < OLDEST_VERSION:
        raise SafeLoadError(
            "It is a StyleGAN1 snapshot, which is another network than StyleGAN2; "
            "it cannot be painted here."
        )


def _options(state: dict[str, Any]) -> dict[str, Any]:
    """What the snapshot states about its network, checked where it would change the picture."""
    stated = state.get("static_kwargs")
    options = stated if isinstance(stated, dict) else {}
    taps = options.get("resample_kernel") or [1, 3, 3, 1]
    usual = all(
        options.get(key, "lrelu") == "lrelu" for key in ("nonlinearity", "mapping_nonlinearity")
    )
    if list(taps) != [1, 3, 3, 1] or not usual:
        raise SafeLoadError("It is a StyleGAN2 with unusual filters, not painted here.")
    return options


def _variables(network: Any) -> dict[str, Numbers]:
    """Variables of a network and its components by their full names."""
    found: dict[str, Numbers] = {}
    waiting: list[tuple[str, Any]] = [("", network)]
    visited = 0
    while waiting:
        prefix, part = waiting.pop()
        state = _state(part)
        visited += 1
        if visited > limits.NESTING:
            raise SafeLoadError("It holds a network that is nested beyond reason.")
        found |= {prefix + name: tensor for name, tensor in _named(state.get("variables"))}
        components = state.get("components")
        for name, inner in components.items() if isinstance(components, dict) else ():
            waiting.append((f"{prefix}{name}/", inner))
    return found


def _named(variables: Any) -> list[tuple[str, Numbers]]:
    entries = variables.items() if isinstance(variables, dict) else variables or ()
    found = []
    for entry in entries if isinstance(variables, dict | list | tuple) else ():
        if not isinstance(entry, tuple | list) or len(entry) != 2:
            raise SafeLoadError("It holds a network whose variables have no names.")
        value = numbers(entry[1])
        if value is not None:
            found.append((str(entry[0]), value))
    return found


def _state(network: Any) -> dict[str, Any]:
    state = network.state if isinstance(network, TensorflowNetwork) else network
    return state if isinstance(state, dict) else {}


def _renamed(name: str, value: Numbers) -> tuple[str, Numbers] | None:
    """Our name and layout of one variable; None for bookkeeping."""
    if IGNORED.fullmatch(name):
        return None
    try:
        for pattern, ours, change in PLAIN:
            if match := re.fullmatch(pattern, name):
                return ours.format(*match.groups()), change(value)
        if match := re.fullmatch(r"synthesis/noise(\d+)", name):
            return f"synthesis.{_noise_layer(int(match[1]))}.noise_const", value[0, 0]
        if match := BLOCK.fullmatch(name):
            return _block_part(match, value)
    except (ValueError, IndexError) as error:
        raise SafeLoadError(f"It has a tensor of an impossible shape: {name[:60]}.") from error
    raise SafeLoadError(
        f"It has a part that no StyleGAN2 of configuration E or F has: {name[:60]}."
    )


def _block_part(match: re.Match[str], value: Numbers) -> tuple[str, Numbers]:
    resolution, layer, part = match.groups()
    if layer not in LAYERS or part not in PARTS:
        raise SafeLoadError(
            f"It has a part that no StyleGAN2 of configuration E or F has: {match[0][:60]}."
        )
    ours, change = PARTS[part]
    mirrored = layer in ("Conv0_up", "Skip") and part == "weight"
    return (
        f"synthesis.b{int(resolution)}.{LAYERS[layer]}.{ours}",
        (_mirrored_kernel if mirrored else change)(value),
    )


def _noise_layer(number: int) -> str:
    """The layer that the noise plane of this number belongs to."""
    if number == 0:
        return "b4.conv1"
    return f"b{8 << (number - 1) // 2}.conv{(number - 1) % 2}"
