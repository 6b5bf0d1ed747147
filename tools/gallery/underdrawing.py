"""The underdrawing: where things are, laid by the first layers of a StyleGAN2 that nobody trained.

In: z, w.  Out: fields (n, N_FIELDS, 16, 16) for the painter, and the numbers of touch and palette.

A small network finds it hard to put a given form at a given place: it has to learn every place
anew. It finds it easy to turn features that are there into paint, because that is the same task at
every place. So the layout is not asked of the network but taken from it: the layers up to 16
pixels keep weights drawn by lot (smooth kernels, a smooth constant), and the painter reads its
fields off their features by fixed projections. The generator that is trained begins with the very
same layers, so all it has to learn is the painter's hand. Layouts can neither collapse nor jump:
they are as varied, and move as smoothly with w, as the features do.
Touch and palette are fixed projections of w, which every style can read.
`python -m tools.gallery --choose-projections` made the file beside this one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from tools.gallery.parameters import N_PALETTE, N_TOUCH
from traumer_live.synthesis.config import GeneratorConfig
from traumer_live.synthesis.networks import StyleGAN2

# More channels than usual at 32 and 64 pixels, where forms are drawn, fewer below, where nothing is
# learnt: 1.13 times the time of channel base 2048 in onnxruntime on one thread.
CONFIG = GeneratorConfig(resolution=256, widths=(128, 128, 128, 128, 48, 16, 8), w_dim=512,
                         z_dim=32, mapping_layers=4)  # fmt: skip
PROJECTIONS = Path(__file__).with_suffix(".safetensors")
LAID_AT = 16  # resolution of the last layer that is drawn by lot
N_FIELDS = 10  # height, breadth, and free ones
FREE = N_FIELDS - 2
SEED = 23
WIDE_Z = 512  # numbers of the z that projections were chosen with
SAMPLES = 1536  # w by which projections are chosen
STEADY = 0.25  # share of the channels that w hardly moves: they know where they are
EVEN = 10  # patterns common to all layouts that free fields must not show (borders above all)
LIVELY = 20  # directions of the features that vary most within a picture; free fields mix them
RAMP = 0.58  # deviation of an even ramp over -1..1
AMPLITUDE = 2.67  # of a projection, so that it leaves a demodulated layer at unit size
CALM = 12.0  # fields beyond about its root are held back


@dataclass(frozen=True)
class Underdrawing:
    """A network whose first layers lay out, and the projections that read them."""

    network: StyleGAN2
    directions: Tensor  # (channels, N_FIELDS)
    offsets: Tensor  # (N_FIELDS,)
    number_directions: Tensor  # (w_dim, N_TOUCH + N_PALETTE)
    number_offsets: Tensor

    @torch.no_grad()
    def random_w(self, count: int) -> Tensor:  # (count, w_dim)
        """w of random z."""
        w: Tensor = self.network.mapping(torch.randn(count, CONFIG.z_dim))
        return w

    @torch.no_grad()
    def features(self, w: Tensor) -> Tensor:  # (n, w_dim) -> (n, c, LAID_AT, LAID_AT)
        """What the laid layers make of w."""
        return laid(self.network, w)

    def fields(self, features: Tensor) -> Tensor:  # -> (n, N_FIELDS, LAID_AT, LAID_AT)
        """The painter's fields: about unit size, and bounded."""
        raw = torch.einsum("ncyx,ck->nkyx", features, self.directions)
        raw = raw - self.offsets[:, None, None]
        return raw / (1 + raw.square() / CALM).sqrt()

    def touch(self, w: Tensor) -> Tensor:  # (n, w_dim) -> (n, N_TOUCH)
        """The numbers of the touch, about standard normal."""
        return (w @ self.number_directions - self.number_offsets)[:, :N_TOUCH]

    def palette(self, w: Tensor) -> Tensor:  # (n, w_dim) -> (n, N_PALETTE)
        """The numbers of the palette, about standard normal."""
        return (w @ self.number_directions - self.number_offsets)[:, N_TOUCH:]


def laid(network: StyleGAN2, w: Tensor) -> Tensor:
    """Features of the last laid layer; noise plays no part."""
    x = network.synthesis.block(4).const.expand(len(w), -1, -1, -1)
    for spec in CONFIG.layers:
        if spec.resolution <= LAID_AT:
            x = network.synthesis.layer(spec)(x, w, torch.zeros(()))
    return x


@lru_cache
def underdrawing() -> Underdrawing:
    """The one underdrawing of the shipped generator.

    Its weights come from a seed. The projections are kept in a file: they were found by
    eigenvectors, whose signs are the processor's choice.
    """
    kept = load_file(PROJECTIONS)
    network = drawn_by_lot()
    with torch.no_grad():
        network.synthesis.b4.const.mul_(kept.pop("gain"))
    return Underdrawing(network, **kept)


@torch.no_grad()
def choose_projections() -> dict[str, Tensor]:
    """Projections for the network of this seed, and the gain that its constant needs."""
    network = drawn_with_wide_z()
    generator = torch.Generator().manual_seed(5)
    w = network.mapping(torch.randn(SAMPLES, WIDE_Z, generator=generator))
    features = laid(network, w)
    directions = torch.cat([ramps(features), free_directions(features, generator)], 1)
    size = torch.einsum("ncyx,ck->nkyx", features, directions).std((0, 2, 3))
    size[:2] = 1  # ramps are in proportion already
    directions = directions / size
    offsets = torch.einsum("ncyx,ck->k", features, directions) / (SAMPLES * LAID_AT**2)
    axes = torch.linalg.qr(torch.randn(CONFIG.w_dim, N_TOUCH + N_PALETTE, generator=generator))[0]
    axes = axes / ((w - w.mean(0)) @ axes).std(0)
    # All of it scaled so that the fields leave the first trained layer at unit size.
    gain = directions.norm(dim=0).mean() / AMPLITUDE
    return {
        "directions": directions / gain,
        "offsets": offsets,
        "number_directions": axes,
        "number_offsets": w.mean(0) @ axes,
        "gain": gain,
    }


def drawn_by_lot() -> StyleGAN2:
    """A network with smooth random kernels and a smooth constant in the layers that lay out.

    Its z has few numbers: w in all its 512 directions would be as varied to look at, but a mapping
    learnt from some dozens of labels could not tell what they have in common.
    """
    wide = drawn_with_wide_z()
    axes = torch.randn(WIDE_Z, CONFIG.z_dim, generator=torch.Generator().manual_seed(64))
    state = wide.state_dict()
    state["mapping.fc0.weight"] = state["mapping.fc0.weight"] @ torch.linalg.qr(axes)[0]
    network = StyleGAN2(CONFIG).requires_grad_(False)
    network.load_state_dict(state)
    return network


def drawn_with_wide_z() -> StyleGAN2:
    """The same before its z was narrowed."""
    with torch.random.fork_rng():
        torch.manual_seed(SEED)
        network = StyleGAN2(replace(CONFIG, z_dim=WIDE_Z)).requires_grad_(False)
    draw_by_lot(network)
    return network


@torch.no_grad()
def draw_by_lot(network: StyleGAN2) -> None:
    """Draw the layers that lay out."""
    generator = torch.Generator().manual_seed(SEED)
    channels = CONFIG.channels(4)
    at = torch.linspace(-1, 1, 4)
    y, x = torch.meshgrid(at, at, indexing="ij")
    broad = torch.stack(
        [0.6 * torch.ones_like(x), x, y, x * y, x * x - 0.5, y * y - 0.5, x * x + y * y - 1]
    )
    shares = torch.randn(channels, len(broad), generator=generator) / math.sqrt(len(broad)) * 1.3
    const = torch.einsum("ck,kyx->cyx", shares, broad)
    const = const + 0.75 * torch.randn(channels, 4, 4, generator=generator)
    network.synthesis.b4.const.copy_(const * 0.02)
    for spec in CONFIG.layers:
        if spec.resolution > LAID_AT:
            break
        layer = network.synthesis.layer(spec)
        weight = soft_kernels(spec.out_channels, spec.in_channels, generator)
        steady_out = int(spec.out_channels * STEADY)
        steady_in = int(spec.in_channels * STEADY)
        weight[:steady_out, steady_in:] *= 0.1
        weight[steady_out:, :steady_in] *= 0.6
        layer.weight.copy_(weight)
        layer.affine.weight[:steady_in] *= 0.12


def soft_kernels(out: int, into: int, generator: torch.Generator) -> Tensor:  # (out, into, 3, 3)
    """Random mixtures of channels, smoothed, with a little grain."""
    mixture = torch.randn(out, into, 1, 1, generator=generator)
    return mixture * bell() * 3 + 0.15 * torch.randn(out, into, 3, 3, generator=generator)


def bell() -> Tensor:  # (3, 3)
    """The smallest smooth kernel; sums to one."""
    taps = torch.tensor([1.0, 2.0, 1.0])
    return torch.outer(taps, taps) / 16


def ramps(features: Tensor) -> Tensor:  # (n, c, s, s) -> (c, 2)
    """Directions that come nearest to telling how low and how far right a place is."""
    n, channels, size, _ = features.shape
    flat = features.permute(0, 2, 3, 1).reshape(-1, channels)
    flat = flat - flat.mean(0)
    at = (torch.arange(size) + 0.5) / size * 2 - 1
    found = []
    for places in (at[:, None].expand(size, size), at[None].expand(size, size)):
        wanted = places.expand(n, size, size).reshape(-1, 1)
        gram = flat.t() @ flat + 0.1 * torch.eye(channels)
        direction = torch.linalg.solve(gram, flat.t() @ wanted)
        found.append(direction / (flat @ direction).std() * RAMP)
    return torch.cat(found, 1)


def free_directions(features: Tensor, generator: torch.Generator) -> Tensor:  # -> (c, FREE)
    """Directions that vary much within a picture, little as a whole, and never by the border.

    What all layouts share (padding darkens every border alike) is projected out, else each
    picture would have a frame.
    """
    channels = features.shape[1]
    mean = features.mean(0)
    within = features - features.mean((2, 3), keepdim=True)
    within = (within - within.mean(0)).permute(0, 2, 3, 1).reshape(-1, channels)
    whole = (features - mean).mean((2, 3))
    shared = torch.linalg.svd(mean.flatten(1))[0][:, :EVEN]
    apart = torch.eye(channels) - shared @ shared.t()
    inner = apart @ (within.t() @ within / len(within)) @ apart
    outer = apart @ (whole.t() @ whole / len(whole)) @ apart
    both = inner + outer + 1e-3 * torch.eye(channels) * inner.trace() / channels
    root = torch.linalg.inv(torch.linalg.cholesky(both))
    _, vectors = torch.linalg.eigh(root @ inner @ root.t())
    liveliest = apart @ (root.t() @ vectors).flip(1)[:, :LIVELY]
    turn = torch.linalg.qr(torch.randn(LIVELY, LIVELY, generator=generator))[0]
    return liveliest @ turn[:, :FREE]
