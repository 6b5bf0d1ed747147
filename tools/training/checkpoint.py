"""Checkpoints to resume from, and the file that is shipped.

In: networks, optimisers, progress.  Out: safetensors with a JSON header, written in one stroke.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from tools.gallery.underdrawing import CONFIG
from tools.training.network import LEVELS, Steering, fold
from traumer_live.core.files import written_atomically
from traumer_live.synthesis.networks import StyleGAN2

State = dict[str, Tensor]
BESIDE = ("steering", "heads", "critic")  # networks of the training that are not shipped with it


def under(prefix: str, state: State) -> State:
    """The same tensors with ``prefix.`` before their names, ready to be written."""
    return {f"{prefix}.{name}": t.detach().contiguous() for name, t in state.items()}


def taken(prefix: str, state: State) -> State:
    """The tensors below ``prefix``, without it."""
    start = prefix + "."
    return {name[len(start) :]: t for name, t in state.items() if name.startswith(start)}


def memory(optimiser: torch.optim.Optimizer) -> State:
    """What Adam remembers, as flat tensors."""
    state = optimiser.state_dict()["state"]
    return {f"{i}.{key}": t for i, entry in state.items() for key, t in entry.items()}


def laid_out_like(weight: Tensor, other: Tensor) -> Tensor:
    """``other`` in the memory order of ``weight``, which a fused Adam needs of all it reads."""
    same = torch.empty_like(weight)
    return same.copy_(other)


def recall(optimiser: torch.optim.Optimizer, flat: State) -> None:
    """Give Adam back what it remembered."""
    state: dict[int, State] = {}
    for name, tensor in flat.items():
        index, key = name.split(".")
        state.setdefault(int(index), {})[key] = tensor
    optimiser.load_state_dict({**optimiser.state_dict(), "state": state})
    for weight, entry in optimiser.state.items():
        for key, t in entry.items():
            if t.shape == weight.shape:
                entry[key] = laid_out_like(weight, t)


def save(
    path: Path,
    networks: dict[str, nn.Module],
    optimisers: dict[str, torch.optim.Optimizer],
    momenta: Sequence[Tensor],
    progress: dict[str, Any],
) -> None:
    """Write everything that resuming needs."""
    tensors = under("momenta", {str(i): t for i, t in enumerate(momenta)})
    for name, network in networks.items():
        tensors |= under(name, network.state_dict())
    for name, optimiser in optimisers.items():
        tensors |= under(name, memory(optimiser))
    with written_atomically(path) as temporary:
        save_file(tensors, temporary, {"progress": json.dumps(progress)})


def load(path: Path) -> tuple[State, dict[str, Any]]:
    """All tensors of a checkpoint and its progress."""
    with safe_open(path, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return tensors, json.loads(file.metadata()["progress"])


def export_state(path: Path, networks: dict[str, nn.Module], progress: dict[str, Any]) -> None:
    """Write the networks that training needs beside the generator, in half precision."""
    tensors: State = {}
    for name in BESIDE:
        state = networks[name].state_dict()
        tensors |= under(
            name, {k: t.half() if t.is_floating_point() else t for k, t in state.items()}
        )
    with written_atomically(path) as temporary:
        save_file(tensors, temporary, {"progress": json.dumps(progress)})


def shipped(path: Path) -> State:
    """The weights of an exported model, in float32."""
    return {name: t.float() for name, t in load_file(path).items()}


@torch.no_grad()
def with_average_w(network: StyleGAN2, samples: int = 16_384) -> StyleGAN2:
    """Measure w_avg, the centre of truncation, from random z."""
    z = torch.randn(samples, CONFIG.z_dim, generator=torch.Generator().manual_seed(0))
    network.mapping.w_avg.copy_(network.mapping(z).mean(0))
    return network


def export(path: Path, network: StyleGAN2, steering: Steering, *, status: str, steps: int) -> None:
    """Write the weights as they are shipped: half precision, which the loaders widen again."""
    fold(network, steering)
    state = with_average_w(network).state_dict()
    half = {name: t.detach().contiguous().half() for name, t in state.items()}
    header = {
        "kind": "generator",
        "architecture": "stylegan2-skip",
        "name": path.stem,
        "resolution": str(CONFIG.resolution),
        "widths": ",".join(str(CONFIG.channels(r)) for r in CONFIG.resolutions),
        "w_dim": str(CONFIG.w_dim),
        "z_dim": str(CONFIG.z_dim),
        "mapping_layers": str(CONFIG.mapping_layers),
        "img_channels": "3",
        "num_ws": str(CONFIG.num_ws),
        "levels": ",".join(map(str, LEVELS)),
        "status": status,
        "steps": str(steps),
        "licence": "GPL-3.0-or-later",
        "origin": "trained on the pictures of tools/gallery by tools/train_generator.py",
    }
    with written_atomically(path) as temporary:
        save_file(half, temporary, header)
