"""Transfers of the origin become mapping packs, which say what they were fitted to.

In: an imported transfer; encoder, generator and, where it lacks them, statistics of w that the
person names.  Out: a mapping pack in place of the transfer.  Thread: any.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from traumer_live.core.errors import ModelError
from traumer_live.core.model_library import Entry
from traumer_live.core.types import Array
from traumer_live.latent.origin import StyleStatistics
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
    statistics: StyleStatistics | None = None  # for a transfer that was saved without
    statistics_name: str = ""


def write_pack(result: Path, entry: Entry, fitting: Fitting | None) -> dict[str, str]:
    """Rewrite ``result`` as a mapping pack; what its header says.

    Raises:
        ModelError: no encoder was named, or it gives another number of values; or there are no
            statistics of w, or two of them.
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
    tensors |= _statistics(entry, tensors, fitting)
    header = {
        "encoder": fitting.encoder,
        "encoder_sha256": fitting.encoder_sha256,
        "provenance": f"imported from {entry.source_name}, sha256 {entry.source_sha256}",
        "licence": entry.licence or "as its author says",
    }
    if fitting.w_dim:
        header |= {"generator": fitting.generator, "generator_sha256": fitting.generator_sha256}
    if fitting.statistics is not None:
        header["statistics"] = fitting.statistics_name
    save_pack(result, Transfer(*(tensors[part] for part in PARTS)), header)
    return {**entry.metadata, **header}


def _statistics(entry: Entry, tensors: dict[str, Array], fitting: Fitting) -> dict[str, Array]:
    """mu and sigma: those that the transfer brings, or those that the person names."""
    named, brings = fitting.statistics, "mu" in tensors
    if named is None and not brings:
        raise ModelError(
            f"{entry.source_name} is a transfer without the mean and spread of w that it scales "
            "by; import its style statistics and name them with --statistics NAME."
        )
    if named is None:
        return {}
    if brings:
        raise ModelError(
            f"{entry.source_name} brings the mean and spread of w itself; leave --statistics out."
        )
    w_dim = len(tensors["transfer.bias"])
    _check("w", entry, fitted=w_dim, found=named.w_dim, option="--statistics")
    return {"mu": named.mu, "sigma": named.sigma}


def _check(what: str, entry: Entry, *, fitted: int, found: int, option: str) -> None:
    if fitted != found:
        raise ModelError(
            f"{entry.source_name} was made for {fitted} {what} numbers, but this model gives "
            f"{found}; name the one it was made for with {option}."
        )
