"""A generator that nobody has mapped plays at once; what fits is found by hash."""

from __future__ import annotations

import numpy as np
import pytest

from tests.embedding.random_taggers import write_tagger
from tests.music import tune, write_wav
from tests.synthesis.random_generator import SMALL, random_generator
from traumer_live.core import model_library
from traumer_live.core.errors import ModelError
from traumer_live.core.files import hash_file
from traumer_live.core.model_library import Entry
from traumer_live.core.paths import data_file
from traumer_live.core.settings import Settings
from traumer_live.embedding.encoder import load_encoder
from traumer_live.engine.hearing import typical_of_track
from traumer_live.engine.mappings import SHIPPED_MAPPING
from traumer_live.engine.models import WIDE, load_models
from traumer_live.latent.pack import load_pack, save_pack
from traumer_live.latent.transfer import Transfer


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    for kind in ("DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))


@pytest.fixture
def foreign(tmp_path):
    return random_generator(tmp_path / "foreign.safetensors", SMALL, seed=3)


def play(foreign, **more):
    return load_models(Settings(generator=str(foreign)), **more)


def pack_for(models, path, value=1.0):
    pair = models.unmapped.pair
    header = {"generator_sha256": pair.generator_sha256, "encoder_sha256": pair.encoder_sha256}
    zero = np.zeros(SMALL.w_dim, np.float32)
    weight = np.zeros((SMALL.w_dim, models.encoder.e_dim), np.float32)
    save_pack(path, Transfer(weight, zero, zero + value, zero), header)


def test_a_foreign_generator_plays_with_a_first_mapping_and_says_what_is_missing(foreign):
    models = play(foreign)
    assert models.unmapped.generator == foreign
    assert models.unmapped.pair.generator_sha256 == models.generator.info.sha256
    assert models.unmapped.source == data_file(SHIPPED_MAPPING)
    heard = load_pack(data_file(SHIPPED_MAPPING)).labels.embeddings.mean(1)
    statistics = models.generator.w_statistics()
    dreamt = (models.transfer(heard) - statistics.mu) / statistics.sigma
    assert 0.8 < np.sqrt(np.square(dreamt).mean()) < 1.1  # pictures themselves: 1


def test_the_shipped_generator_has_its_own(foreign):
    assert load_models(Settings()).unmapped is None
    assert load_models(Settings(), aspect=WIDE).unmapped is None


def test_a_pack_made_here_is_used_next_time(foreign):
    models = play(foreign)
    pack_for(models, models.unmapped.target)
    again = play(foreign)
    assert again.unmapped is None
    assert again.transfer.mu[0] == 1


def test_an_imported_pack_for_just_this_pair_is_found(foreign):
    models = play(foreign)
    entry = Entry("mine", "mapping", "transfer", "ours", "mine.safetensors", "ab" * 32)
    pack_for(models, entry.path, value=2.0)
    model_library.add(entry)
    assert play(foreign).transfer.mu[0] == 2


def test_a_damaged_pack_is_no_reason_not_to_play(foreign):
    target = play(foreign).unmapped.target
    target.parent.mkdir(parents=True)
    target.write_bytes(b"half of it")
    assert play(foreign).unmapped is not None


def test_a_named_pack_for_another_generator_is_refused(foreign):
    settings = Settings(generator=str(foreign), mapping=str(data_file(SHIPPED_MAPPING)))
    with pytest.raises(ModelError, match=r"w numbers.*traumer-live map --generator"):
        load_models(settings)


def test_a_foreign_tagger_plays_too_but_nothing_can_be_made_without_music(tmp_path, monkeypatch):
    song = write_wav(tmp_path / "song.wav", tune(10))
    monkeypatch.setattr("traumer_live.engine.mappings.DEMO_TRACK", song)
    tagger = write_tagger("fcn-128-0.5s", tmp_path / "fcn.safetensors")
    models = load_models(Settings(encoder=str(tagger)))
    assert models.transfer.e_dim == models.encoder.e_dim
    assert models.unmapped.source is None
    assert models.unmapped.pair.encoder_sha256 == hash_file(tagger)
    kept = list((tmp_path / "cache").rglob("typical/*.npy"))
    assert len(kept) == 1
    again = load_models(Settings(encoder=str(tagger)))
    np.testing.assert_array_equal(again.transfer.weight, models.transfer.weight)


def test_a_track_tells_what_an_encoder_says_of_music(tmp_path):
    heard = typical_of_track(load_encoder(), write_wav(tmp_path / "song.wav", tune(10)))
    assert 10 < len(heard) < 20  # one every half second, without the first three
    assert heard.std(0).max() > 0.1
    assert np.isfinite(heard).all()
