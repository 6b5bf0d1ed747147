"""The generator to be trained, its levels, and its running average.

In: z per level (3, n, Z_DIM), the painter's numbers.  Out: pictures (n, 3, r, r), about -1..1.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn

from tools.gallery.painter import N_COLOURS, N_GROUND
from tools.gallery.parameters import Z_DIM
from traumer_live.synthesis.config import GeneratorConfig
from traumer_live.synthesis.networks import StyleGAN2

LEVELS = (5, 4, 5)  # rows of w_plus for composition, touch, palette
CONFIG = GeneratorConfig(resolution=256, channel_base=2048, channel_max=256, w_dim=512,
                         z_dim=Z_DIM, mapping_layers=4)  # fmt: skip
PALETTE_AT = 64  # the first to-RGB layer that fine rows reach; the others start at zero
FIELDS_AT = (16, 32)  # resolutions whose features are asked for the painter's fields
PLANS_AT = (32, 64)  # ... and for the plan
GLANCE = 8  # pixels of the fields that w is asked for
MAPPING_SPEED = 50.0  # nearly undoes the slow rate of the mapping (0.01): it has known targets
AVERAGE = 0.995  # of the weights, per step


def new_generator() -> StyleGAN2:
    """A fresh network, laid out for the CPU (channels last is 1.4 times faster here).

    Only one to-RGB layer starts with weights: those below would paint colours that the palette
    cannot change and has to unlearn, those above would add noise when the network grows.
    """
    network = StyleGAN2(CONFIG)
    for resolution in CONFIG.resolutions:
        weight = network.get_submodule(f"synthesis.b{resolution}.torgb").weight
        torch.nn.init.normal_(weight, std=0.3 if resolution == PALETTE_AT else 0.0)
    listen(network)
    return network.to(memory_format=torch.channels_last)


def optimiser(
    network: StyleGAN2, teachers: Sequence[nn.Module], betas: tuple[float, float]
) -> torch.optim.Adam:
    """Adam, faster on the mapping, slower on ``teachers``, which have no equalised rate."""
    groups = [
        {"params": list(network.synthesis.parameters()), "speed": 1.0},
        {"params": list(network.mapping.parameters()), "speed": MAPPING_SPEED},
        {"params": [w for t in teachers for w in t.parameters()], "speed": 0.3},
    ]
    return torch.optim.Adam(groups, lr=1e-3, betas=betas, fused=True)


def rows(network: StyleGAN2, z: Tensor) -> Tensor:  # (3, n, Z_DIM) -> (n, num_ws, w_dim)
    """w_plus with each level's rows from its own z."""
    w = network.mapping(z.flatten(0, 1)).unflatten(0, z.shape[:2])  # (3, n, w_dim)
    counts = torch.tensor(LEVELS)
    return w.repeat_interleave(counts, 0).transpose(0, 1)


def noise_planes(network: StyleGAN2, mode: str, batch: int) -> list[Tensor]:
    """Fresh noise, or single zeros, which cost less than planes of them."""
    if mode == "none":
        return [torch.zeros(()) for _ in CONFIG.layers]
    return network.synthesis.noise_inputs(mode, batch=batch)


class Overheard(threading.local):
    """Features that passed by in this thread's last forward, by resolution."""

    def __init__(self) -> None:
        self.features: dict[int, Tensor] = {}


OVERHEARD = Overheard()


def listen(network: StyleGAN2) -> None:
    """Note the last features of each resolution that is asked whenever the network runs."""

    def keep(resolution: int, _module: nn.Module, _given: object, features: Tensor) -> None:
        OVERHEARD.features[resolution] = features

    for spec in CONFIG.layers:
        if not spec.up and spec.resolution in {*FIELDS_AT, *PLANS_AT}:
            network.synthesis.layer(spec).register_forward_hook(partial(keep, spec.resolution))


def dream(
    network: StyleGAN2, z: Tensor, *, exit_resolution: int = CONFIG.resolution, noise: str = "none"
) -> tuple[Tensor, dict[int, Tensor]]:  # z (3, n, Z_DIM)
    """Pictures (n, 3, r, r) of z and the features below them, computed in bfloat16."""
    OVERHEARD.features = {}
    with torch.autocast("cpu", torch.bfloat16):
        planes = noise_planes(network, noise, z.shape[1])
        w_plus = rows(network, z)
        picture = network.synthesis(w_plus, noise=planes, exit_resolution=exit_resolution)
    return picture.float(), OVERHEARD.features


class Heads(nn.Module):
    """Training only: read the painter's fields and plan off the features, its colours off w.

    A picture is a smooth, nearly linear field of the painter's numbers, bent by sharp local rules:
    bands, edges, contours, and colours. Seen from the picture alone, that is hard to find; a net
    taught by pictures alone learnt blur in hours. Asking w for the paints and a glance of the
    fields, coarse features for the fields and middle ones for the plan (tone, accent, light)
    teaches each layer its own easy part; and w can be asked a hundred times in every step, because
    that needs no picture.
    """

    def __init__(self) -> None:
        super().__init__()
        self.fields, self.plans = (
            nn.ModuleDict({str(r): nn.Conv2d(CONFIG.channels(r), n, 1) for r in resolutions})
            for resolutions, n in ((FIELDS_AT, N_GROUND), (PLANS_AT, 3))
        )
        self.colours = nn.Linear(CONFIG.w_dim, N_COLOURS * 3)
        self.glance = nn.Linear(CONFIG.w_dim, N_GROUND * GLANCE**2)

    def forward(self, features: dict[int, Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Fields and plans, at each resolution that is asked for them."""
        with torch.autocast("cpu", torch.bfloat16):
            fields = [self.fields[str(r)](features[r]).float() for r in FIELDS_AT]
            return fields, [self.plans[str(r)](features[r]).float() for r in PLANS_AT]

    def of_w(self, w: Tensor) -> tuple[Tensor, Tensor]:  # (n, w_dim)
        """Colours (n, N_COLOURS, 3) and a glance of the fields (n, N_GROUND, GLANCE, GLANCE)."""
        with torch.autocast("cpu", torch.bfloat16):
            colours, glance = self.colours(w).float(), self.glance(w).float()
        return colours.unflatten(1, (-1, 3)), glance.unflatten(1, (-1, GLANCE, GLANCE))


@torch.no_grad()
def follow(average: StyleGAN2, network: StyleGAN2, step: int) -> None:
    """Move the running average a little toward the network; faster while it is young."""
    share = max(1 - AVERAGE, 1 / (step + 10))
    torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), share)
