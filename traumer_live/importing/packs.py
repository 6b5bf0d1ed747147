"""Transfers of the origin become mapping packs, which say what they were fitted to.

In: an imported transfer, the encoder and generator that the person names.  Out: a mapping pack in
place of the transfer.  Thread: any.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from traumer_live.core.errors import ModelError
from traumer_live.core.model_library import Entry
from traumer_live.latent.pack import PARTS, save_pack
from traumer_live.latent.transfer import Transfer
from traumer_live.synthesis.weights_file import read_header, read_tensors


@dataclass(frozen=True)
class Fitting:
    """What a transfer belongs to: its own file does not say."""

    encoder: str  # name
    encoder_sha256: str
    e_dim: int
    generator: str = ""
    generator_sha256: str = ""
    w_dim: int = 0  # 0: no generator was named


def write_pack(result: Path, entry: Entry, fitting: Fitting | None) -> dict[str, str]:
    """Rewrite ``result`` as a mapping pack; what its header says.

    Raises:
        ModelError: no encoder was named, or it gives another number of values.
    """
    tensors, _ = read_tensors(read_header(result))
    w_dim, e_dim = tensors["transfer.weight"].shape
    if fitting is None:
        raise ModelError(
            f"{entry.source_name} is a transfer that does not say which tagger it was made for "
            f"({e_dim} numbers); add --encoder NAME or PATH."
        )
    _check("embedding", entry, fitted=e_dim, found=fitting.e_dim, option="--encoder")
    if fitting.w_dim:
        _check("w", entry, fitted=w_dim, found=fitting.w_dim, option="--generator")
    header = {
        "encoder": fitting.encoder,
        "encoder_sha256": fitting.encoder_sha256,
        "provenance": f"imported from {entry.source_name}, sha256 {entry.source_sha256}",
        "licence": entry.licence or "as its author says",
    }
    if fitting.w_dim:
        header |= {"generator": fitting.generator, "generator_sha256": fitting.generator_sha256}
    save_pack(result, Transfer(*(tensors[part] for part in PARTS)), header)
    return {**entry.metadata, **header}


def _check(what: str, entry: Entry, *, fitted: int, found: int, option: str) -> None:
    if fitted != found:
        raise ModelError(
            f"{entry.source_name} was made for {fitted} {what} numbers, but this model gives "
            f"{found}; name the one it was made for with {option}."
        )
