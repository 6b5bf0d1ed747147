"""The models that labels are made with, loaded for the labelling room alone.

In: a choice of models.  Out: Workshop: a generator of its own, facts about w, music that is known.
Thread: any but a window's, about two seconds; ``generator.map`` may then be called from any, the
rest of the generator belongs to the easel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from traumer_live.core import model_library
from traumer_live.core.errors import ModelError
from traumer_live.core.files import hash_file
from traumer_live.core.paths import data_file
from traumer_live.core.types import Array
from traumer_live.embedding.encoder import Encoder, load_encoder
from traumer_live.engine.mappings import SHIPPED_MAPPING, Pair
from traumer_live.engine.models import Choice, Models, encoder_file
from traumer_live.labelling.candidates import random_w
from traumer_live.labelling.label import Clip, ModelIds
from traumer_live.labelling.personal import Room
from traumer_live.labelling.scaling import Spread
from traumer_live.latent.pack import load_pack
from traumer_live.latent.transfer import Transfer
from traumer_live.synthesis.generator import Generator
from traumer_live.synthesis.loading import load_generator

PICTURES, SEED = 400, 7  # random w of the generator: its variety, and pictures to rank among


@dataclass(frozen=True)
class Workshop:
    """A generator and a tagger, and what is known of both."""

    generator: Generator
    encoder_file: Path
    tag_names: tuple[str, ...]
    ids: ModelIds
    spread: Spread  # of w
    music: Array  # (windows, e_dim), heard by this tagger; (0, e_dim) when none is known
    pieces: NDArray[np.str_]  # (windows,)
    starter: Transfer | None  # the starter mapping for just these two models

    def room(self, clips: Sequence[Clip]) -> Room:
        """What a fit has to know; ``clips`` are the person's own, labelled or not."""
        info = self.generator.info
        windows = [clip.embeddings for clip in clips]
        names = [np.repeat(clip.file or clip.piece, len(clip.embeddings)) for clip in clips]
        return Room(
            models=self.ids,
            num_ws=info.num_ws,
            spread=self.spread,
            pictures=random_w(self.generator, PICTURES, SEED),
            music=np.concatenate([self.music, *windows]),
            pieces=np.concatenate([self.pieces, *names]),
            level_sizes=info.level_sizes,
            starter=self.starter,
        )


def open_workshop(choice: Choice | None = None) -> Workshop:
    """Load what was chosen.

    Raises:
        ModelError: a file is missing, damaged or of the wrong kind.
    """
    choice = choice or Choice()
    tagger = encoder_file(choice)
    weights = model_library.resolve(choice.generator, "generator") if choice.generator else None
    generator = load_generator(
        weights, backend=choice.backend, threads=1, class_index=choice.class_index
    )
    return _furnished(generator, load_encoder(tagger), tagger, choice)


def ids_of(models: Models) -> ModelIds:
    """What labels made with models that play are called by."""
    tagger, info = encoder_file(models.choice), models.generator.info
    return _ids(info.name, info.w_space, tagger, hash_file(tagger))


def _ids(name: str, sha256: str, tagger: Path, tagger_sha256: str) -> ModelIds:
    return ModelIds(name, sha256, model_library.display_name(tagger), tagger_sha256)


def _furnished(generator: Generator, encoder: Encoder, tagger: Path, choice: Choice) -> Workshop:
    """What is known of a generator and a tagger."""
    sha256, info = hash_file(tagger), generator.info
    statistics = generator.w_statistics()
    music, pieces = _known_music(sha256, encoder.e_dim)
    return Workshop(
        generator,
        tagger,
        encoder.tag_names,
        _ids(info.name, info.w_space, tagger, sha256),
        Spread(statistics.mu, statistics.sigma),
        music,
        pieces,
        _starter(Pair(info.w_space, sha256, choice.class_index)),
    )


def _known_music(encoder_sha256: str, e_dim: int) -> tuple[Array, NDArray[np.str_]]:
    """The shipped clips, if this tagger heard them."""
    pack = load_pack(data_file(SHIPPED_MAPPING))
    if pack.labels is None or pack.header.get("encoder_sha256") != encoder_sha256:
        return np.zeros((0, e_dim), np.float32), np.zeros(0, np.str_)
    known = pack.labels
    names = np.array([str(clip["piece"]) for clip in known.clips])
    return known.embeddings.reshape(-1, e_dim), np.repeat(names, known.embeddings.shape[1])


def _starter(pair: Pair) -> Transfer | None:
    """The shipped mapping, or the one that was made here for another generator."""
    for path in (data_file(SHIPPED_MAPPING), pair.made_here):
        try:
            pack = load_pack(path)
        except ModelError:
            continue
        if pair.fits(path) and pack.level_sizes is None and pack.second is None:
            return pack.transfer
    return None
