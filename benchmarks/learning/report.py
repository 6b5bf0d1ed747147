"""What the simulated evenings add up to: a table and a plot.

In: results of ``study``.  Out: Markdown lines; a PNG.  Thread: any.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.learning.evening import CHECKS, PAPER_WAY, Way
from traumer_live.core.types import Array

RANDOM_WAY = Way("random", proposals=False, screen=200)
DRAWN = 5  # of the best ways in the plot
SAMPLES = 2000  # bootstrap samples over persons' evenings

Results = dict[str, dict[str, Any]]


def table(results: Results) -> list[str]:
    """Error, pictures and labels needed, of every way, with 95 % intervals over the evenings."""
    errors, viewed = gathered(results)
    lines = [
        "| way | pictures viewed per label | error, 20 labels | error, 40 | error, 100 | "
        "labels to the paper's 100 | labels to random order's 100 |",
        "|---|---|---|---|---|---|---|",
    ]
    for way, curves in errors.items():
        shown = [f"{curves[:, CHECKS.index(n)].mean():.3f}" for n in (20, 40, 100)]
        rivals = [needed(curves, errors[rival.name]) for rival in (PAPER_WAY, RANDOM_WAY)]
        lines.append(f"| {way} | {viewed[way]:.0f} | {' | '.join(shown)} | {' | '.join(rivals)} |")
    return lines


def gathered(results: Results) -> tuple[dict[str, Array], dict[str, float]]:
    """Curves (evenings, CHECKS) in the same order of evenings, and pictures viewed, by way."""
    ways: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for key, result in results.items():
        way, evening = key.split(" | ", 1)
        ways[way][evening] = result
    common = sorted(set.intersection(*(set(evenings) for evenings in ways.values())))
    errors = {w: np.array([e[k]["errors"] for k in common]) for w, e in ways.items()}
    viewed = {w: float(np.mean([e[k]["viewed"] for k in common])) for w, e in ways.items()}
    return errors, viewed


def needed(curves: Array, rival: Array) -> str:
    """Labels until the mean error is the rival's with 100, and the interval of that."""
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(curves), (SAMPLES, len(curves)))
    counts = [_first(curves[d].mean(0), rival[d, -1].mean()) for d in draws]
    low, high = np.percentile(counts, (2.5, 97.5), method="nearest")
    return f"{_told(_first(curves.mean(0), rival[:, -1].mean()))} ({_told(low)} to {_told(high)})"


def draw(results: Results, folder: Path) -> None:
    """The mean error over labels, with 95 % intervals."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    errors, viewed = gathered(results)
    best = sorted(errors, key=lambda way: errors[way].mean())[:DRAWN]
    figure, axes = plt.subplots(figsize=(8, 4.8))
    for way in dict.fromkeys([PAPER_WAY.name, RANDOM_WAY.name, *best]):
        mean = errors[way].mean(0)
        half = 1.96 * errors[way].std(0) / np.sqrt(len(errors[way]))
        axes.plot(CHECKS, mean, label=f"{way} ({viewed[way]:.0f} pictures)")
        axes.fill_between(CHECKS, mean - half, mean + half, alpha=0.1)
    axes.set(xlabel="labels", ylabel="error on unheard pieces (1: any picture)")
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(folder / "active-learning.png", dpi=110)


def _first(mean: Array, goal: float) -> float:
    reached = np.flatnonzero(mean <= goal)
    return float(CHECKS[reached[0]]) if len(reached) else np.inf


def _told(count: float) -> str:
    return "over 100" if not np.isfinite(count) else f"{count:.0f}"
