"""Contact sheets of the gallery: ``python -m tools.gallery sheet.png [--levels] [--size 128]``."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from tools.gallery.painter import paint
from tools.gallery.parameters import Z_DIM
from tools.gallery.sheets import save_sheet


def main() -> None:
    """Paint 64 pictures; with --levels columns share composition and rows share touch."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("sheet", type=Path)
    parser.add_argument("--levels", action="store_true")
    parser.add_argument("--plain", action="store_true", help="without bristles and grain")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    z = torch.randn(3, 64, Z_DIM)
    if arguments.levels:
        z[0] = z[0, :8].repeat(8, 1)
        z[1] = z[1, :8].repeat_interleave(8, 0)
    save_sheet(paint(*z, size=arguments.size, texture=not arguments.plain), arguments.sheet)


if __name__ == "__main__":
    main()
