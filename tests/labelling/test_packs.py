"""Packs of two people: blended, compared, taken apart, carried to another generator, mapped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.labelling.made_up import E_DIM, SPREAD, TAGS, W_DIM, made_up_candidates, made_up_clips
from tests.synthesis.random_generator import SMALL, random_generator
from traumer_live.cli import main
from traumer_live.core.errors import ModelError
from traumer_live.labelling.agreement import agreement, told
from traumer_live.labelling.blending import at_share, blend_packs
from traumer_live.labelling.candidates import Candidates
from traumer_live.labelling.coverage import as_json, coverage, picture
from traumer_live.labelling.doubts import doubts
from traumer_live.labelling.label import Clip, Label, ModelIds, Pick
from traumer_live.labelling.lessons import level_w
from traumer_live.labelling.pack_labels import labels_of_pack, take_in
from traumer_live.labelling.personal import Room, refit
from traumer_live.labelling.recipes import ORDINARY
from traumer_live.labelling.scaling import Spread
from traumer_live.labelling.sharing import pack_of
from traumer_live.labelling.store import Store
from traumer_live.labelling.translating import nearest_looks, translate
from traumer_live.labelling.workshop import Workshop
from traumer_live.latent.levels import level_rows
from traumer_live.latent.pack import load_pack, write_pack
from traumer_live.synthesis import load_generator

MODELS = ModelIds("g", "a" * 64, "e", "b" * 64)
NUM_WS = 7
MUSIC = made_up_clips(pieces=12)
PICTURES = made_up_candidates(200)


def labels_by(seed, *, plus=False):
    """A hidden linear taste; with ``plus`` the style levels differ."""
    weight = 0.15 * np.random.default_rng(seed).standard_normal((E_DIM, W_DIM))
    w = SPREAD.mu + 2 * SPREAD.sigma * np.tanh(MUSIC.typical @ weight)
    rows = np.linspace(-0.1, 0.1, NUM_WS)[:, None] if plus else np.zeros(())
    picks = [Pick((w[k] + rows).astype(np.float32), PICTURES.attributes[k]) for k in range(len(w))]
    return tuple(
        Label(f"{seed}-{k}", "", clip(k), (picks[k],), (), MODELS, f"annotator {seed}")
        for k in range(len(w))
    )


def clip(k):
    where = MUSIC.pieces[k], MUSIC.starts_s[k], 10.0
    return Clip("", *where, MUSIC.embeddings[k], MUSIC.tags[k], MUSIC.attributes[k])


def pack_by(seed, *, plus=False):
    pieces = np.repeat(np.array(MUSIC.pieces), MUSIC.embeddings.shape[1])
    music = MUSIC.embeddings.reshape(-1, E_DIM)
    room = Room(MODELS, NUM_WS, SPREAD, PICTURES.w, music, pieces)
    made = refit(labels_by(seed, plus=plus), room, ORDINARY)
    return pack_of(made, room, TAGS, author=f"annotator {seed}")


@pytest.fixture(scope="module")
def packs():
    return pack_by(1), pack_by(2), pack_by(3, plus=True)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """Another generator for the same tagger."""
    path = random_generator(tmp_path_factory.mktemp("g") / "g.safetensors", SMALL)
    generator = load_generator(path)
    statistics = generator.w_statistics()
    ids = ModelIds("other", generator.info.sha256, "e", "b" * 64)
    spread = Spread(statistics.mu, statistics.sigma)
    pieces = np.repeat(np.array(MUSIC.pieces), MUSIC.embeddings.shape[1])
    music = MUSIC.embeddings.reshape(-1, E_DIM)
    return Workshop(generator, path, TAGS, ids, spread, music, pieces, None)


@pytest.mark.parametrize("other", [1, 2])
def test_the_fader_goes_from_one_taste_to_the_other(packs, other, tmp_path):
    a, b = packs[0], packs[other]
    path = tmp_path / "blend.safetensors"
    write_pack(path, blend_packs(a, b, 0.4))
    blended = load_pack(path)
    e = MUSIC.typical[0]
    rows = level_rows(NUM_WS)
    ends = [level_w(Pick(pack.mapping(e)), rows) for pack in (a, b)]
    for share in (0, 0.4, 1):
        found = level_w(Pick(at_share(blended, share).mapping(e)), rows)
        np.testing.assert_allclose(found, ends[0] + share * (ends[1] - ends[0]), atol=1e-4)
    assert blended.familiarity.confidence(e) > 0.5
    assert "40%" in blended.header["labels_by"]


def test_what_does_not_belong_together_is_refused(packs):
    a, b, _ = packs
    stranger = replace(b, header={**b.header, "generator_sha256": "c" * 64})
    with pytest.raises(ModelError, match="map translate"):
        blend_packs(a, stranger, 0.5)
    with pytest.raises(ModelError, match="a blend already"):
        blend_packs(blend_packs(a, b, 0.5), b, 0.5)
    with pytest.raises(ModelError, match="different generators"):
        agreement(a, stranger)


def test_agreement_knows_itself_from_a_stranger(packs):
    a, b, _ = packs
    same, other = agreement(a, a), agreement(a, b)
    assert same.alike == pytest.approx(1, abs=1e-4)
    assert same.l1 == pytest.approx(0, abs=1e-4)
    assert abs(other.alike) < 0.5
    assert same.by_chance < 0.5
    assert other.clips == len(MUSIC)
    assert "24 clips" in told(other, ("a", "b"))[0]


def test_a_packs_labels_go_into_a_store_once(packs, tmp_path):
    given = labels_by(3, plus=True)
    labels = labels_of_pack(packs[2])
    with Store(tmp_path) as store:
        assert take_in(store, labels) == len(given)
        assert take_in(store, labels_of_pack(packs[2])) == 0
        kept = store.labels
    assert {label.clip.key for label in kept} == {label.clip.key for label in given}
    mine, theirs = (sorted(found, key=lambda label: label.clip.key) for found in (kept, given))
    rows = level_rows(NUM_WS)
    for one, other in zip(mine, theirs, strict=True):
        a, b = (level_w(label.picks[0], rows) for label in (one, other))
        np.testing.assert_allclose(a, b, atol=0.01)  # packs keep half precision


def test_the_nearest_look_is_chosen_and_popular_ones_make_room():
    offered = Candidates(np.zeros((3, 2)), np.array([[0.0, 0], [1, 1], [5, 5]], np.float32))
    looks = np.array([[0.1, 0], [5, 4.9], [0, 0.1]], np.float32)
    assert nearest_looks(looks, offered).tolist() == [0, 2, 0]
    crowd = np.zeros((9, 2), np.float32)
    assert set(nearest_looks(crowd, offered).tolist()) == {0, 1}


def test_a_translation_is_for_the_other_generator_and_says_what_it_is(
    packs, workshop, tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = translate(packs[0], "ada.safetensors", workshop, candidates=30)
    assert made.header["generator_sha256"] == workshop.ids.generator_sha256
    assert made.header["translated_from"] == "ada.safetensors"
    assert "translated" in made.header["labels_by"]
    assert made.mapping(MUSIC.typical[0]).shape == (SMALL.w_dim,)
    assert len(made.labels) == len(MUSIC)
    deaf = replace(packs[0], header={**packs[0].header, "encoder_sha256": "c" * 64})
    with pytest.raises(ModelError, match="labelled anew from the music"):
        translate(deaf, "x", workshop)


def test_the_map_shows_what_is_known_and_doubts_find_opposites(workshop):
    ours = [replace(label, models=workshop.ids) for label in labels_by(1)]
    clips = [clip(k) for k in range(len(MUSIC))]
    none, some = (coverage(clips, labels, workshop) for labels in ([], ours[:6]))
    assert none.known == 0 < some.known < 1
    assert sum(some.labelled) == 6
    assert some.confidence[:6].min() > some.confidence[6:].mean()
    assert len(as_json(some)["clips"]) == len(clips)
    assert np.asarray(picture(some)).std() > 0
    opposite = replace(ours[0], id="x", picks=(Pick(-ours[0].picks[0].w, -PICTURES.attributes[0]),))
    (pair,) = doubts([ours[0], ours[2], opposite], workshop)
    assert [label.id for label in pair] == ["x", ours[0].id]


def test_a_blend_by_command_never_overwrites(packs, tmp_path, capsys):
    names = [str(tmp_path / f"{k}.safetensors") for k in range(3)]
    for name, pack in zip(names, packs, strict=False):
        write_pack(tmp_path / name, pack)
    words = ["map", "blend", *names[:2], "--share", "0.25", "-o"]
    assert main([*words, str(tmp_path / "new.safetensors")]) == 0
    assert load_pack(tmp_path / "new.safetensors").share == 0.25
    assert main([*words, names[2]]) == 1
    assert "exists" in capsys.readouterr().err
