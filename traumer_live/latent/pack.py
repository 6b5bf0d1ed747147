"""Mapping packs: a transfer, the labels it was fitted to, and where both come from, in one file.

In: a path.  Out: MappingPack, checked.  Thread: main.

The tensors are ``transfer.weight`` (w_dim, e_dim), ``transfer.bias``, ``mu``, ``sigma`` (w_dim,);
when the pack knows them, those of ``labels.py`` and ``familiarity.py``. A pack with a w for every
style level says ``level_sizes`` in its header and has three w_dim in each of these; a blend of two
people's packs has a second transfer (``second.``) and a ``share``. Both are version 2.
The header says ``kind=mapping``, for which ``encoder`` and ``generator`` it was fitted (``_sha256``
of their files; of generators that share a w space, the one whose w they are), provenance, licence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from traumer_live.core.errors import ModelError
from traumer_live.core.files import written_atomically
from traumer_live.core.types import Array
from traumer_live.latent import familiarity as familiarity_in_file
from traumer_live.latent import labels as labels_in_file
from traumer_live.latent.blend import Blend
from traumer_live.latent.familiarity import Familiarity
from traumer_live.latent.labels import Labels
from traumer_live.latent.level_transfer import AnyTransfer, LevelTransfer
from traumer_live.latent.transfer import Transfer

KIND = "mapping"
VERSION = "1"
VERSION_2 = "2"  # with levels, or a second transfer: older programs must not play these
PARTS = ("transfer.weight", "transfer.bias", "mu", "sigma")
SECOND = tuple(f"second.{part}" for part in PARTS)


@dataclass(frozen=True)
class MappingPack:
    """A transfer with its header, and the labels behind it when the pack carries them."""

    transfer: Transfer
    header: Mapping[str, str]
    labels: Labels | None = None
    familiarity: Familiarity | None = None
    level_sizes: tuple[int, ...] | None = None  # with a w for every style level: rows of each
    second: Transfer | None = None  # of a blend
    share: float = 0.0  # of the second one

    @property
    def mapping(self) -> AnyTransfer:
        """What the show plays."""
        first = self._with_levels(self.transfer)
        if self.second is None:
            return first
        return Blend(first, self._with_levels(self.second), self.share)

    def _with_levels(self, transfer: Transfer) -> AnyTransfer:
        return LevelTransfer(transfer, self.level_sizes) if self.level_sizes else transfer


def load_pack(path: Path) -> MappingPack:
    """Read a mapping pack.

    Raises:
        ModelError: missing, damaged, of another kind or version, or holding values that are
            no numbers.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
            _check_kind(path, header)
            tensors = {name: file.get_tensor(name) for name in _wanted(file.keys())}
    except FileNotFoundError:
        raise ModelError(f"There is no mapping {path}; check the name.") from None
    except (SafetensorError, OSError) as error:
        raise ModelError(
            f"{path.name} is not a whole mapping pack ({error}); fetch or fit it again."
        ) from error
    return _pack({name: _numbers(path, part) for name, part in tensors.items()}, header)


def save_pack(
    path: Path,
    transfer: Transfer,
    header: Mapping[str, str],
    *,
    labels: Labels | None = None,
    familiarity: Familiarity | None = None,
    level_sizes: tuple[int, ...] | None = None,
) -> None:
    """Write a mapping pack atomically; ``header`` names encoder, generator and provenance."""
    write_pack(path, MappingPack(transfer, header, labels, familiarity, level_sizes))


def write_pack(path: Path, pack: MappingPack) -> None:
    """Write a pack atomically; what its header says of kind, version and form is replaced."""
    tensors = _parts(PARTS, pack.transfer)
    told = {**pack.header, "kind": KIND, "version": VERSION}
    if pack.labels is not None:
        more, described = labels_in_file.to_file(pack.labels)
        tensors, told = tensors | more, {**told, **described}
    if pack.familiarity is not None:
        tensors |= familiarity_in_file.to_file(pack.familiarity)
    if pack.level_sizes is not None:
        told |= {"version": VERSION_2, "level_sizes": json.dumps(pack.level_sizes)}
    if pack.second is not None:
        tensors |= _parts(SECOND, pack.second)
        told |= {"version": VERSION_2, "share": f"{pack.share:.4f}"}
    with written_atomically(path) as temporary:
        save_file(tensors, temporary, told)


def _parts(names: Sequence[str], transfer: Transfer) -> dict[str, Array]:
    arrays = (transfer.weight, transfer.bias, transfer.mu, transfer.sigma)
    return {n: np.ascontiguousarray(a) for n, a in zip(names, arrays, strict=True)}


def _wanted(present: Iterable[str]) -> set[str]:
    """The tensors to read: groups are read whole, so that a missing part of one is an error."""
    here, wanted = set(present), set(PARTS)
    for group in (labels_in_file.TENSORS, familiarity_in_file.TENSORS, SECOND):
        if here & set(group):
            wanted |= set(group)
    return wanted | (here & set(labels_in_file.MORE))


def _pack(tensors: Mapping[str, Array], header: Mapping[str, str]) -> MappingPack:
    labelled = labels_in_file.TENSORS[0] in tensors
    known = familiarity_in_file.TENSORS[0] in tensors
    try:
        sizes = json.loads(header["level_sizes"]) if "level_sizes" in header else None
        level_sizes = None if sizes is None else tuple(int(size) for size in sizes)
        share = float(np.clip(float(header.get("share", "0")), 0, 1))
    except (ValueError, TypeError) as error:
        raise ModelError("This mapping does not say how it is made up; fetch it again.") from error
    return MappingPack(
        Transfer(*(tensors[part] for part in PARTS)),
        header,
        labels_in_file.from_file(tensors, header) if labelled else None,
        familiarity_in_file.from_file(tensors) if known else None,
        level_sizes,
        Transfer(*(tensors[part] for part in SECOND)) if SECOND[0] in tensors else None,
        share,
    )


def _check_kind(path: Path, header: Mapping[str, str]) -> None:
    if header.get("kind") != KIND:
        found = header.get("kind", "file of an unknown kind")
        raise ModelError(f"{path.name} is a {found}, not a mapping; name a mapping pack.")
    if header.get("version") not in (VERSION, VERSION_2):
        raise ModelError(
            f"{path.name} is a mapping of version {header.get('version')}, this program reads "
            f"{VERSION} and {VERSION_2}; update traumer-live."
        )


def _numbers(path: Path, part: Array) -> Array:
    if not np.isfinite(part).all():
        raise ModelError(f"{path.name} holds values that are not numbers; fetch or fit it again.")
    return part.astype(np.float32)
