"""Pictures to choose among: random ones of a generator, measured.

In: a generator, how many, a seed.  Out: Candidates.  Thread: the caller's; 10-40 ms a picture.

Equal generators and seeds give equal candidates, so they are kept in the cache of this machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from traumer_live.core.errors import OutputError
from traumer_live.core.files import written_atomically
from traumer_live.core.paths import cache_dir
from traumer_live.core.types import Array, Pixels
from traumer_live.labelling.picture_attributes import PICTURE_ATTRIBUTES, measure_picture
from traumer_live.synthesis.generator import Generator

Progress = Callable[[int, int], None]  # done, of how many
BATCH = 50  # pictures kept at a time: a stopped run loses seconds, minutes at 1024 pixels
ENOUGH = 256  # pixels of a side: a large generator stops here
VERSION = "1"  # of what is measured


@dataclass(frozen=True)
class Candidates:
    """Random pictures, by their w, with what was measured of them."""

    w: Array  # (n, w_dim)
    attributes: Array  # (n, len(PICTURE_ATTRIBUTES))

    def __len__(self) -> int:
        return len(self.w)


def make_candidates(
    generator: Generator, count: int, *, seed: int, progress: Progress | None = None
) -> Candidates:
    """``count`` random pictures, measured; what an earlier run measured is taken from the cache."""
    w = random_w(generator, count, seed)
    size = painted_size(generator)
    smaller = "" if size == generator.info.resolution else f"-{size}px"
    name = f"{generator.info.sha256[:32]}{smaller}-{seed}-v{VERSION}"
    folder = cache_dir() / "candidates" / name
    measured = []
    for start in range(0, count, BATCH):
        rows = w[start : start + BATCH]
        measured.append(_measured(generator, rows, folder / f"{start}-{len(rows)}.npy"))
        if progress:
            progress(min(start + BATCH, count), count)
    return Candidates(w, np.concatenate(measured))


def random_w(generator: Generator, count: int, seed: int) -> Array:  # (count, w_dim)
    """w of seeded random z; a longer run begins with the same pictures."""
    rng = np.random.default_rng(seed)
    return generator.map(rng.standard_normal((count, generator.info.z_dim), dtype=np.float32))


def paint(generator: Generator, w: Array) -> Pixels:
    """The picture (H, W, 4) of one w (w_dim,) on all levels, as large as its measures need."""
    rows = np.repeat(w[None], generator.info.num_ws, axis=0)
    return generator.synthesize(rows, exit_resolution=painted_size(generator))


def painted_size(generator: Generator) -> int:
    """Where to stop painting: attributes are measured on 64 pixels, so 1024 tell no more."""
    exits = generator.info.exits or (generator.info.resolution,)
    return next((size for size in exits if size >= ENOUGH), exits[-1])


def _measured(generator: Generator, rows: Array, kept: Path) -> Array:
    known = _recall(kept, len(rows))
    if known is not None:
        return known
    measured = np.stack([measure_picture(paint(generator, w)) for w in rows])
    try:
        with written_atomically(kept) as temporary, temporary.open("wb") as file:
            np.save(file, measured)
    except (OSError, OutputError):
        pass  # a machine that forbids a cache measures again next time
    return measured


def _recall(path: Path, count: int) -> Array | None:
    try:
        known = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    whole = isinstance(known, np.ndarray) and known.shape == (count, len(PICTURE_ATTRIBUTES))
    return known.astype(np.float32) if whole and np.isfinite(known).all() else None
