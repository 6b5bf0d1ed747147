"""Mapping packs: a transfer and where it comes from, in one safetensors file.

In: a path.  Out: MappingPack, checked.  Thread: main.

The tensors are ``transfer.weight`` (w_dim, e_dim), ``transfer.bias``, ``mu``, ``sigma`` (w_dim,);
the header says ``kind=mapping``, the ids of encoder and generator, and provenance.
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
from traumer_live.latent.transfer import Transfer

KIND = "mapping"
VERSION = "1"
PARTS = ("transfer.weight", "transfer.bias", "mu", "sigma")


@dataclass(frozen=True)
class MappingPack:
    """A transfer with its header."""

    transfer: Transfer
    header: Mapping[str, str]


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
    except FileNotFoundError:
        raise ModelError(f"There is no mapping {path}; check the name.") from None
    except (SafetensorError, OSError) as error:
        raise ModelError(
            f"{path.name} is not a whole mapping pack ({error}); fetch or fit it again."
        ) from error
    return MappingPack(Transfer(*(_numbers(path, part) for part in parts.values())), header)


def save_pack(path: Path, transfer: Transfer, header: Mapping[str, str]) -> None:
    """Write a mapping pack atomically; ``header`` names encoder, generator and provenance."""
    arrays = (transfer.weight, transfer.bias, transfer.mu, transfer.sigma)
    tensors = {n: np.ascontiguousarray(a) for n, a in zip(PARTS, arrays, strict=True)}
    with written_atomically(path) as temporary:
        save_file(tensors, temporary, {**header, "kind": KIND, "version": VERSION})


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
