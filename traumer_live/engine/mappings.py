"""Which mapping a generator and an encoder play with when nobody named one.

In: what was loaded, by hash.  Out: the path of a mapping pack that fits, or a first transfer and
what is still to be made.  Thread: any; hears the demo track once per foreign encoder (seconds).

In this order: the shipped pack, packs that somebody imported, one that was made here for just this
pair. Where none fits, a first mapping without meaning plays (latent/first_mapping.py), and
``Unmapped`` says what the labelling room needs to make a better one beside the show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from traumer_live.core import model_library
from traumer_live.core.errors import ModelError, OutputError
from traumer_live.core.files import written_atomically
from traumer_live.core.paths import cache_dir, data_file, user_data_dir
from traumer_live.core.types import Array
from traumer_live.embedding.encoder import Encoder
from traumer_live.engine.hearing import typical_of_track
from traumer_live.latent.first_mapping import first_transfer
from traumer_live.latent.guided import Guided
from traumer_live.latent.level_transfer import AnyTransfer
from traumer_live.latent.pack import MappingPack, load_pack
from traumer_live.latent.transfer import Transfer
from traumer_live.synthesis.generator import Generator
from traumer_live.synthesis.loading import Backend

SHIPPED_MAPPING = "models/starter.safetensors"
DEMO_TRACK = "assets/demo.opus"
FOLDER = "mappings"  # in the user's data folder
PICTURES = 1000  # random w whose variety the first mapping takes over
SEED = 0


@dataclass(frozen=True)
class Pair:
    """For whom a mapping must be made: a w and an embedding mean nothing elsewhere."""

    generator_sha256: str  # of the generator whose w space it is
    encoder_sha256: str
    class_index: int | None = None

    @property
    def made_here(self) -> Path:
        """Where the pack of this pair is kept, once it was made."""
        which = "" if self.class_index is None else f"-class{self.class_index}"
        name = f"{self.generator_sha256[:32]}-{self.encoder_sha256[:32]}{which}.safetensors"
        return user_data_dir() / FOLDER / name

    def fits(self, pack: Path) -> bool:
        """Whether ``pack`` is whole and says that it was made for this pair."""
        try:
            header = load_pack(pack).header
        except ModelError:
            return False
        return (
            header.get("generator_sha256") == self.generator_sha256
            and header.get("encoder_sha256") == self.encoder_sha256
        )


@dataclass(frozen=True)
class Unmapped:
    """A mapping that is still to be made, and from what."""

    pair: Pair
    generator_name: str
    generator: Path | None  # None: the shipped one
    backend: Backend
    source: Path | None  # a pack with labels for this encoder; None: there is none

    @property
    def target(self) -> Path:
        """Where it is to be kept."""
        return self.pair.made_here


def fitting_pack(pair: Pair) -> Path | None:
    """A pack that was made for ``pair``: shipped, imported, or made here."""
    return next((pack for pack in _offered(pair) if pair.fits(pack)), None)


def _offered(pair: Pair) -> Iterator[Path]:
    """Packs that may fit, nearest first; the library is read only when it is needed."""
    # Packs do not say for which class they were made; those made here do, by name.
    if pair.class_index is None:
        yield data_file(SHIPPED_MAPPING)
        yield from (e.path for e in model_library.entries() if e.kind == "mapping")
    yield pair.made_here


def playable(pack: MappingPack, pair: Pair) -> AnyTransfer:
    """What a show plays of a pack: with its confidence, and leaning on the starter far from it."""
    if pack.familiarity is None:
        return pack.mapping
    return Guided(pack.mapping, pack.familiarity, _starter(pack, pair))


def _starter(pack: MappingPack, pair: Pair) -> AnyTransfer | None:
    """The mapping without a person for the same models; None where ``pack`` is that itself."""
    if pair.class_index is not None and not pair.fits(pair.made_here):
        return None  # packs do not say for which class they were made; ours do, by name
    for path in (data_file(SHIPPED_MAPPING), pair.made_here):
        if pair.fits(path):
            starter = load_pack(path)
            same = np.array_equal(starter.transfer.weight, pack.transfer.weight)
            return None if same else starter.mapping
    return None


def source_of_labels(encoder_sha256: str) -> Path | None:
    """A pack whose labels were heard by this encoder, so another can be made without any sound."""
    shipped = data_file(SHIPPED_MAPPING)
    heard_by = load_pack(shipped).header.get("encoder_sha256")
    return shipped if heard_by == encoder_sha256 else None


def first_mapping(generator: Generator, encoder: Encoder, encoder_sha256: str) -> Transfer:
    """What plays until a mapping was made: as varied as the generator, without a meaning."""
    statistics = generator.w_statistics()
    z = np.random.default_rng(SEED).standard_normal((PICTURES, generator.info.z_dim))
    return first_transfer(
        _typical_embeddings(encoder, encoder_sha256),
        generator.map(z.astype(np.float32)),
        mu=statistics.mu,
        sigma=statistics.sigma,
        seed=SEED,
    )


def _typical_embeddings(encoder: Encoder, encoder_sha256: str) -> Array:  # (n, e_dim)
    """What the encoder says of music: of the shipped clips, or of the demo track."""
    source = source_of_labels(encoder_sha256)
    labels = load_pack(source).labels if source is not None else None
    if labels is not None:
        return np.asarray(labels.embeddings.mean(1), np.float32)
    kept = cache_dir() / "typical" / f"{encoder_sha256[:32]}.npy"
    known = _recall(kept, encoder.e_dim)
    if known is None:
        known = typical_of_track(encoder, data_file(DEMO_TRACK))
        _try_to_keep(kept, known)
    return known


def _recall(path: Path, e_dim: int) -> Array | None:
    try:
        known = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    whole = isinstance(known, np.ndarray) and known.ndim == 2 and known.shape[1] == e_dim
    return known.astype(np.float32) if whole and np.isfinite(known).all() else None


def _try_to_keep(path: Path, known: Array) -> None:
    """A machine that forbids a cache hears the track again next time."""
    try:
        with written_atomically(path) as temporary, temporary.open("wb") as file:
            np.save(file, known)
    except (OSError, OutputError):
        return
