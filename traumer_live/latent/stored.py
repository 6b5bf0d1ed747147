"""Any mapping as plain tensors, and back: what plays can be written down whole.

In: a mapping.  Out: tensors by name, numbers (share, level sizes) among them.  Thread: any.

A plain transfer has ``weight``, ``bias``, ``mu``, ``sigma``. Others are made of those: style levels
add ``level_sizes``; a blend has two mappings, the second one's names begin with ``second.``; one
that falls back to a starter mapping has ``familiar.*``, and the starter's names begin so.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from traumer_live.core.errors import ModelError
from traumer_live.core.types import Array
from traumer_live.latent import familiarity as familiarity_in_file
from traumer_live.latent.blend import Blend
from traumer_live.latent.guided import Guided
from traumer_live.latent.level_transfer import AnyTransfer, LevelTransfer
from traumer_live.latent.transfer import Transfer

PARTS = ("weight", "bias", "mu", "sigma")
LEVELS, SHARE = "level_sizes", "share"
SECOND, STARTER = "second.", "starter."


def to_tensors(mapping: AnyTransfer) -> dict[str, Array]:
    """Everything that ``from_tensors`` needs to dream the same to the last bit.

    Raises:
        ModelError: a mapping of a kind that nobody knows.
    """
    if isinstance(mapping, Transfer):
        return {name: np.ascontiguousarray(getattr(mapping, name)) for name in PARTS}
    if isinstance(mapping, LevelTransfer):
        sizes = np.array(mapping.level_sizes, np.float32)
        return {**to_tensors(mapping.joint), LEVELS: sizes}
    if isinstance(mapping, Blend):
        second = _under(SECOND, to_tensors(mapping.second))
        share = np.array([mapping.share], np.float64)
        return {**to_tensors(mapping.first), **second, SHARE: share}  # type: ignore[dict-item]
    if isinstance(mapping, Guided):
        starter = {} if mapping.starter is None else to_tensors(mapping.starter)
        known = familiarity_in_file.to_file(mapping.familiarity)
        return {**to_tensors(mapping.own), **known, **_under(STARTER, starter)}
    raise ModelError("A mapping of this kind cannot be written down.")


def from_tensors(tensors: Mapping[str, Array]) -> AnyTransfer:
    """What ``to_tensors`` wrote.

    Raises:
        ModelError: parts are missing or do not fit together.
    """
    try:
        return _guided(tensors)
    except KeyError as error:
        raise ModelError(f"A mapping lacks its {error}.") from error


def _guided(tensors: Mapping[str, Array]) -> AnyTransfer:
    own = _blended(tensors)
    if familiarity_in_file.TENSORS[0] not in tensors:
        return own
    starter = _below(STARTER, tensors)
    known = familiarity_in_file.from_file(tensors)
    return Guided(own, known, from_tensors(starter) if starter else None)


def _blended(tensors: Mapping[str, Array]) -> AnyTransfer:
    first = _levelled(tensors)
    second = _below(SECOND, tensors)
    if not second:
        return first
    return Blend(first, from_tensors(second), float(tensors[SHARE][0]))


def _levelled(tensors: Mapping[str, Array]) -> AnyTransfer:
    transfer = Transfer(*(tensors[name] for name in PARTS))
    if LEVELS not in tensors:
        return transfer
    return LevelTransfer(transfer, tuple(int(size) for size in tensors[LEVELS]))


def _under(prefix: str, tensors: Mapping[str, Array]) -> dict[str, Array]:
    return {prefix + name: part for name, part in tensors.items()}


def _below(prefix: str, tensors: Mapping[str, Array]) -> dict[str, Array]:
    return {n[len(prefix) :]: part for n, part in tensors.items() if n.startswith(prefix)}
