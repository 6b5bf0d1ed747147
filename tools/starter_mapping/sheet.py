"""A contact sheet of a mapping: one row per piece, its character in words, what is dreamt to it.

    python -m tools.starter_mapping.sheet models/starter.safetensors out/mapping.png [--generator F]

Per clip of a piece: large what the transfer dreams to its middle, small the label chosen for it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from traumer_live.core.types import Array
from traumer_live.labelling.candidates import paint
from traumer_live.labelling.clips import Clips, from_labels
from traumer_live.latent.pack import load_pack
from traumer_live.synthesis.generator import Generator
from traumer_live.synthesis.loading import load_generator

SIDE, SMALL = 112, 52  # pixels of a dream and of a label
CAPTION = 330
CLIPS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pack", type=Path)
    parser.add_argument("sheet", type=Path)
    parser.add_argument("--generator", type=Path)
    parser.add_argument("--pieces", type=int, default=24)
    parser.add_argument("--columns", type=int, default=2)
    options = parser.parse_args()
    pack = load_pack(options.pack)
    clips, generator = from_labels(pack.labels), load_generator(options.generator)
    dreams = pack.transfer(clips.typical)
    names = sorted(set(clips.pieces))
    shown = [names[k * len(names) // options.pieces] for k in range(options.pieces)]
    rows = [row(clips, name, dreams, pack.labels.w, generator) for name in shown]
    options.sheet.parent.mkdir(parents=True, exist_ok=True)
    in_columns(rows, options.columns).save(options.sheet)


def row(clips: Clips, name: str, dreams: Array, labels: Array, generator: Generator) -> Image.Image:
    """Caption, then the clips of one piece."""
    picture = Image.new("RGB", (CAPTION + CLIPS * (SIDE + SMALL + 6), SIDE + 4), "#16161a")
    members = [k for k, piece in enumerate(clips.pieces) if piece == name][:CLIPS]
    ImageDraw.Draw(picture).multiline_text((6, 6), caption(clips, members), fill="#ddd", spacing=4)
    for column, k in enumerate(members):
        left = CAPTION + column * (SIDE + SMALL + 6)
        picture.paste(thumbnail(generator, dreams[k], SIDE), (left, 2))
        picture.paste(thumbnail(generator, labels[k], SMALL), (left + SIDE + 1, 2))
    return picture


def caption(clips: Clips, members: list[int]) -> str:
    """What the music is like, in words and numbers."""
    tags = clips.tags[members].mean(0)
    best = [f"{clips.tag_names[k]} .{100 * tags[k]:02.0f}" for k in np.argsort(tags)[::-1][:4]]
    lines = [clips.pieces[members[0]].split("/")[1][:44], "  ".join(best)]
    for k in members:
        a = clips.attributes[k]
        tempo = f"{a.tempo:.0f}" if a.beat_confidence > 0.2 else "--"
        lines.append(
            f"{tempo} bpm  {'major' if a.mode > 0 else 'minor'} {a.mode:+.2f}  "
            f"{a.onset_density:.1f}/s  perc {a.percussiveness:.2f}  {a.loudness:.0f} LUFS"
        )
    return "\n".join(lines)


def thumbnail(generator: Generator, w: Array, side: int) -> Image.Image:
    return Image.fromarray(paint(generator, w)[..., :3]).resize((side, side), Image.Resampling.BOX)


def in_columns(rows: list[Image.Image], columns: int) -> Image.Image:
    height = -(-len(rows) // columns)
    width, step = rows[0].size
    sheet = Image.new("RGB", (columns * (width + 8), height * step), "#16161a")
    for k, one in enumerate(rows):
        sheet.paste(one, (k // height * (width + 8), k % height * step))
    return sheet


if __name__ == "__main__":
    main()
