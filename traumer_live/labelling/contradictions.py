"""Two labels that say opposite things of music that sounds alike.

In: a label that was just made, those before it.  Out: the one that it contradicts, or None.
Thread: any; pure.

It is no error: taste may change, or sound alike only to the tagger. The person is shown both and
decides.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from traumer_live.core.types import Array
from traumer_live.labelling.label import Label
from traumer_live.latent.familiarity import kernel

ALIKE = 0.8  # of the music: 1 is the same clip; two clips of one piece often have .5 to .9
# Root mean square difference in standard deviations over the measured attributes. Two random
# pictures have 1.4 in the mean; this is clearly more than chance.
UNLIKE = 1.6


def contradicted(
    label: Label, before: Sequence[Label], places: Array, length: float, deviation: Array | None
) -> Label | None:
    """The label among ``before`` that ``label`` contradicts most.

    Args:
        label: the new one.
        before: the others.
        places: (1 + len(before), kept), where the clips lie, that of ``label`` first.
        length: how far a label speaks there.
        deviation: (attributes,), how much pictures differ; None: only the same clip counts.
    """
    if not before:
        return None
    alike = kernel(places[:1], places[1:], length)[0]  # (before,)
    found = []
    for other, likeness in zip(before, alike, strict=True):
        same = other.clip.key == label.clip.key
        unlike = _unlike(label, other, deviation)
        if same or (likeness >= ALIKE and unlike >= UNLIKE):
            found.append((same, unlike, other))
    return max(found, key=lambda known: known[:2])[2] if found else None


def _unlike(a: Label, b: Label, deviation: Array | None) -> float:
    """How differently the best pictures of two labels look."""
    first, second = a.picks[0].look, b.picks[0].look
    if first is None or second is None or deviation is None:
        return 0.0
    return float(np.sqrt(np.square((first - second) / deviation).mean()))
