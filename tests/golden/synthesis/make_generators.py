"""Write what the original programs make of small random networks: weights and pictures.

    python make_generators.py stylegan2-ada-pytorch PATH-TO-THAT-CHECKOUT
    python make_generators.py stylegan3 PATH-TO-THAT-CHECKOUT

The checkouts (NVlabs, on GitHub) are only run here, on the CPU with their plain reference
operators; nothing of them is kept but numbers. Every term is made to matter: biases, noise
strengths, magnitudes and affine maps get random values too. Needs torch, scipy, safetensors.

Each network gives NAME.safetensors (weights under the original's names, as an importer writes them)
and NAME.expected.safetensors: z and labels (one-hot), their w, two w_plus with rows that differ,
and the pictures (n, 3, r, r) of these with the stored noise, on the network's own scale.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent
ADA: dict[str, dict[str, Any]] = {
    # widths 4: 14, 8: 14, 16: 14, 32: 9; the clamp is low enough to cut
    "stylegan2-skip": {
        "architecture": "stylegan2-skip",
        "c_dim": 0,
        "resolution": 32,
        "mapping": {"num_layers": 3},
        "synthesis": {"channel_base": 300, "channel_max": 14, "conv_clamp": 3.0},
    },
    "stylegan2-resnet": {
        "architecture": "stylegan2-resnet",
        "c_dim": 0,
        "resolution": 32,
        "mapping": {"num_layers": 2},
        "synthesis": {"channel_base": 320, "channel_max": 12, "architecture": "resnet"},
    },
    "stylegan2-classes": {
        "architecture": "stylegan2-skip",
        "c_dim": 5,
        "resolution": 16,
        "mapping": {"num_layers": 4, "embed_features": 7, "layer_features": 20},
        "synthesis": {"channel_base": 128, "channel_max": 10},
    },
}
THREE: dict[str, dict[str, Any]] = {
    "stylegan3-t": {
        "architecture": "stylegan3-t", "c_dim": 0, "resolution": 64,
        "mapping": {"num_layers": 2},
        "synthesis": {"channel_base": 500, "channel_max": 10, "num_layers": 9},
    },
    "stylegan3-r": {
        "architecture": "stylegan3-r", "c_dim": 3, "resolution": 32,
        "mapping": {"num_layers": 2},
        "synthesis": {
            "channel_base": 300, "channel_max": 14, "num_layers": 7,
            "conv_kernel": 1, "use_radial_filters": True, "conv_clamp": 4.0,
        },
    },
}  # fmt: skip


def main() -> None:
    program, checkout = sys.argv[1:]
    sys.path.insert(0, checkout)
    module = {"stylegan2-ada-pytorch": "networks", "stylegan3": "networks_stylegan3"}[program]
    generator = importlib.import_module(f"training.{module}").Generator
    for name, sizes in (ADA if program.startswith("stylegan2") else THREE).items():
        make(name, generator, sizes, three=program == "stylegan3")


@torch.no_grad()
def make(name: str, generator: Any, sizes: dict[str, Any], *, three: bool) -> None:
    torch.manual_seed(sum(map(ord, name)))
    more = dict(sizes["synthesis"]) if three else {"synthesis_kwargs": sizes["synthesis"]}
    network = generator(
        z_dim=11, c_dim=sizes["c_dim"], w_dim=13, img_resolution=sizes["resolution"],
        img_channels=3, mapping_kwargs=sizes["mapping"], **more,
    ).eval()  # fmt: skip
    scatter(network)
    if three:
        network.synthesis.get_submodule(network.synthesis.layer_names[-1]).weight.mul_(4)
    z = torch.randn(4, 11)
    labels = torch.eye(max(sizes["c_dim"], 1))[torch.arange(4) % max(sizes["c_dim"], 1)]
    labels = labels[:, : sizes["c_dim"]]
    w = network.mapping(z, labels)  # (4, num_ws, w_dim)
    w_plus = torch.stack([w[[i % 4 for i in range(s, s + w.shape[1])], 0] for s in (0, 2)])
    pictures = network.synthesis(w_plus, noise_mode="const", force_fp32=True)
    weights = {key: value.float().contiguous() for key, value in network.state_dict().items()}
    told = {"kind": "generator", "architecture": sizes["architecture"]}
    told |= {"resolution": str(sizes["resolution"]), "w_dim": "13", "z_dim": "11"}
    if "conv_clamp" in sizes["synthesis"]:
        told["conv_clamp"] = str(sizes["synthesis"]["conv_clamp"])
    save_file(weights, HERE / f"{name}.safetensors", told)
    expected = {"z": z, "labels": labels, "w": w[:, 0], "w_plus": w_plus, "pictures": pictures}
    expected = {key: value.contiguous() for key, value in expected.items() if value.numel()}
    save_file(expected, HERE / f"{name}.expected.safetensors", {"made_by": Path(__file__).name})
    sys.stdout.write(f"{name}: pictures {pictures.mean():.2f} +- {pictures.std():.2f}\n")


def scatter(network: torch.nn.Module) -> None:
    """Random values wherever the original starts with zeros or ones."""
    for key, value in (*network.named_parameters(), *network.named_buffers()):
        if key.endswith("affine.bias") and "input" not in key:
            value.copy_(1 + 0.2 * torch.randn_like(value))
        elif key.endswith(("bias", "noise_strength", "w_avg")):
            value.copy_(0.3 * torch.randn_like(value))
        elif key.endswith("input.affine.weight"):
            value.copy_(0.5 * torch.randn_like(value))
        elif key.endswith("magnitude_ema"):
            value.copy_(0.5 + torch.rand_like(value))
        elif ".torgb.weight" in key:
            value.mul_(0.3)
        if key.endswith("input.affine.bias"):
            value[0] += 1  # not near a rotation of length zero


if __name__ == "__main__":
    main()
