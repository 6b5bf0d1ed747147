"""What the starter mapping is measured against, all for music that none of them has heard.

In: the clips to learn from, labels for them.  Out: transfers.

- ours: choose and fit in turns, as shipped;
- shuffled: our labels, given to the wrong clips, then fitted and enlivened in the same way;
- random: an untrained layer, as a network library would initialise it;
- random, as wide: the same turned up until it varies as pictures do, so that it is no easy rival.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from traumer_live.core.types import Array
from traumer_live.labelling.candidates import Candidates
from traumer_live.labelling.clips import Clips
from traumer_live.labelling.crossvalidation import shuffled
from traumer_live.labelling.fit import Spread, enlivened, fit_transfer
from traumer_live.labelling.matchmaking import DECAY, Match, examples, match
from traumer_live.latent.transfer import Transfer

SUBJECTS = ("ours", "shuffled labels", "random", "random, as wide")


@dataclass(frozen=True)
class Studio:
    """What every subject works with."""

    candidates: Candidates
    spread: Spread

    @property
    def pictures(self) -> Array:
        """The candidates' w in standard deviations."""
        return self.spread.normalised(self.candidates.w)


def subjects(
    known: Clips, wanted: Array, studio: Studio, *, decay: float = DECAY
) -> list[Transfer]:
    """The transfers of SUBJECTS, learnt from ``known``."""
    ours = match(known, studio.candidates, wanted, studio.spread, decay=decay)
    untrained = random_transfer(known.embeddings.shape[-1], studio.spread)
    return [
        ours.transfer,
        misled(known, ours, studio, decay=decay),
        untrained,
        enlivened(untrained, known.typical, studio.pictures),
    ]


def misled(known: Clips, ours: Match, studio: Studio, *, decay: float) -> Transfer:
    """Fitted to our labels in the wrong order."""
    wrong = shuffled(examples(known, studio.candidates.w[ours.chosen]))
    fit = fit_transfer(wrong, studio.spread, decay=decay)
    return enlivened(fit.transfer, known.typical, studio.pictures)


def random_transfer(e_dim: int, spread: Spread, *, seed: int = 3) -> Transfer:
    """W uniform within 1 / sqrt(e_dim), b = 0."""
    bound = 1 / np.sqrt(e_dim)
    rng = np.random.default_rng(seed)
    weight = rng.uniform(-bound, bound, (len(spread.mu), e_dim)).astype(np.float32)
    return Transfer(weight, np.zeros(len(spread.mu), np.float32), spread.mu, spread.sigma)
