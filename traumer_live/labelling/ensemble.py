"""A few mappings instead of one: how far they differ says how unsure the labels leave us.

In: examples.  Out: what each member dreams.  Thread: any; milliseconds for a hundred labels.

The members see the same labels with different weights (the Bayesian bootstrap: Rubin 1981), and are
ridge regressions before the tanh, which the L1 fit also starts from.
"""

from __future__ import annotations

import numpy as np

from traumer_live.core.types import Array
from traumer_live.labelling.fit import Examples, ridge
from traumer_live.labelling.scaling import Scaling, Spread
from traumer_live.latent.transfer import REACH, Transfer

MEMBERS = 8


def ensemble(
    examples: Examples,
    spread: Spread,
    scale: Scaling,
    *,
    decay: float,
    prior: Transfer | None = None,
    members: int = MEMBERS,
    seed: int = 0,
) -> tuple[Transfer, ...]:
    """Transfers that the labels allow; the same ones for the same seed."""
    x = scale(examples.embeddings)
    target = spread.normalised(examples.w) / REACH
    home = scale.unfolded(prior)[0] if prior else None
    names, group = np.unique(examples.groups, return_inverse=True)
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(members):
        share = examples.weight * rng.standard_exponential(len(names)).astype(np.float32)[group]
        weight, bias = ridge(x, target, share / share.sum(), decay=decay, home=home)
        found.append(scale.folded(weight, bias, spread))
    return tuple(found)


def dreams(members: tuple[Transfer, ...], spread: Spread, embeddings: Array) -> Array:
    """What each member dreams (members, n, w_dim) to embeddings (n, e_dim), normalised."""
    return np.stack([spread.normalised(member(embeddings)) for member in members])
