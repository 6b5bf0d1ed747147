"""What each style level changes: structure from afar, structure near by, colours.

In: a Subject.  Out: a table in Markdown.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from tools.evidence.subject import Subject
from tools.gallery.bristles import fresh_noise
from tools.gallery.painter import paint
from tools.gallery.underdrawing import underdrawing

PAIRS = 64
NAMES = ("coarse (composition)", "middle (form and touch)", "fine (palette)")
BINS = 8  # per colour channel
CHUNK = 16  # pictures painted at once

Levels = tuple[int, ...]  # which are swapped
Change = tuple[float, ...]  # in the order of MEASURES
MEASURES = ("low structure", "middle structure", "manner", "colours")
BANDS = ((8, 16), (16, 32), (32, 64))  # sizes of detail, in pixels of a thumbnail
PARTS = (0.25, 0.5, 0.75, 0.9, 0.98)  # quantiles that tell calm pictures from busy or cut ones
STRANGERS = 2 / math.pi**0.5  # mean difference of two standard normal numbers


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


def manner(p: Tensor) -> Tensor:  # (n, 3, r, r) -> (n, k)
    """How much detail of every middle size, how evenly spread: the touch, wherever forms lie.

    Logarithms of quantiles of the contrast within bands, beside the contrast of the whole.
    """
    grey = p.mean(1, keepdim=True)
    whole = F.adaptive_avg_pool2d(grey, BANDS[0][0]).flatten(1).std(1, keepdim=True) + 0.02
    told = []
    for low, high in BANDS:
        smooth = F.interpolate(F.adaptive_avg_pool2d(grey, low), size=high, mode="bilinear")
        detail = (F.adaptive_avg_pool2d(grey, high) - smooth).abs().flatten(1) / whole
        told.append(torch.quantile(detail, torch.tensor(PARTS), dim=1).t())
    return (torch.cat(told, 1) + 1e-3).log()


def histogram(p: Tensor) -> Tensor:  # (n, 3, r, r) -> (n, BINS**3)
    """Share of every colour."""
    index = (F.avg_pool2d(p, 4) * (BINS - 1e-3)).long()
    flat = (index[:, 0] * BINS + index[:, 1]) * BINS + index[:, 2]
    counts = [torch.bincount(f.flatten(), minlength=BINS**3).float() for f in flat]
    return torch.stack(counts) / flat[0].numel()


def changes(a: Tensor, b: Tensor) -> Change:
    """Mean change of every one of MEASURES between pictures a and b."""
    low = (structure(a, 1, 8) - structure(b, 1, 8)).square().sum(1).mean() / 2
    mid = (structure(a, 8, 64) - structure(b, 8, 64)).square().sum(1).mean() / 2
    touch, other = manner(a), manner(b)
    apart = ((touch - other).abs() / torch.cat([touch, other]).std(0)).mean() / STRANGERS
    colour = (histogram(a) - histogram(b)).abs().sum(1).mean() / 2
    return float(low), float(mid), float(apart), float(colour)


def level_table(subject: Subject, pairs: int = PAIRS) -> str:
    """Which level changes what: 0 is nothing, about 1 is as much as an unrelated picture.

    In brackets what the painter changes by the same swap: the most that can be learnt.
    """
    w = subject.w(2 * pairs)
    own, other = subject.everywhere(w[:pairs]), subject.everywhere(w[pairs:])

    def dreamt(levels: Levels) -> Tensor:
        mixed = own.clone()
        for level in levels:
            mixed[:, subject.rows(level)] = other[:, subject.rows(level)]
        return subject.pictures(mixed)

    mine, its = underdrawing().random_w(2 * pairs).chunk(2)

    def painted(levels: Levels) -> Tensor:
        three = [its if level in levels else mine for level in range(len(NAMES))]
        chunks = zip(*(part.split(CHUNK) for part in three), strict=True)
        size = subject.config.resolution
        with torch.random.fork_rng():
            torch.manual_seed(5)  # the same bristles, so that only the swap is seen
            noise = fresh_noise(CHUNK)
        return torch.cat(
            [paint(*w, size=size, noise=[n[: len(w[0])] for n in noise]) for w in chunks]
        )

    lines = ["| swapped | " + " | ".join(MEASURES) + " |", "|---" * (len(MEASURES) + 1) + "|"]
    swaps: list[tuple[str, Levels]] = [(name, (k,)) for k, name in enumerate(NAMES)]
    for name, levels in [*swaps, ("all (another picture)", (0, 1, 2))]:
        shown = [changes(make(()), make(levels)) for make in (dreamt, painted)]
        lines.append(row(name, *shown))
    return "\n".join(lines)


def row(name: str, dreamt: Change, painted: Change) -> str:
    """One line of the table."""
    cells = [f"{a:.2f} ({b:.2f})" for a, b in zip(dreamt, painted, strict=True)]
    return f"| {name} | " + " | ".join(cells) + " |"
