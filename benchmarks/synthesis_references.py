"""Checkouts of the original programs, run on our weights beside our own reference form.

In: a folder with NVlabs/stylegan2-ada-pytorch or rosinality/stylegan2-pytorch, a Checkpoint.
Out: a function from w_plus (1, num_ws, w_dim) to a picture (1, 3, r, r).  Thread: main.

Nothing of them is part of this project: they are imported from where they lie, on the processor,
without their compiled operators, in single precision.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from traumer_live.synthesis.checkpoint import Checkpoint
from traumer_live.synthesis.config import GeneratorConfig

Synthesis = Callable[[Tensor], Tensor]
SMALLEST_BASE = 16384  # rosinality's channel base, times a whole number


def cannot_build(folder: Path, config: object) -> str:
    """Why the implementation in ``folder`` has no such network; empty where it has."""
    if not isinstance(config, GeneratorConfig):
        return "it has no such architecture"
    if config.widths is not None:
        return "its layers have the papers' widths, these have their own"
    if not (folder / "training").is_dir() and config.channel_base < SMALLEST_BASE:
        return "its layers cannot be that narrow"
    return ""


def load_reference(folder: Path, checkpoint: Checkpoint) -> tuple[str, Synthesis]:
    """Name and function of the implementation in ``folder``; SystemExit when it is none."""
    assert isinstance(checkpoint.config, GeneratorConfig)
    if (folder / "training" / "networks.py").is_file():
        return "NVIDIA, PyTorch", _nvidia(folder, checkpoint, checkpoint.config)
    if (folder / "op" / "upfirdn2d.py").is_file() and (folder / "model.py").is_file():
        return "rosinality", _rosinality(folder, checkpoint, checkpoint.config)
    raise SystemExit(f"{folder} holds neither NVIDIA's nor rosinality's StyleGAN2.")


def _imported(folder: Path, name: str) -> Any:
    sys.modules.setdefault("requests", ModuleType("requests"))  # for downloads, which we make none
    sys.path.insert(0, str(folder))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))


def _nvidia(folder: Path, checkpoint: Checkpoint, config: GeneratorConfig) -> Synthesis:
    networks = _imported(folder, "training.networks")
    synthesis = networks.SynthesisNetwork(
        config.w_dim,
        config.resolution,
        config.img_channels,
        channel_base=config.channel_base,
        channel_max=config.channel_max,
        num_fp16_res=0,
        conv_clamp=config.conv_clamp,
    )
    state = {
        name.removeprefix("synthesis."): torch.from_numpy(np.asarray(tensor))
        for name, tensor in checkpoint.tensors.items()
        if name.startswith("synthesis.")
    }
    missing, unexpected = synthesis.load_state_dict(state, strict=False)
    assert not unexpected, unexpected
    assert all(name.endswith("resample_filter") for name in missing), missing
    synthesis.eval().requires_grad_(False)

    def run(w_plus: Tensor) -> Tensor:
        picture: Tensor = synthesis(w_plus, noise_mode="const")
        return picture

    return run


def _rosinality(folder: Path, checkpoint: Checkpoint, config: GeneratorConfig) -> Synthesis:
    from torch.utils import cpp_extension

    compile_now, cpp_extension.load = cpp_extension.load, lambda *_, **__: None
    try:
        model = _imported(folder, "model")
    finally:
        cpp_extension.load = compile_now
    generator = model.Generator(
        config.resolution, config.w_dim, 8, channel_multiplier=config.channel_base // SMALLEST_BASE
    )
    state = _rosinality_state(checkpoint, config)
    missing, unexpected = generator.load_state_dict(state, strict=False)
    assert not unexpected, unexpected
    assert all(name.endswith("kernel") or name.startswith("style.") for name in missing), missing
    generator.eval().requires_grad_(False)

    def run(w_plus: Tensor) -> Tensor:
        picture: Tensor = generator([w_plus], input_is_latent=True, randomize_noise=False)[0]
        return picture

    return run


def _rosinality_state(checkpoint: Checkpoint, config: GeneratorConfig) -> dict[str, Tensor]:
    """Our tensors under rosinality's names."""
    ours = {name: torch.from_numpy(t) for name, t in checkpoint.tensors.items()}
    state = {"input.input": ours["synthesis.b4.const"][None]}
    for i, spec in enumerate(config.layers):
        theirs = "conv1" if i == 0 else f"convs.{i - 1}"
        name = f"synthesis.{spec.name}"
        state[f"{theirs}.conv.weight"] = ours[f"{name}.weight"][None]
        state[f"{theirs}.activate.bias"] = ours[f"{name}.bias"]
        state[f"{theirs}.noise.weight"] = ours[f"{name}.noise_strength"].view(1)
        state[f"noises.noise_{i}"] = ours[f"{name}.noise_const"][None, None]
        _copy_style(state, f"{theirs}.conv", ours, name)
    for i, resolution in enumerate(config.resolutions):
        theirs = "to_rgb1" if i == 0 else f"to_rgbs.{i - 1}"
        name = f"synthesis.b{resolution}.torgb"
        state[f"{theirs}.conv.weight"] = ours[f"{name}.weight"][None]
        state[f"{theirs}.bias"] = ours[f"{name}.bias"].view(1, -1, 1, 1)
        _copy_style(state, f"{theirs}.conv", ours, name)
    return state


def _copy_style(state: dict[str, Tensor], theirs: str, ours: dict[str, Tensor], name: str) -> None:
    for part in ("weight", "bias"):
        state[f"{theirs}.modulation.{part}"] = ours[f"{name}.affine.{part}"]
