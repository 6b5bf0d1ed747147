"""Mapping packs: a transfer, the labels it was fitted to, and where both come from, in one file.

In: a path.  Out: MappingPack, checked.  Thread: main.

The tensors are ``transfer.weight`` (w_dim, e_dim), ``transfer.bias``, ``mu``, ``sigma`` (w_dim,),
and, when the pack has labels, those of ``labels.py``. The header says ``kind=mapping``, for which
``encoder`` and ``generator`` it was fitted (``_sha256`` of their files), provenance and licence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from traumer_live.core.errors import ModelError
from traumer_live.core.files import written_atomically
from traumer_live.core.types import Array
from traumer_live.latent import labels as labels_in_file
from traumer_live.latent.labels import Labels
from traumer_live.latent.transfer import Transfer

KIND = "mapping"
VERSION = "1"
PARTS = ("transfer.weight", "transfer.bias", "mu", "sigma")


@dataclass(frozen=True)
class MappingPack:
    """A transfer with its header, and the labels behind it when the pack carries them."""

    transfer: Transfer
    header: Mapping[str, str]
    labels: Labels | None = None


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
            parts = {name: file.get_tensor(name) for name in PARTS}
            present = set(labels_in_file.TENSORS) & set(file.keys())
            extra = {name: file.get_tensor(name) for name in labels_in_file.TENSORS if present}
    except FileNotFoundError:
        raise ModelError(f"There is no mapping {path}; check the name.") from None
    except (SafetensorError, OSError) as error:
        raise ModelError(
            f"{path.name} is not a whole mapping pack ({error}); fetch or fit it again."
        ) from error
    transfer = Transfer(*(_numbers(path, part) for part in parts.values()))
    for part in extra.values():
        _numbers(path, part)
    return MappingPack(transfer, header, labels_in_file.from_file(extra, header) if extra else None)


def save_pack(
    path: Path, transfer: Transfer, header: Mapping[str, str], *, labels: Labels | None = None
) -> None:
    """Write a mapping pack atomically; ``header`` names encoder, generator and provenance."""
    arrays = (transfer.weight, transfer.bias, transfer.mu, transfer.sigma)
    tensors = {n: np.ascontiguousarray(a) for n, a in zip(PARTS, arrays, strict=True)}
    more, described = labels_in_file.to_file(labels) if labels else ({}, {})
    told = {**header, **described, "kind": KIND, "version": VERSION}
    with written_atomically(path) as temporary:
        save_file(tensors | more, temporary, told)


def _check_kind(path: Path, header: Mapping[str, str]) -> None:
    if header.get("kind") != KIND:
        found = header.get("kind", "file of an unknown kind")
        raise ModelError(f"{path.name} is a {found}, not a mapping; name a mapping pack.")
    if header.get("version") != VERSION:
        raise ModelError(
            f"{path.name} is a mapping of version {header.get('version')}, this program reads "
            f"{VERSION}; update traumer-live."
        )


def _numbers(path: Path, part: Array) -> Array:
    if not np.isfinite(part).all():
        raise ModelError(f"{path.name} holds values that are not numbers; fetch or fit it again.")
    return part.astype(np.float32)
