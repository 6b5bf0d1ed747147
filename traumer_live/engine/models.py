"""The three learnt parts of a show, loaded and checked against each other.

In: file names, or nothing for the shipped ones.  Out: Models.  Thread: main before the show, any
but a window's while it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from traumer_live.core import model_library
from traumer_live.core.errors import ModelError
from traumer_live.core.files import hash_file
from traumer_live.core.paths import data_file
from traumer_live.core.settings import Settings
from traumer_live.embedding.encoder import DEFAULT_WEIGHTS as SHIPPED_ENCODER
from traumer_live.embedding.encoder import Encoder, load_encoder
from traumer_live.engine.mappings import (
    SHIPPED_MAPPING,
    Pair,
    Unmapped,
    first_mapping,
    fitting_pack,
    playable,
    source_of_labels,
)
from traumer_live.latent.guided import Guided
from traumer_live.latent.level_transfer import AnyTransfer
from traumer_live.latent.pack import MappingPack, load_pack
from traumer_live.synthesis.generator import Generator, GeneratorInfo
from traumer_live.synthesis.loading import Backend, load_generator
from traumer_live.synthesis.widen import WIDE, Aspect

__all__ = ["SHIPPED_MAPPING", "WIDE", "Choice", "Models", "device", "load_choice", "load_models"]

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Choice:
    """Which models somebody chose, by name or path; empty: the shipped one, or one that fits."""

    generator: str = ""
    encoder: str = ""
    mapping: str = ""
    backend: Backend = "auto"
    class_index: int | None = None  # of a generator that knows classes; None: the mean of all
    aspect: Aspect | None = None  # such as WIDE, where a generator can paint beyond its square
    threads: int | None = None  # of the generator's runtime; None: what suits machine and model

    def plain(self) -> Choice:
        """The same with no name for what plays where nobody chose."""
        generator, encoder = _plain(self.generator, "generator"), _plain(self.encoder, "encoder")
        return replace(self, generator=generator, encoder=encoder)


@dataclass(frozen=True)
class Models:
    """Encoder, transfer and generator that fit together."""

    encoder: Encoder
    transfer: AnyTransfer
    generator: Generator
    choice: Choice = Choice()
    unmapped: Unmapped | None = None  # the transfer is a first one; this is what is still missing
    pack: MappingPack | None = None  # that the transfer is of, with its labels

    @property
    def pair(self) -> Pair:
        """For whom a mapping must be made to be played here."""
        tagger = hash_file(encoder_file(self.choice))
        return Pair(self.generator.info.w_space, tagger, self.choice.class_index)

    def mapped(self, pack: Path) -> Models:
        """The same with the mapping in ``pack``, which was made for them.

        Raises:
            ModelError: it is missing or damaged.
        """
        return self.playing(load_pack(pack))

    def playing(self, pack: MappingPack) -> Models:
        """The same with another mapping, which was made for them."""
        return replace(self, transfer=playable(pack, self.pair), unmapped=None, pack=pack)

    def blended(self, share: float) -> Models:
        """The same with the fader of a blended mapping elsewhere (0..1); else the same."""
        if self.pack is None or self.pack.second is None:
            return self
        pack = replace(self.pack, share=min(max(share, 0.0), 1.0))
        mapping: AnyTransfer = pack.mapping
        if isinstance(self.transfer, Guided):
            mapping = replace(self.transfer, own=mapping)
        return replace(self, transfer=mapping, pack=pack)


def load_models(
    settings: Settings,
    *,
    backend: Backend = "auto",
    class_index: int | None = None,
    aspect: Aspect | None = None,
    threads: int | None = None,
    tell: Tell = lambda sentence: None,
) -> Models:
    """Load what ``settings`` name, or the shipped models.

    ``class_index`` and ``aspect`` (such as ``WIDE``) are for generators that know classes or can
    paint beyond their square. ``tell`` hears of a runtime that cannot be used.

    Raises:
        ModelError: a file is missing, damaged, of the wrong kind, or does not fit the others.
    """
    named = (settings.generator, settings.encoder, settings.mapping)
    return load_choice(Choice(*named, backend, class_index, aspect, threads), tell)


def load_choice(choice: Choice, tell: Tell = lambda sentence: None) -> Models:
    """Load what was chosen; where no mapping was, one that fits, or else a first one.

    ``tell`` hears of a runtime that cannot be used.

    Raises:
        ModelError: a file is missing, damaged, of the wrong kind, or does not fit the others.
    """
    choice = choice.plain()
    tagger = encoder_file(choice)
    generator_file = _path(choice.generator, "generator")
    encoder = load_encoder(tagger)
    generator = load_generator(
        generator_file,
        backend=choice.backend,
        class_index=choice.class_index,
        aspect=choice.aspect,
        threads=choice.threads,
        tell=tell,
    )
    pair = Pair(generator.info.w_space, hash_file(tagger), choice.class_index)
    named = _path(choice.mapping, "mapping")
    pack = named or fitting_pack(pair)
    if pack is not None:
        whole = _checked_pack(pack, encoder, tagger, generator, choice)
        return Models(encoder, playable(whole, pair), generator, choice, pack=whole)
    unmapped = Unmapped(
        pair,
        generator.info.name,
        generator_file,
        choice.backend,
        source_of_labels(pair.encoder_sha256),
    )
    transfer = first_mapping(generator, encoder, pair.encoder_sha256)
    return Models(encoder, transfer, generator, choice, unmapped)


def keeping(models: Models, former: Choice) -> Models:
    """``models`` with the mapping that ``former`` named, if that was made for just these.

    Generators may share a w space; what somebody taught one of them, the other can play.
    """
    if models.choice.mapping or not former.mapping:
        return models
    try:
        pack = _path(former.mapping, "mapping")
        if pack is None or not models.pair.fits(pack):
            return models
        kept = models.mapped(pack)
    except ModelError:
        return models  # it is gone, or was never for these
    return replace(kept, choice=replace(models.choice, mapping=former.mapping))


def encoder_file(choice: Choice) -> Path:
    """The weights of the tagger that was chosen."""
    return _path(choice.encoder, "encoder") or data_file(SHIPPED_ENCODER)


def _checked_pack(
    path: Path, encoder: Encoder, encoder_file: Path, generator: Generator, choice: Choice
) -> MappingPack:
    """The pack in ``path`` if it was made for these models."""
    pack = load_pack(path)
    for_generator = _mapping_for_generator(choice, generator.info)
    for_encoder = _mapping_for_encoder(choice)
    _check("embedding", path, pack.mapping.e_dim, encoder.e_dim, for_encoder)
    _check("w", path, pack.mapping.w_dim, generator.info.w_dim, for_generator)
    _check_generator(path, pack.header, generator.info, for_generator)
    _check_encoder(path, pack.header, encoder_file, for_encoder)
    if pack.level_sizes is not None:
        rows = sum(pack.level_sizes)
        _check("w_plus", path, rows, generator.info.num_ws, for_generator)
    return pack


def _plain(name: str, kind: str) -> str:
    """``name``, or none where it is that of the shipped model that plays anyway."""
    default = model_library.SHIPPED[kind][0]
    if name != default or model_library.resolve(name, kind) != model_library.shipped_file(name):
        return name
    return ""


def _path(name: str, kind: str) -> Path | None:
    """The file that a path or the name of a model means."""
    return model_library.resolve(name, kind) if name else None


def _check(what: str, path: Path, fitted: int, found: int, advice: str) -> None:
    if fitted != found:
        raise ModelError(
            f"The mapping {model_library.display_name(path)} was made for {fitted} {what} "
            f"numbers, but this model gives {found}; {advice}"
        )


def _check_generator(
    path: Path, header: Mapping[str, str], found: GeneratorInfo, advice: str
) -> None:
    """A w means another picture in another generator, unless that says it took over the w."""
    fitted = header.get("generator_sha256")
    if fitted and fitted != found.w_space:
        raise ModelError(
            f"The mapping {model_library.display_name(path)} was made for the generator "
            f"{header.get('generator')}, not for this {found.name}; {advice}"
        )


def _check_encoder(path: Path, header: Mapping[str, str], encoder: Path, advice: str) -> None:
    """Another encoder hears in other numbers, and only the sound itself could tell which."""
    fitted = header.get("encoder_sha256")
    if fitted and fitted != hash_file(encoder):
        raise ModelError(
            f"The mapping {model_library.display_name(path)} was made for the encoder "
            f"{header.get('encoder')}, not for this {model_library.display_name(encoder)}; {advice}"
        )


def _mapping_for_generator(choice: Choice, found: GeneratorInfo) -> str:
    """How to come by a mapping for the generator that was chosen: the clips' sound is known."""
    asked = f" --generator {choice.generator}" if choice.generator else ""
    return (
        "name none, and one that fits is made beside the show, or make it now: "
        f"traumer-live map{asked} -o {found.name}-mapping.safetensors"
    )


def _mapping_for_encoder(choice: Choice) -> str:
    """How to come by a mapping for the tagger that was chosen: only music tells what it hears."""
    asked = f" --generator {choice.generator}" if choice.generator else ""
    asked += f" --encoder {choice.encoder}" if choice.encoder else ""
    return (
        "name none, and a first one plays, or teach one with your own music: "
        f"traumer-live label --music FOLDER{asked}"
    )


def device(info: GeneratorInfo) -> str:
    """Where the generator runs, for people: ``onnx · CPU · 2 threads``."""
    providers = " + ".join(name.removesuffix("ExecutionProvider") for name in info.providers)
    threads = f"{info.threads} thread{'s' * (info.threads != 1)}"
    rough = "" if info.precision == "float32" else f" · {info.precision}"
    return f"{info.backend} · {providers} · {threads}{rough}"
