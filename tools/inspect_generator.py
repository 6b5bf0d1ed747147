"""Look at a generator before it is shipped.

    python -m tools.inspect_generator models/dream256.safetensors docs/images

Writes contact sheets (random pictures, truncation, style mixing) and prints how much swapping each
level between pairs of pictures changes low-frequency structure, mid-frequency structure and the
colour histogram.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812
from safetensors.torch import load_file
from torch import Tensor

from tools.gallery.sheets import save_sheet
from tools.training.network import CONFIG, LEVELS
from traumer_live.synthesis.networks import StyleGAN2

PAIRS = 48
NAMES = ("composition (coarse)", "touch (middle)", "palette (fine)")
BINS = 8  # per colour channel


def load(path: Path) -> StyleGAN2:
    """The generator in a safetensors file, in float32."""
    network = StyleGAN2(CONFIG)
    network.load_state_dict({name: t.float() for name, t in load_file(path).items()})
    return network.eval().requires_grad_(False)


def pictures(network: StyleGAN2, w_plus: Tensor) -> Tensor:  # (n, 3, r, r) in 0..1
    """Pictures of w_plus, a few at a time."""
    parts = [network.synthesis(part) for part in w_plus.split(8)]
    return (torch.cat(parts) / 2 + 0.5).clamp(0, 1)


def broadcast(w: Tensor) -> Tensor:  # (n, w_dim) -> (n, num_ws, w_dim)
    """The same w for all rows."""
    return w[:, None].repeat(1, CONFIG.num_ws, 1)


def level_rows(level: int) -> slice:
    """The rows of one level."""
    start = sum(LEVELS[:level])
    return slice(start, start + LEVELS[level])


def structure(p: Tensor, low: int, high: int) -> Tensor:  # (n, 3, r, r) -> (n, k)
    """Lightness between two sizes of detail (pixels of a thumbnail), contrast made equal."""
    grey = p.mean(1, keepdim=True)
    band = F.adaptive_avg_pool2d(grey, high)
    if low > 1:
        coarse = F.interpolate(F.adaptive_avg_pool2d(grey, low), size=high, mode="bilinear")
        band = band - coarse
    flat = band.flatten(1)
    flat = flat - flat.mean(1, keepdim=True)
    return flat / (flat.norm(dim=1, keepdim=True) + 1e-6)


def histogram(p: Tensor) -> Tensor:  # (n, 3, r, r) -> (n, BINS**3)
    """Share of every colour."""
    index = (F.avg_pool2d(p, 4) * (BINS - 1e-3)).long()
    flat = (index[:, 0] * BINS + index[:, 1]) * BINS + index[:, 2]
    counts = [torch.bincount(f.flatten(), minlength=BINS**3).float() for f in flat]
    return torch.stack(counts) / flat[0].numel()


def changes(a: Tensor, b: Tensor) -> tuple[float, float, float]:
    """Mean change of low structure, middle structure and colours between pictures a and b."""
    low = (structure(a, 1, 8) - structure(b, 1, 8)).square().sum(1).mean() / 2
    mid = (structure(a, 8, 64) - structure(b, 8, 64)).square().sum(1).mean() / 2
    colour = (histogram(a) - histogram(b)).abs().sum(1).mean() / 2
    return float(low), float(mid), float(colour)


def level_table(network: StyleGAN2) -> str:
    """Which level changes what: 0 is nothing, about 1 is as much as an unrelated picture."""
    w = network.mapping(torch.randn(2 * PAIRS, CONFIG.z_dim))
    own, other = broadcast(w[:PAIRS]), broadcast(w[PAIRS:])
    before = pictures(network, own)
    lines = ["| swapped | low structure | middle structure | colours |", "|---|---|---|---|"]
    for level, name in enumerate(NAMES):
        mixed = own.clone()
        mixed[:, level_rows(level)] = other[:, level_rows(level)]
        low, mid, colour = changes(before, pictures(network, mixed))
        lines.append(f"| {name} | {low:.2f} | {mid:.2f} | {colour:.2f} |")
    low, mid, colour = changes(before, pictures(network, other))
    lines.append(f"| all (another picture) | {low:.2f} | {mid:.2f} | {colour:.2f} |")
    return "\n".join(lines)


def sheets(network: StyleGAN2, folder: Path) -> None:
    """Random pictures, truncation 0.5 / 0.7 / 1 in rows, and style mixing."""
    w = network.mapping(torch.randn(64, CONFIG.z_dim))
    small = F.avg_pool2d(pictures(network, broadcast(w)), 2)
    save_sheet(small, folder / "dream256-random.jpg")
    centre = network.mapping.w_avg
    truncated = torch.cat([centre + psi * (w[:8] - centre) for psi in (0.5, 0.7, 1.0)])
    save_sheet(F.avg_pool2d(pictures(network, broadcast(truncated)), 2),
               folder / "dream256-truncation.jpg")  # fmt: skip
    mixed = broadcast(w[:8]).repeat(4, 1, 1)  # columns share the composition
    mixed[:, level_rows(1)] = w[8:12].repeat_interleave(8, 0)[:, None]  # rows share the touch
    mixed[:, level_rows(2)] = w[16:48][:, None]  # every picture has its own palette
    save_sheet(F.avg_pool2d(pictures(network, mixed), 2), folder / "dream256-mixing.jpg")


def main() -> None:
    """Write the sheets and print the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(3)
    network = load(arguments.model)
    sheets(network, arguments.folder)
    print(level_table(network))


if __name__ == "__main__":
    main()
