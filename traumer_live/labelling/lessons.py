"""From stored labels to what a fit learns from.

In: labels.  Out: Lessons: examples for one w, or for one w per style level.  Thread: any.

All windows of a clip and all pictures ranked for it weigh as one label together; the pictures share
it by rank. Labels of other models are left out: a w means another picture in another w space, an
embedding another sound for every encoder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.types import Array
from traumer_live.labelling.errors import LabelError
from traumer_live.labelling.fit import Examples
from traumer_live.labelling.label import Label, ModelIds, Pick
from traumer_live.labelling.scaling import Spread
from traumer_live.latent.levels import LEVELS, Level, level_rows

FEWEST = 5  # labels that a fit takes
RANK_SHARE = 0.8  # of a picture's weight that the next one in the ranking has
SAME = 1e-6  # a w_plus whose rows differ by less is one w


@dataclass(frozen=True)
class Lessons:
    """What is to be learnt."""

    labels: tuple[Label, ...]
    examples: Examples  # w (windows, w_dim), or (windows, 3 w_dim) when levels differ
    levels: bool  # whether every style level has a w of its own
    left_out: int  # labels of other models
    label_of: NDArray[np.intp]  # (windows,), which label each window is of

    def spread(self, spread: Spread) -> Spread:
        """mu and sigma for the examples' w."""
        return spread.repeated(len(LEVELS)) if self.levels else spread


def lessons(
    labels: Sequence[Label],
    models: ModelIds,
    *,
    num_ws: int,
    level_sizes: Sequence[int] | None = None,
) -> Lessons:
    """What the labels made with these models teach.

    Args:
        labels: as the store has them.
        models: those that the mapping is for.
        num_ws: rows of the generator's w_plus.
        level_sizes: how many of them each style level has; None is thirds.

    Raises:
        LabelError: they are too few, all of one clip, or of different sizes.
    """
    ours = tuple(label for label in labels if belongs(label, models))
    left_out = len(labels) - len(ours)
    if len(ours) < FEWEST:
        raise too_few(len(ours), left_out, models)
    levels = any(differs(pick) for label in ours for pick in label.picks)
    try:
        rows = level_rows(num_ws, level_sizes)
        examples, label_of = _examples(ours, rows if levels else None)
    except ValueError as error:
        raise LabelError("The labels are of different sizes; start another store.") from error
    return Lessons(ours, examples, levels, left_out, label_of)


def belongs(label: Label, models: ModelIds) -> bool:
    """Whether a label was made with these weights."""
    made = label.models
    return (
        made.generator_sha256 == models.generator_sha256
        and made.encoder_sha256 == models.encoder_sha256
    )


def too_few(count: int, left_out: int, models: ModelIds) -> LabelError:
    """How many more help."""
    more = FEWEST - count
    told = f"{count} label{'s are' if count != 1 else ' is'} too few to learn from"
    if left_out:
        told = (
            f"{told} (another {left_out} belong to other models than {models.generator} and "
            f"{models.encoder})"
        )
    return LabelError(
        f"{told}; label {more} more clip{'s' if more != 1 else ''}, and expect a first likeness "
        "with 20 to 40."
    )


def differs(pick: Pick) -> bool:
    """Whether the rows of a w_plus are not all the same."""
    return pick.is_plus and bool(np.abs(pick.w - pick.w[:1]).max() > SAME)


def rank_shares(count: int) -> Array:  # (count,), sums to 1
    """How a label is divided among its ranked pictures."""
    shares = RANK_SHARE ** np.arange(count)
    return np.asarray(shares / shares.sum(), np.float32)


def single_w(pick: Pick) -> Array:  # (w_dim,)
    """One w for the whole picture; of a w_plus its mean."""
    return np.asarray(pick.w.mean(0) if pick.is_plus else pick.w, np.float32)


def level_w(pick: Pick, rows: Mapping[Level, slice]) -> Array:  # (3 * w_dim,)
    """The mean w of every level, one after the other."""
    if not pick.is_plus:
        return np.tile(pick.w, len(rows))
    count = max(part.stop for part in rows.values())
    if len(pick.w) != count:
        raise ValueError(f"a w_plus of {len(pick.w)} rows, not {count}")
    return np.concatenate([pick.w[part].mean(0) for part in rows.values()])


def _examples(
    labels: Sequence[Label], rows: Mapping[Level, slice] | None
) -> tuple[Examples, NDArray[np.intp]]:
    """Every window with every picture ranked for it, and which label that is of."""
    embeddings, ws, weights, label_of = [], [], [], list[int]()
    for number, label in enumerate(labels):
        windows = len(label.clip.embeddings)
        for pick, share in zip(label.picks, rank_shares(len(label.picks)), strict=True):
            w = single_w(pick) if rows is None else level_w(pick, rows)
            embeddings.append(label.clip.embeddings)
            ws.append(np.repeat(w[None], windows, axis=0))
            weights.append(np.full(windows, share / windows))
            label_of += [number] * windows
    groups = np.array([group_of(label) for label in labels])
    if len(set(groups)) == 1:  # all of one piece: its clips are the only difference there is
        groups = np.array([label.clip.key for label in labels])
    if len(set(groups)) == 1:
        raise LabelError("All labels are of one clip of music; label others before a fit.")
    examples = Examples(
        np.concatenate(embeddings).astype(np.float32),
        np.concatenate(ws).astype(np.float32),
        np.concatenate(weights).astype(np.float32),
        groups[label_of],
    )
    return examples, np.array(label_of, np.intp)


def group_of(label: Label) -> str:
    """Which piece a label is of; clips of one piece never stand on both sides of a fold."""
    return label.clip.file or label.clip.piece
