"""The three learnt parts of a show, loaded and checked against each other.

In: file names, or nothing for the shipped ones.  Out: Models.  Thread: main, before the show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from traumer_live.core import model_library
from traumer_live.core.errors import ModelError
from traumer_live.core.paths import data_file
from traumer_live.core.settings import Settings
from traumer_live.embedding.encoder import DEFAULT_WEIGHTS as SHIPPED_ENCODER
from traumer_live.embedding.encoder import Encoder, load_encoder
from traumer_live.latent.pack import load_pack
from traumer_live.latent.transfer import Transfer
from traumer_live.synthesis.generator import Generator, GeneratorInfo
from traumer_live.synthesis.loading import Backend, load_generator
from traumer_live.synthesis.widen import WIDE, Aspect

__all__ = ["WIDE", "Models", "device", "load_models"]

SHIPPED_MAPPING = "models/starter.safetensors"


@dataclass(frozen=True)
class Models:
    """Encoder, transfer and generator that fit together."""

    encoder: Encoder
    transfer: Transfer
    generator: Generator


def load_models(
    settings: Settings,
    *,
    backend: Backend = "auto",
    class_index: int | None = None,
    aspect: Aspect | None = None,
) -> Models:
    """Load what ``settings`` name, or the shipped models.

    ``class_index`` and ``aspect`` (such as ``WIDE``) are for generators that know classes or can
    paint beyond their square.

    Raises:
        ModelError: a file is missing, damaged, of the wrong kind, or does not fit the others.
    """
    encoder = load_encoder(_path(settings.encoder, "encoder"))
    generator = load_generator(
        _path(settings.generator, "generator"),
        backend=backend,
        class_index=class_index,
        aspect=aspect,
    )
    path = _path(settings.mapping, "mapping") or data_file(SHIPPED_MAPPING)
    pack = load_pack(path)
    transfer = pack.transfer
    _check("embedding", path, transfer.e_dim, encoder.e_dim, "--encoder")
    _check("w", path, transfer.w_dim, generator.info.w_dim, "--generator")
    _check_generator(path, pack.header, generator.info, settings.generator)
    _check_encoder(
        path, pack.header, _path(settings.encoder, "encoder") or data_file(SHIPPED_ENCODER)
    )
    return Models(encoder, transfer, generator)


def _path(name: str, kind: str) -> Path | None:
    """The file that a path or the name of an imported model means."""
    return model_library.resolve(name, kind) if name else None


def _check(what: str, path: Path, fitted: int, found: int, option: str) -> None:
    if fitted != found:
        raise ModelError(
            f"The mapping {path.name} was made for {fitted} {what} numbers, but this model gives "
            f"{found}; choose the mapping that belongs to it, or another {option}."
        )


def _check_generator(
    path: Path, header: Mapping[str, str], found: GeneratorInfo, named: str
) -> None:
    """A w means another picture in every generator, even where the sizes agree."""
    fitted = header.get("generator_sha256")
    if fitted and fitted != found.sha256:
        asked = f" --generator {named}" if named else ""
        raise ModelError(
            f"The mapping {path.name} was made for the generator {header.get('generator')}, not "
            f"for this {found.name}; make one that fits and choose it with --mapping: "
            f"traumer-live map{asked} -o {found.name}-mapping.safetensors"
        )


def _check_encoder(path: Path, header: Mapping[str, str], encoder: Path) -> None:
    """Another encoder hears in other numbers, and only the sound itself could tell which."""
    fitted = header.get("encoder_sha256")
    if fitted and fitted != sha256(encoder.read_bytes()).hexdigest():
        raise ModelError(
            f"The mapping {path.name} was made for the encoder {header.get('encoder')}, not for "
            f"this {encoder.stem}; make one that fits, from the music: "
            f"python -m tools.make_starter_mapping --encoder {encoder} -o my-mapping.safetensors"
        )


def device(info: GeneratorInfo) -> str:
    """Where the generator runs, for people: ``onnx · CPU · 2 threads``."""
    providers = " + ".join(name.removesuffix("ExecutionProvider") for name in info.providers)
    threads = f"{info.threads} thread{'s' * (info.threads != 1)}"
    return f"{info.backend} · {providers} · {threads}"
