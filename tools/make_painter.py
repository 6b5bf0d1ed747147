"""Make models/painter512.safetensors: the gallery's painter as a generator of two sizes.

    python -m tools.make_painter        # again after every new models/dream256.safetensors

It shares the w of the network that learnt from it (mapping, underdrawing, planes of noise), so one
mapping serves both. Takes a few seconds.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tools.gallery.bristles import NOISE_SIZES
from tools.gallery.program import Program, graph
from tools.gallery.underdrawing import CONFIG
from traumer_live.core.files import hash_file
from traumer_live.core.types import Array
from traumer_live.synthesis.checkpoint import load_checkpoint, save_checkpoint, stated_levels
from traumer_live.synthesis.networks import StyleGAN2
from traumer_live.synthesis.program_config import NOISE, PROGRAM, ROWS, program_config

SIZES = (256, 512)  # pixels: for two cores; for graphics cards, movies and faster processors
MODELS = Path(__file__).parents[1] / "models"


def main() -> None:
    """Write the painter that shares the w of a trained generator."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--network", type=Path, default=MODELS / "dream256.safetensors")
    parser.add_argument("--output", type=Path, default=MODELS / "painter512.safetensors")
    arguments = parser.parse_args()
    write(arguments.network, arguments.output)
    print(f"{arguments.output.name}: sha256 {hash_file(arguments.output)}, to be told on its card")


def write(network_file: Path, output: Path) -> None:
    """Write the painter with mapping, underdrawing and noise of ``network_file``."""
    taught = load_checkpoint(network_file)
    levels = stated_levels(taught, network_file.name)
    assert levels is not None, "our own generators state their levels"
    network = StyleGAN2(CONFIG).requires_grad_(False)
    network.load_state_dict({name: torch.from_numpy(t) for name, t in taught.tensors.items()})
    mapping = {name: t for name, t in taught.tensors.items() if name.startswith("mapping.")}
    tensors: dict[str, Array] = {
        **mapping,
        **{NOISE.format(i): plane for i, plane in enumerate(planes(taught.tensors))},
        ROWS: np.repeat(np.arange(len(levels), dtype=np.float32), levels),
        **{f"{PROGRAM}{size}": painted_at(network, levels, size) for size in SIZES},
    }
    config = program_config({name: np.shape(tensor) for name, tensor in tensors.items()})
    told = {
        "same_w_as": taught.sha256,
        "licence": "GPL-3.0-or-later",
        "origin": "the painter of tools/gallery, written as a graph by tools/make_painter.py",
    }
    save_checkpoint(output, tensors, config, metadata=told, half=True)


def painted_at(network: StyleGAN2, levels: tuple[int, int, int], size: int) -> NDArray[np.uint8]:
    """The program that paints ``size`` pixels on a side, as bytes."""
    return np.frombuffer(graph(Program(network, levels, size)), np.uint8)


def planes(tensors: dict[str, Array]) -> list[Array]:
    """The noise that the network paints its bristles from, at every size."""
    return [tensors[f"synthesis.b{size}.conv0.noise_const"] for size in NOISE_SIZES]


if __name__ == "__main__":
    main()
