"""NVIDIA's PyTorch snapshots: stylegan2-ada-pytorch and the StyleGAN3 repository.

In: the inert modules of a ``.pkl``, or a plain state dict with the same names.  Out: Converted.
Thread: child process. The names are the ones we use ourselves; the program text that such files
carry is looked at for one word and never run.
"""

from __future__ import annotations

from typing import Any

from traumer_live.importing import limits
from traumer_live.importing.arrays import Numbers
from traumer_live.importing.dialects.stylegan2_parts import architecture, completed
from traumer_live.importing.dialects.types import (
    MAPPING_RATE,
    Converted,
    as_float32,
    check_blur,
    rescaled_mapping,
    tensors_of,
)
from traumer_live.importing.errors import SafeLoadError
from traumer_live.importing.inert import Module, Opaque

FIR_SUFFIX = ".resample_filter"
ALIAS_FREE = "synthesis.input.freqs"
PROJECTED = ("pg_modules", "networks_stylegan3_resetting")
LARGER_KIN = frozenset({"SuperresGenerator"})


def generator_module(value: Any) -> Module | None:
    """The generator of a snapshot, the averaged one where there is one."""
    if isinstance(value, Module):
        return value
    if isinstance(value, dict):
        found = (value.get(key) for key in ("G_ema", "G"))
        return next((module for module in found if isinstance(module, Module)), None)
    return None


def convert_module(module: Module) -> Converted:
    """The generator under our names."""
    tensors = flattened(module)
    if module.class_name in LARGER_KIN or any(word in module.source for word in PROJECTED):
        raise SafeLoadError(
            "It is a StyleGAN-XL or Projected GAN, which is built otherwise than StyleGAN2 and 3; "
            "it cannot be painted here."
        )
    attributes = module_at(module, "synthesis")
    return convert_tensors(
        tensors,
        dialect="NVIDIA PyTorch snapshot",
        mapping_rate=_mapping_rate(module),
        conv_clamp=_conv_clamp(module, attributes),
    )


def convert_tensors(
    tensors: dict[str, Numbers],
    *,
    dialect: str = "state dict with NVIDIA's names",
    mapping_rate: float = MAPPING_RATE,
    conv_clamp: str = "",
) -> Converted:
    """A StyleGAN2 or 3 whose tensors have our names already."""
    for name, tensor in tensors.items():
        if name.endswith(FIR_SUFFIX):
            check_blur(name, tensor)
    kept = {name: t for name, t in tensors.items() if not name.endswith(FIR_SUFFIX)}
    made = as_float32(rescaled_mapping(kept, mapping_rate))
    metadata = {"conv_clamp": conv_clamp} if conv_clamp else {}
    if ALIAS_FREE in made:
        return Converted("generator", _alias_free_name(made), dialect, made, metadata)
    whole, notes = completed(made)
    return Converted("generator", architecture(whole), dialect, whole, metadata | notes)


def flattened(module: Module) -> dict[str, Numbers]:
    """Parameters and buffers of a module tree by their dotted names."""
    found: dict[str, Numbers] = {}
    _collect(module, "", 0, found)
    if not found:
        raise SafeLoadError("It holds a network without numbers.")
    return found


def module_at(module: Module, name: str) -> dict[str, Any]:
    """The state of the part called ``name``; empty where there is none."""
    parts = module.state.get("_modules")
    return _state(parts.get(name)) if isinstance(parts, dict) else {}


def _collect(module: Any, prefix: str, depth: int, found: dict[str, Numbers]) -> None:
    state = _state(module)
    if depth > limits.NESTING or len(found) > limits.TENSORS:
        raise SafeLoadError("It holds a network that is nested beyond reason.")
    for store in ("_parameters", "_buffers"):
        for name, tensor in tensors_of(state.get(store)).items():
            found[prefix + name] = tensor
    parts = state.get("_modules")
    for name, part in parts.items() if isinstance(parts, dict) else ():
        _collect(part, f"{prefix}{name}.", depth + 1, found)


def _state(module: Any) -> dict[str, Any]:
    state = module.state if isinstance(module, Module | Opaque) else None
    return state if isinstance(state, dict) else {}


def _mapping_rate(module: Module) -> float:
    """The relative learning rate of the mapping, which is its first layer's gain of the bias."""
    parts = module_at(module, "mapping").get("_modules")
    first = _state(parts.get("fc0")) if isinstance(parts, dict) else {}
    rate = first.get("bias_gain", MAPPING_RATE)
    if first.get("activation", "lrelu") != "lrelu" or not isinstance(rate, float) or rate <= 0:
        raise SafeLoadError("Its mapping network is of a kind that is not painted here.")
    return rate


def _conv_clamp(module: Module, synthesis: dict[str, Any]) -> str:
    """Where activations are cut: stated per layer, as a number or none."""
    parts = synthesis.get("_modules")
    for part in parts.values() if isinstance(parts, dict) else ():
        for state in (_state(part), *_inner_states(part)):
            if "conv_clamp" in state:
                clamp = state["conv_clamp"]
                return str(float(clamp)) if isinstance(clamp, int | float) else "none"
    return ""


def _inner_states(part: Any) -> list[dict[str, Any]]:
    inner = _state(part).get("_modules")
    return [_state(module) for module in inner.values()] if isinstance(inner, dict) else []


def _alias_free_name(tensors: dict[str, Any]) -> str:
    """T convolves with 3x3 kernels, R with 1x1."""
    first = min(name for name in tensors if name.startswith("synthesis.L0_"))
    weight = tensors[first.rpartition(".")[0].removesuffix(".affine") + ".weight"]
    return "stylegan3-t" if weight.shape[-1] == 3 else "stylegan3-r"
