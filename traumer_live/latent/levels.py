"""Style levels: which rows of w_plus are coarse, middle and fine.

In: the number of rows.  Out: one slice per level.  Thread: any.

TräumerAI (Jeong, Doh, Kwon 2021) smooths 18 rows at 1024 px in three levels of six. A smaller
generator has fewer rows; they are split in thirds, coarse first, a remainder going to the coarser:

    num_ws   resolution   coarse  middle  fine
      10         64          4       3      3
      12        128          4       4      4
      14        256          5       5      4
      16        512          6       5      5
      18       1024          6       6      6
"""

from __future__ import annotations

from typing import Literal, TypeAlias

Level: TypeAlias = Literal["coarse", "middle", "fine"]
LEVELS: tuple[Level, ...] = ("coarse", "middle", "fine")


def level_rows(num_ws: int) -> dict[Level, slice]:
    """The rows of each level, for any number of rows from 3 up.

    Raises:
        ValueError: there are fewer rows than levels.
    """
    if num_ws < len(LEVELS):
        raise ValueError(f"{num_ws} style rows cannot be split into {len(LEVELS)} levels")
    share, remainder = divmod(num_ws, len(LEVELS))
    rows, start = {}, 0
    for i, level in enumerate(LEVELS):
        stop = start + share + (i < remainder)
        rows[level] = slice(start, stop)
        start = stop
    return rows
