"""The three learnt parts of a show, loaded and checked against each other.

In: file names, or nothing for the shipped ones.  Out: Models.  Thread: main, before the show.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from traumer_live.core.errors import ModelError
from traumer_live.core.paths import data_file
from traumer_live.core.settings import Settings
from traumer_live.embedding.encoder import Encoder, load_encoder
from traumer_live.latent.pack import load_pack
from traumer_live.latent.transfer import Transfer
from traumer_live.synthesis.generator import Generator, GeneratorInfo
from traumer_live.synthesis.loading import Backend, load_generator

SHIPPED_MAPPING = "models/starter.safetensors"


@dataclass(frozen=True)
class Models:
    """Encoder, transfer and generator that fit together."""

    encoder: Encoder
    transfer: Transfer
    generator: Generator


def load_models(settings: Settings, *, backend: Backend = "auto") -> Models:
    """Load what ``settings`` name, or the shipped models.

    Raises:
        ModelError: a file is missing, damaged, of the wrong kind, or does not fit the others.
    """
    encoder = load_encoder(_path(settings.encoder))
    generator = load_generator(_path(settings.generator), backend=backend)
    path = _path(settings.mapping) or data_file(SHIPPED_MAPPING)
    transfer = load_pack(path).transfer
    _check("embedding", path, transfer.e_dim, encoder.e_dim, "--encoder")
    _check("w", path, transfer.w_dim, generator.info.w_dim, "--generator")
    return Models(encoder, transfer, generator)


def _path(name: str) -> Path | None:
    return Path(name).expanduser() if name else None


def _check(what: str, path: Path, fitted: int, found: int, option: str) -> None:
    if fitted != found:
        raise ModelError(
            f"The mapping {path.name} was made for {fitted} {what} numbers, but this model gives "
            f"{found}; choose the mapping that belongs to it, or another {option}."
        )


def device(info: GeneratorInfo) -> str:
    """Where the generator runs, for people: ``onnx · CPU · 2 threads``."""
    providers = " + ".join(name.removesuffix("ExecutionProvider") for name in info.providers)
    return f"{info.backend} · {providers} · {info.threads} threads"
