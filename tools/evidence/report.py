"""The page about a generator.  In: Findings.  Out: Markdown between two marks of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.gallery.families import FAMILIES
from traumer_live.core.files import written_atomically

BEGIN, END = "<!-- measured -->", "<!-- /measured -->"


@dataclass(frozen=True)
class Findings:
    """Everything that was measured of one model."""

    name: str
    steps: int
    pictures: int
    levels: str
    diversity: float
    gallery_diversity: float
    frechet: float
    gallery_frechet: float
    shares: Sequence[float]
    gallery_shares: Sequence[float]
    path_length: float
    median_step: float
    largest_step: float
    curve: str


def curve_table(steps: Sequence[int], distances: Sequence[float]) -> str:
    """The Fréchet distance over a training run."""
    lines = ["| steps | Fréchet distance |", "|---|---|"]
    lines += [f"| {s:,} | {d:.2f} |" for s, d in zip(steps, distances, strict=True)]
    return "\n".join(lines)


def measured(f: Findings) -> str:
    """The part of the page that a measurement replaces."""
    families = [family.__name__ for family in FAMILIES]
    shares = [
        f"| {name} | {100 * own:.0f} % | {100 * gallery:.0f} % |"
        for name, own, gallery in zip(families, f.shares, f.gallery_shares, strict=True)
    ]
    return "\n".join(
        [
            f"{f.name} after {f.steps:,} steps; {f.pictures:,} random pictures.",
            "",
            "| | generator | gallery |",
            "|---|---|---|",
            f"| diversity (mean distance of two pictures) | {f.diversity:.2f} |"
            f" {f.gallery_diversity:.2f} |",
            f"| Fréchet distance to held-out gallery pictures | {f.frechet:.2f} |"
            f" {f.gallery_frechet:.2f} |",
            f"| perceptual path length per squared step | {f.path_length:.1f} | |",
            f"| walk: median and largest change of a frame (of 255, RMS) |"
            f" {f.median_step:.1f}, {f.largest_step:.1f} | |",
            "",
            "What each level changes (0 nothing, about 1 as much as an unrelated picture), and in"
            " brackets what the painter changes by the same swap:",
            "",
            f.levels,
            "",
            "What random pictures look like most, among the families of the gallery:",
            "",
            "| family | generator | gallery |",
            "|---|---|---|",
            *shares,
            *(["", "Over the training run (256 pictures each):", "", f.curve] if f.curve else []),
        ]
    )


def write_page(page: Path, findings: Findings) -> None:
    """Replace what stands between the marks; a page without marks gets them at its end."""
    text = page.read_text() if page.exists() else f"# The generator\n\n{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    with written_atomically(page) as temporary:
        temporary.write_text(f"{before}{BEGIN}\n{measured(findings)}\n{END}{after}")
