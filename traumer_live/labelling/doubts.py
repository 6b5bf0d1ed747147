"""All labels of a store that contradict each other: like music, unlike pictures.

In: labels, the models' facts.  Out: pairs of labels.  Thread: any; pairs grow with the square, and
a thousand labels take some seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from traumer_live.core.types import Array
from traumer_live.labelling.asking import Asker
from traumer_live.labelling.contradictions import contradicted
from traumer_live.labelling.label import Label
from traumer_live.labelling.lessons import belongs
from traumer_live.labelling.workshop import Workshop

Pair = tuple[Label, Label]  # the later one, and the one that it contradicts most


def doubts(labels: Sequence[Label], workshop: Workshop) -> tuple[Pair, ...]:
    """Every label that contradicts an earlier one, with that one; the oldest first."""
    ours = [label for label in labels if belongs(label, workshop.ids)]
    if len(ours) < 2:
        return ()
    asker = Asker(workshop)
    places = asker.places([label.clip for label in ours])
    deviation = looks_deviation(ours)
    found = []
    for k in range(1, len(ours)):
        order = [k, *range(k)]
        other = contradicted(ours[k], ours[:k], places[order], asker.length, deviation)
        if other is not None:
            found.append((ours[k], other))
    return tuple(found)


def looks_deviation(labels: Sequence[Label]) -> Array | None:
    """How much the measured pictures differ (attributes,); None where hardly any was measured."""
    looks = [pick.look for label in labels for pick in label.picks if pick.look is not None]
    return np.maximum(np.std(looks, axis=0), 1e-6).astype(np.float32) if len(looks) > 2 else None


def told(found: Sequence[Pair], most: int) -> list[str]:
    """Lines for people."""
    if not found:
        return ["No label contradicts another."]
    lines = [f"{len(found)} label{'s' * (len(found) != 1)} contradict earlier ones:"]
    for label, other in found[:most]:
        lines.append(
            f"  {label.clip.piece} at {label.clip.start_s:.0f} s ({label.made[:16]}) and "
            f"{other.clip.piece} at {other.clip.start_s:.0f} s ({other.made[:16]})"
        )
    if len(found) > most:
        lines.append(f"  and {len(found) - most} more")
    return lines
