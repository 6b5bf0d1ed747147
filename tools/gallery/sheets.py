"""Contact sheets.  In: pictures (n, 3, s, s) in 0..1.  Out: one image file."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from torch import Tensor


def save_sheet(pictures: Tensor, path: Path, *, columns: int = 8) -> None:
    """Write pictures side by side, ``columns`` in a row."""
    n, _, size, _ = pictures.shape
    rows = n // columns
    tiles = (pictures[: rows * columns].clamp(0, 1) * 255 + 0.5).byte()
    tiles = tiles.permute(0, 2, 3, 1).reshape(rows, columns, size, size, 3)
    sheet = tiles.permute(0, 2, 1, 3, 4).reshape(rows * size, columns * size, 3)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(sheet.numpy()).save(path, quality=88)
