"""Contact sheets of the gallery: ``python -m tools.gallery sheet.png [--levels] [--size 128]``."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file

from tools.gallery.bristles import fresh_noise
from tools.gallery.painter import paint
from tools.gallery.sheets import save_sheet
from tools.gallery.underdrawing import PROJECTIONS, choose_projections, underdrawing
from traumer_live.core.files import written_atomically


def main() -> None:
    """Paint 64 pictures; with --levels columns share composition and rows share touch."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("sheet", type=Path)
    parser.add_argument("--levels", action="store_true")
    parser.add_argument("--plain", action="store_true", help="without bristles and grain")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--choose-projections",
        action="store_true",
        help="of the underdrawing, anew: another gallery, for a generator trained with --anew",
    )
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.choose_projections:
        with written_atomically(PROJECTIONS) as temporary:
            save_file(choose_projections(), temporary)
    torch.manual_seed(arguments.seed)
    composition, touch, palette = underdrawing().random_w(3 * 64).chunk(3)
    if arguments.levels:
        composition = composition[:8].repeat(8, 1)
        touch = touch[:8].repeat_interleave(8, 0)
    noise = () if arguments.plain else fresh_noise(64)
    pictures = paint(composition, touch, palette, size=arguments.size, noise=noise)
    save_sheet(pictures, arguments.sheet)


if __name__ == "__main__":
    main()
