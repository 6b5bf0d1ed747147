"""Which pictures to show for a clip, so that a good one is on the first screen.

In: random pictures as normalised w, what an ensemble of mappings dreams to the clip.  Out: the
normalised w of a screen.  Thread: any; pure functions, milliseconds.

The paper shows 200 random pictures. They differ in everything, and so do the labels: two people's
worth of accident in one person's taste. A screen of proposals holds, in parts that the confidence
decides,
- the dream itself, and dreams of the ensemble: what the mapping so far would show;
- random pictures on the way to that dream, from near to far: real variety around the guess;
- random pictures far from one another (k-center, as in ``queries``): what nobody has thought of.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.types import Array

Chosen = NDArray[np.intp]

TIMID, BOLD = 0.75, 1.0  # share of exploration when the mapping is sure, and when it knows nothing
WAYS = (0.4, 0.6, 0.8)  # how much of the dream is in a picture on the way to it
DREAMS, MOST_DREAMS = 0.05, 4  # share of the screen that is the ensemble's own; they look alike


def propose(
    pool: Array, guesses: Array, count: int, *, confidence: float, seed: int = 0
) -> Array:  # (count, w_dim)
    """A screen of pictures, the likeliest first.

    Args:
        pool: (n, w_dim) random pictures, normalised; several times ``count`` of them.
        guesses: (members, w_dim) what the ensemble dreams to the clip, normalised; (0, w_dim)
            before there is a mapping: then everything is exploration.
        count: pictures on the screen.
        confidence: 0..1, of the mapping for this clip.
        seed: of what is drawn by lot; another one for the next screen.
    """
    rng = np.random.default_rng(seed)
    if not len(guesses):
        return np.asarray(pool[_far_apart(pool, count, int(rng.integers(len(pool))))], np.float32)
    explored = round(count * (BOLD + (TIMID - BOLD) * float(np.clip(confidence, 0, 1))))
    dreamt = min(max(1, round(count * DREAMS)), MOST_DREAMS, count - explored)
    first = _unlike_dreams(guesses, max(dreamt, 0))
    # What is mixed into a dream is not shown a second time alone: they would look like twins.
    mixed = rng.permutation(len(pool))[: max(count - explored - len(first), 0)]
    left = np.delete(pool, mixed, axis=0) if len(pool) >= len(mixed) + explored else pool
    near = _on_the_way(pool[mixed], guesses, rng)
    far = left[_far_apart(left, count - len(first) - len(near), int(rng.integers(len(left))))]
    return np.concatenate([first, near, far]).astype(np.float32)


def _unlike_dreams(guesses: Array, count: int) -> Array:  # (<= count, w_dim)
    """What all members dream together, then what single ones dream that is least like it."""
    dream = guesses.mean(0)
    if len(guesses) == 1:
        return guesses[:count]
    dreams = np.concatenate([dream[None], guesses])
    return dreams[_far_apart(dreams, count, 0)]


def _on_the_way(picked: Array, guesses: Array, rng: np.random.Generator) -> Array:
    """Mixtures of these pictures with random members' dreams, nearest to the dream first."""
    count = len(picked)
    toward = guesses[rng.integers(0, len(guesses), count)]
    way = np.sort(np.resize(WAYS, count))[::-1, None].astype(np.float32)
    # Of two pictures added so, the sum varies as one picture does: real variety, no grey average.
    return np.asarray(np.sqrt(1 - way * way) * picked + way * toward, np.float32)


def _far_apart(pool: Array, count: int, first: int) -> Chosen:
    """Pictures of which none is like another: greedy k-center from a random one."""
    chosen = [first][:count]
    sizes = np.square(pool).sum(1)
    nearest = np.full(len(pool), np.inf)
    while len(chosen) < min(count, len(pool)):
        newest = chosen[-1]  # squared distances by a product: ten times sooner than by differences
        nearest = np.minimum(nearest, sizes + sizes[newest] - 2 * (pool @ pool[newest]))
        nearest[chosen] = -1.0
        chosen.append(int(nearest.argmax()))
    return np.array(chosen, np.intp)
