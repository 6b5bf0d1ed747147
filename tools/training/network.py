"""The generator to be trained, the numbers that steer it meanwhile, and its running average.

In: features of the underdrawing, numbers of touch and palette, noise.  Out: pictures (n, 3, r, r).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tools.gallery.bristles import NOISE_SIZES
from tools.gallery.families import FAMILIES
from tools.gallery.parameters import N_PALETTE, N_TOUCH
from tools.gallery.underdrawing import CONFIG, LAID_AT, N_FIELDS, bell, underdrawing
from traumer_live.synthesis.config import SynthesisLayerSpec
from traumer_live.synthesis.networks import (
    StyleGAN2,
    SynthesisLayer,
    SynthesisNetwork,
    upsample_rgb,
)

LEVELS = (5, 4, 5)  # rows of w_plus for composition, touch, palette
PALETTE_FROM = LEVELS[0] + LEVELS[1]  # the first row of the palette
PALETTE_AT = 64  # the first to-RGB layer that its rows reach; those below stay without colour
KINDS_AT = 32  # resolution whose features are asked for every kind of picture
PLAN_AT = 64  # ... and for the plan of the picture and the direction of the brush
RELIEF_AT = 128  # ... and for the relief of the paint, and the plan again
THRESHOLDS = 3.0  # spread of the biases by which the first trained layer bends the fields

TRAINED = tuple(spec for spec in CONFIG.layers if spec.resolution > LAID_AT)
COLOURED = tuple(r for r in CONFIG.resolutions if r >= PALETTE_AT)


def new_generator() -> StyleGAN2:
    """A network that begins with the underdrawing and reads its fields in the first trained layer.

    Laid out for the CPU (channels last is 1.4 times faster here). Only one to-RGB layer starts with
    weights: those below would paint colours that the palette cannot change, those above would add
    noise when the network grows.
    """
    network = StyleGAN2(CONFIG)
    network.load_state_dict(underdrawing().network.state_dict())
    for resolution in CONFIG.resolutions:
        torgb = network.get_submodule(f"synthesis.b{resolution}.torgb")
        nn.init.normal_(torgb.weight, std=0.3 if resolution == PALETTE_AT else 0.0)
    read_fields(network.synthesis.layer(TRAINED[0]))
    return network.to(memory_format=torch.channels_last)


@torch.no_grad()
def read_fields(layer: SynthesisLayer) -> None:
    """Let every channel be one field, or a mixture of two, bent at a threshold of its own.

    The fields lie in directions of the features that vary least; from random weights they took
    some hundred steps to find.
    """
    under = underdrawing()
    out, into = layer.weight.shape[:2]
    generator = torch.Generator().manual_seed(9)
    which, channels = torch.arange(out) % N_FIELDS, torch.arange(out)
    other = torch.randint(0, N_FIELDS, (out,), generator=generator)
    turn = (torch.rand(out, generator=generator) - 0.5) * 1.2
    plain = channels < 2 * N_FIELDS  # once up and once down
    turn[plain] = 0
    sign = torch.where(channels // N_FIELDS % 2 == 0, 1.0, -1.0)
    mixture = torch.zeros(N_FIELDS, out)
    mixture[which, channels] += sign * turn.cos()
    mixture[other, channels] += turn.sin()
    kernels = (under.directions @ mixture).t()[:, :, None, None] * bell()
    norm = kernels.square().sum((1, 2, 3), keepdim=True).sqrt()
    layer.weight.copy_(kernels / norm * (into * 9) ** 0.5)  # entries of unit size, as by lot
    threshold = (torch.rand(out, generator=generator) - 0.5) * THRESHOLDS
    threshold[plain] = 0
    layer.bias.copy_((threshold - under.offsets @ mixture) / norm.flatten())


def numbers_of(row: int) -> int:
    """How many numbers steer a row."""
    return N_TOUCH if row < PALETTE_FROM else N_PALETTE


class Steering(nn.Module):
    """Styles as affine functions of the painter's numbers, not of all of w; training only.

    The numbers are projections of w, so that in the end each becomes the affine layer of the
    network itself (`fold`). Thirty-two directions are found soon, five hundred and twelve are not:
    styles that began as random functions of w scrambled the underdrawing, and after 500 steps
    there were neither forms nor colours.
    """

    def __init__(self) -> None:
        super().__init__()
        widths = {key(spec): (spec.in_channels, numbers_of(spec.row)) for spec in TRAINED}
        widths |= {rgb_key(r): (CONFIG.channels(r), N_PALETTE) for r in COLOURED}
        self.slope = nn.ParameterDict({k: nn.Parameter(torch.zeros(s)) for k, s in widths.items()})
        self.level = nn.ParameterDict(
            {k: nn.Parameter(torch.ones(s[0])) for k, s in widths.items()}
        )

    def forward(self, which: str, numbers: Tensor) -> Tensor:  # (n, numbers) -> (n, channels)
        """Styles of one layer."""
        return self.level[which] + numbers @ self.slope[which].t()


def key(spec: SynthesisLayerSpec) -> str:
    """A layer's name among the steering."""
    return spec.name.replace(".", "_")


def rgb_key(resolution: int) -> str:
    """A to-RGB layer's name among the steering."""
    return f"torgb_{resolution}"


@torch.no_grad()
def fold(network: StyleGAN2, steering: Steering) -> None:
    """Write the steering into the affine layers, which read w: style = level + slope (w D - o)."""
    under = underdrawing()
    blocks = network.synthesis
    found = [(key(s), blocks.layer(s).affine, s.row < PALETTE_FROM) for s in TRAINED]
    found += [(rgb_key(r), blocks.block(r).torgb.affine, False) for r in COLOURED]
    for which, affine, is_touch in found:
        kind = slice(0, N_TOUCH) if is_touch else slice(N_TOUCH, None)
        slope, level = steering.slope[which], steering.level[which]
        directions, offsets = under.number_directions[:, kind], under.number_offsets[kind]
        affine.weight.copy_(slope @ directions.t() / affine.weight_gain)
        affine.bias.copy_((level - slope @ offsets) / affine.bias_gain)


def dream(
    network: StyleGAN2,
    steering: Steering,
    features: Tensor,  # (n, c, LAID_AT, LAID_AT)
    touch: Tensor,  # (n, N_TOUCH)
    palette: Tensor,  # (n, N_PALETTE)
    noise: Sequence[Tensor],  # of NOISE_SIZES; none: no noise anywhere
    *,
    size: int = CONFIG.resolution,
) -> tuple[Tensor, dict[int, Tensor]]:
    """Pictures (n, 3, size, size) and the last features of every resolution, in bfloat16."""
    x = features.to(memory_format=torch.channels_last)
    passed: dict[int, Tensor] = {}
    image: Tensor | None = None
    planes = dict(zip(NOISE_SIZES, noise, strict=bool(noise)))
    with torch.autocast("cpu", torch.bfloat16):
        x = x.bfloat16()
        for spec in TRAINED:
            if spec.resolution > size:
                break
            numbers = touch if spec.row < PALETTE_FROM else palette
            style = steering(key(spec), numbers).float()
            plane = noise_of(spec, planes, len(x))
            x = network.synthesis.layer(spec).styled(x, style, plane)
            passed[spec.resolution] = x
            if not spec.up and spec.resolution >= PALETTE_AT:
                torgb = network.synthesis.block(spec.resolution).torgb
                colours = torgb.styled(x, steering(rgb_key(spec.resolution), palette))
                image = colours if image is None else upsample_rgb(image) + colours
        assert image is not None
        image = image + _later_biases(network.synthesis, size)
    return image.float(), passed


def _later_biases(synthesis: SynthesisNetwork, size: int) -> Tensor:  # (3, 1, 1)
    """What the to-RGB layers behind ``size`` add everywhere, while they are still to be trained."""
    later = [r for r in CONFIG.resolutions if r > size and CONFIG.has_rgb(r)]
    biases = [synthesis.block(r).torgb.bias for r in later]
    return sum(biases, torch.zeros(3)).view(-1, 1, 1)


def noise_of(spec: SynthesisLayerSpec, planes: dict[int, Tensor], count: int) -> Tensor:
    """The painter's own plane for the first layer of a resolution, chance for the second."""
    if spec.resolution not in planes:
        return torch.zeros(())
    if spec.up:
        return planes[spec.resolution]
    return torch.randn(count, 1, spec.resolution, spec.resolution)


@dataclass(frozen=True)
class Reading:
    """What was read off the features; None where a stage ends before."""

    kinds: Tensor  # (n, 2 families, KINDS_AT, KINDS_AT)
    plan: Tensor  # (n, 3, PLAN_AT, PLAN_AT)
    strokes: Tensor  # (n, 2, PLAN_AT, PLAN_AT)
    relief: Tensor | None  # (n, 1, RELIEF_AT, RELIEF_AT)
    finer_plan: Tensor | None  # (n, 3, RELIEF_AT, RELIEF_AT)


class Heads(nn.Module):
    """Training only: read what the painter had in mind off the features.

    Which kind a picture is, the touch decides; what each kind would look like depends on the fields
    alone. Asked for all kinds at 32 pixels and for the picture's own plan (tone, accent, light) at
    64, layers learn drawing and choosing one after the other; asked for pictures alone they drew
    fog. In the same way the direction of the brush is asked for before what it paints.
    """

    def __init__(self) -> None:
        super().__init__()
        self.kinds = nn.Conv2d(CONFIG.channels(KINDS_AT), 2 * len(FAMILIES), 1)
        self.plan = nn.Conv2d(CONFIG.channels(PLAN_AT), 3 + 2, 1)
        self.relief = nn.Conv2d(CONFIG.channels(RELIEF_AT), 1 + 3, 1)

    def forward(self, passed: dict[int, Tensor]) -> Reading:
        """Whatever the resolutions that were computed tell."""
        with torch.autocast("cpu", torch.bfloat16):
            plan = self.plan(passed[PLAN_AT]).float()
            fine = self.relief(passed[RELIEF_AT]).float() if RELIEF_AT in passed else None
            return Reading(
                self.kinds(passed[KINDS_AT]).float(),
                plan[:, :3],
                plan[:, 3:],
                None if fine is None else fine[:, :1],
                None if fine is None else fine[:, 1:],
            )


def matrices(network: StyleGAN2) -> list[nn.Parameter]:
    """The convolutions that are trained."""
    return [network.synthesis.layer(spec).weight for spec in TRAINED]


def other_weights(network: StyleGAN2) -> list[nn.Parameter]:
    """Biases and noise strengths of the trained layers, and the to-RGB layers that have colour."""
    found = []
    for spec in TRAINED:
        layer = network.synthesis.layer(spec)
        found += [layer.bias, layer.noise_strength]
    for resolution in COLOURED:
        torgb = network.synthesis.block(resolution).torgb
        found += [torgb.weight, torgb.bias]
    return found
