"""What each style level changes: structure from afar, structure near by, colours.

In: a Subject.  Out: a table in Markdown.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from tools.evidence.subject import Subject

PAIRS = 64
NAMES = ("coarse (composition)", "middle (form and touch)", "fine (palette)")
BINS = 8  # per colour channel


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


def level_table(subject: Subject, pairs: int = PAIRS) -> str:
    """Which level changes what: 0 is nothing, about 1 is as much as an unrelated picture."""
    w = subject.w(2 * pairs)
    own, other = subject.everywhere(w[:pairs]), subject.everywhere(w[pairs:])
    before = subject.pictures(own)
    lines = ["| swapped | low structure | middle structure | colours |", "|---|---|---|---|"]
    for level, name in enumerate(NAMES):
        mixed = own.clone()
        mixed[:, subject.rows(level)] = other[:, subject.rows(level)]
        lines.append(row(name, changes(before, subject.pictures(mixed))))
    lines.append(row("all (another picture)", changes(before, subject.pictures(other))))
    return "\n".join(lines)


def row(name: str, values: tuple[float, float, float]) -> str:
    """One line of the table."""
    return f"| {name} | " + " | ".join(f"{v:.2f}" for v in values) + " |"
