"""Examine a generator and write what was found.

    python -m tools.evidence models/dream256.safetensors docs
    python -m tools.evidence models/dream256.safetensors docs --run ~/.cache/traumer-training

With --run the snapshots of a training run give the curve of the Fréchet distance. Needs the two
packages of tools/training/features.py. About four minutes on one core.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from tools.evidence.levels import level_table
from tools.evidence.report import Findings, curve_table, write_page
from tools.evidence.sheets import contact_sheets, walk_movie
from tools.evidence.subject import load
from tools.evidence.variety import (
    Eye,
    diversity,
    dreamt_crowd,
    family_shares,
    frechet,
    gallery_crowd,
    path_length,
)

COUNT = 512  # pictures in a crowd
CURVE_COUNT = 256


def main() -> None:
    """Write sheets, walk and page."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("docs", type=Path, help="folder of the page; pictures go into its images/")
    parser.add_argument("--run", type=Path, help="folder of the training run, for the curve")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(3)
    with torch.inference_mode():
        findings = examine(arguments.model, arguments.docs / "images", arguments.run)
    write_page(arguments.docs / "generator.md", findings)
    print((arguments.docs / "generator.md").read_text())


def examine(model: Path, images: Path, run: Path | None) -> Findings:
    """All measurements of one model."""
    subject, eye = load(model), Eye()
    contact_sheets(subject, images, model.stem)
    median_step, largest_step = walk_movie(subject, images / f"{model.stem}-walk.mp4")
    gallery = gallery_crowd(COUNT, subject.config.resolution, eye)
    held_out = gallery_crowd(COUNT, subject.config.resolution, eye)
    dreams = dreamt_crowd(COUNT, subject, eye)
    curve = ""
    if run:
        snapshots = [load(path) for path in sorted(run.glob("snapshot-*.safetensors"))]
        distances = [frechet(dreamt_crowd(CURVE_COUNT, s, eye), held_out) for s in snapshots]
        curve = curve_table([s.steps for s in snapshots], distances)
    return Findings(
        name=model.stem,
        steps=subject.steps,
        pictures=COUNT,
        levels=level_table(subject),
        diversity=diversity(dreams),
        gallery_diversity=diversity(held_out),
        frechet=frechet(dreams, held_out),
        gallery_frechet=frechet(gallery, held_out),
        shares=family_shares(dreams, gallery).tolist(),
        gallery_shares=family_shares(held_out, gallery).tolist(),
        path_length=path_length(subject, eye),
        median_step=median_step,
        largest_step=largest_step,
        curve=curve,
    )


if __name__ == "__main__":
    main()
