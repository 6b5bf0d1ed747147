"""Style levels: which rows of w_plus are coarse, middle and fine.

In: the number of rows, and the split a model states.  Out: one slice per level.  Thread: any.

TräumerAI (Jeong, Doh, Kwon 2021) smooths 18 rows at 1024 px in three levels of six. A smaller
generator has fewer rows; they are split in thirds, coarse first, a remainder going to the coarser:

    num_ws   resolution   coarse  middle  fine
      10         64          4       3      3
      12        128          4       4      4
      14        256          5       5      4
      16        512          6       5      5
      18       1024          6       6      6

A model that was trained with another split says so in its header (``levels``).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["coarse", "middle", "fine"]
LEVELS: tuple[Level, ...] = ("coarse", "middle", "fine")


def thirds(num_ws: int) -> tuple[int, ...]:
    """How many rows each level has when a model does not say.

    Raises:
        ValueError: there are fewer rows than levels.
    """
    if num_ws < len(LEVELS):
        raise ValueError(f"{num_ws} style rows cannot be split into {len(LEVELS)} levels")
    share, remainder = divmod(num_ws, len(LEVELS))
    return tuple(share + (i < remainder) for i in range(len(LEVELS)))


def level_rows(num_ws: int, sizes: Sequence[int] | None = None) -> dict[Level, slice]:
    """The rows of each level; ``sizes`` is the model's own split, None takes thirds.

    Raises:
        ValueError: there are fewer rows than levels, or ``sizes`` do not split them.
    """
    split = thirds(num_ws) if sizes is None else tuple(sizes)
    if len(split) != len(LEVELS) or min(split) < 1 or sum(split) != num_ws:
        raise ValueError(f"levels of {split} rows do not split {num_ws} style rows in three")
    ends = list(accumulate(split))
    return {
        level: slice(end - size, end) for level, size, end in zip(LEVELS, split, ends, strict=True)
    }
