"""Choosing and fitting in turns; the pack that comes of it; `traumer-live map`."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.labelling.made_up import SPREAD, made_up_candidates, made_up_clips
from tests.synthesis.random_generator import SMALL, random_generator
from traumer_live.cli import main
from traumer_live.core.errors import ModelError
from traumer_live.core.paths import data_file
from traumer_live.core.settings import Settings
from traumer_live.engine.models import load_models
from traumer_live.labelling.candidates import make_candidates
from traumer_live.labelling.clips import from_labels, to_labels
from traumer_live.labelling.mapping import wanted_of
from traumer_live.labelling.matchmaking import choose, match, offered_ranks
from traumer_live.latent.labels import Labels
from traumer_live.latent.pack import load_pack, save_pack
from traumer_live.synthesis.loading import load_generator


@pytest.fixture(scope="module")
def matched():
    clips, candidates = made_up_clips(), made_up_candidates()
    return clips, candidates, match(clips, candidates, wanted_of(clips), SPREAD)


def test_labels_and_dreams_agree_more_from_round_to_round(matched):
    _, _, found = matched
    assert found.rounds[-1].distance < found.rounds[0].distance
    assert found.rounds[-1].unsuitability < 0.1  # at random it is 1/6


def test_dreams_show_what_was_wanted(matched):
    clips, candidates, found = matched
    dreams = SPREAD.normalised(found.transfer(clips.typical))
    pictures = SPREAD.normalised(candidates.w)
    linear = np.linalg.lstsq(pictures, candidates.attributes, rcond=None)[0]
    shown = dreams @ linear
    r = [np.corrcoef(a, b)[0, 1] for a, b in zip(shown.T, wanted_of(clips).T, strict=True)]
    assert np.mean(r) > 0.5


def test_matching_is_repeatable(matched):
    clips, candidates, found = matched
    again = match(clips, candidates, wanted_of(clips), SPREAD)
    np.testing.assert_array_equal(again.chosen, found.chosen)
    np.testing.assert_array_equal(again.transfer.weight, found.transfer.weight)


def test_a_picture_is_chosen_from_the_screen_shown_or_kept():
    costs = np.random.default_rng(0).random((5, 600)).astype(np.float32)
    first = choose(costs, np.zeros_like(costs), 0, None)
    assert (first // 200 == np.arange(5) % 3).all()
    second = choose(costs, np.zeros_like(costs), 1, first)
    rows = np.arange(5)
    assert (costs[rows, second] <= costs[rows, first]).all()


def test_not_everybody_gets_the_same_picture():
    costs = np.full((40, 200), 1.0, np.float32)
    costs[:, 0] = 0.9
    chosen = choose(costs, np.zeros_like(costs), 0, None)
    assert len(set(chosen)) > 30


def test_candidates_are_kept_and_equal(small_models):
    generator = load_generator(small_models.generator, threads=1)
    first = make_candidates(generator, 20, seed=4)
    calls = []
    second = make_candidates(generator, 20, seed=4, progress=lambda *done: calls.append(done))
    np.testing.assert_array_equal(first.attributes, second.attributes)
    assert calls == [(20, 20)]
    assert (offered_ranks(first).max(0) == 1).all()


def test_labels_travel_in_the_pack(matched, tmp_path):
    clips, candidates, found = matched
    labels = to_labels(clips, candidates.w[found.chosen])
    save_pack(tmp_path / "p.safetensors", found.transfer, {"author": "x"}, labels=labels)
    pack = load_pack(tmp_path / "p.safetensors")
    np.testing.assert_array_equal(pack.transfer.weight, found.transfer.weight)
    np.testing.assert_allclose(pack.labels.w, labels.w, rtol=1e-3)
    back = from_labels(pack.labels)
    assert back.pieces == clips.pieces
    assert back.attributes[3].tempo == pytest.approx(clips.attributes[3].tempo, abs=1e-3)


def test_labels_that_do_not_fit_together_are_refused():
    with pytest.raises(ModelError, match="do not fit together"):
        Labels(np.zeros((2, 4)), np.zeros((3, 1, 5)), np.zeros((3, 1)), ("a",), ({}, {}, {}))


def test_clips_without_attributes_are_refused():
    labels = Labels(np.zeros((1, 4)), np.zeros((1, 1, 5)), np.zeros((1, 0)), (), ({"piece": "x"},))
    with pytest.raises(ModelError, match="not described by musical attributes"):
        from_labels(labels)


@pytest.fixture
def some_pieces(tmp_path):
    """The shipped pack with the clips of its first pieces only: quicker."""
    pack = load_pack(data_file("models/starter.safetensors"))
    clips, rows = from_labels(pack.labels), np.arange(60)
    few = to_labels(clips.where(np.arange(len(clips)) < len(rows)), pack.labels.w[rows])
    save_pack(tmp_path / "few.safetensors", pack.transfer, pack.header, labels=few)
    return tmp_path / "few.safetensors"


def test_a_pack_is_carried_to_another_generator_without_sound(some_pieces, tmp_path, capsys):
    generator = random_generator(tmp_path / "other.safetensors", SMALL, seed=9)
    target = tmp_path / "other-mapping.safetensors"
    options = ["map", "--generator", str(generator), "-o", str(target), "--candidates", "200"]
    options += ["--pack", str(some_pieces)]
    assert main(options) == 0
    assert "60 clips of" in capsys.readouterr().out
    pack = load_pack(target)
    assert pack.transfer.w_dim == SMALL.w_dim
    assert pack.header["translated_from"] == "few.safetensors"
    assert main(options) == 1  # not overwritten without --force
    assert "already exists" in capsys.readouterr().err
    load_models(settings(generator, target))


def settings(generator, mapping):
    return Settings(generator=str(generator), mapping=str(mapping))


def test_a_mapping_for_another_generator_is_refused_with_the_command(small_models, tmp_path):
    made_for = {"generator": "dream", "generator_sha256": "0" * 64}
    mapping = tmp_path / "m.safetensors"
    save_pack(mapping, load_pack(small_models.mapping).transfer, made_for)
    with pytest.raises(ModelError, match=r"traumer-live map --generator .*small\.safetensors -o"):
        load_models(settings(small_models.generator, mapping))


def test_a_mapping_for_another_encoder_is_refused_with_the_command(small_models, tmp_path):
    made_for = {"encoder": "fcn", "encoder_sha256": "0" * 64}
    mapping = tmp_path / "m.safetensors"
    save_pack(mapping, load_pack(small_models.mapping).transfer, made_for)
    with pytest.raises(ModelError, match="encoder fcn, not for this mtt_vgg"):
        load_models(settings(small_models.generator, mapping))


def test_a_pack_without_labels_cannot_be_carried(small_models, tmp_path, capsys):
    options = ["map", "--pack", str(small_models.mapping), "-o", str(tmp_path / "x.safetensors")]
    assert main(options) == 1
    assert "holds no labels" in capsys.readouterr().err


def test_the_shipped_pack_says_where_it_comes_from():
    header = load_pack(data_file("models/starter.safetensors")).header
    assert len(header["generator_sha256"]) == len(header["encoder_sha256"]) == 64
    assert "wesnoth-1.16-music" in json.loads(header["packages"])
    assert "nobody's taste" in header["labels_by"]
