"""The pictures that are shown for a clip: random ones, proposed ones, or more like one of them.

In: a workshop, what is asked, a seed.  Out: a Sheet of w.  Thread: any; some milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from traumer_live.core.types import Array
from traumer_live.labelling.asking import Asked
from traumer_live.labelling.candidates import random_w
from traumer_live.labelling.label import Screen
from traumer_live.labelling.proposals import propose
from traumer_live.labelling.workshop import Workshop

POOL = 4  # times as many random pictures as are shown, to choose the proposals among
ALIKE = (0.92, 0.5)  # how much of the picture is in those that are like it, from first to last


@dataclass(frozen=True)
class Sheet:
    """Pictures by their w, the likeliest first."""

    w: Array  # (n, w_dim)
    screen: Screen | None = None  # random ones are kept as a seed; others by their w


def random_sheet(workshop: Workshop, count: int, seed: int) -> Sheet:
    """As in the paper: pictures drawn at random."""
    return Sheet(random_w(workshop.generator, count, seed), Screen(count, seed=seed))


def proposed_sheet(workshop: Workshop, asked: Asked, count: int, seed: int) -> Sheet:
    """What the labels so far expect, then pictures as different as they can be."""
    pool = workshop.spread.normalised(random_w(workshop.generator, POOL * count, seed))
    found = propose(pool, asked.guesses, count, confidence=asked.confidence, seed=seed)
    return Sheet(_w_of(workshop, found))


def sheet_like(workshop: Workshop, w: Array, count: int, seed: int) -> Sheet:
    """Pictures around the one of ``w`` (w_dim,), from near to far."""
    centre = workshop.spread.normalised(w)
    others = workshop.spread.normalised(random_w(workshop.generator, count, seed))
    share = np.linspace(*ALIKE, count, dtype=np.float32)[:, None]
    # As in proposals: the sum of two pictures added so varies as one picture does.
    return Sheet(_w_of(workshop, share * centre + np.sqrt(1 - share * share) * others))


def _w_of(workshop: Workshop, normalised: Array) -> Array:
    spread = workshop.spread
    return np.asarray(spread.mu + spread.sigma * normalised, np.float32)
