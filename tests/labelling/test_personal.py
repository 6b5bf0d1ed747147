"""A person's labels become a mapping that can be played and given away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.labelling.made_up import E_DIM, SPREAD, TAGS, W_DIM, made_up_candidates, made_up_clips
from traumer_live.labelling.errors import LabelError
from traumer_live.labelling.label import Clip, Label, ModelIds, Pick
from traumer_live.labelling.personal import Room, fit_labels, refit
from traumer_live.labelling.queries import QUERIES, Question, enough, gain_of_asking, next_clips
from traumer_live.labelling.recipes import PAPER
from traumer_live.labelling.sharing import pack_of
from traumer_live.latent.guided import Guided, reliance
from traumer_live.latent.pack import load_pack, write_pack

MODELS = ModelIds("g", "a" * 64, "e", "b" * 64)
NUM_WS = 7


@pytest.fixture(scope="module")
def music():
    return made_up_clips()


@pytest.fixture(scope="module")
def room(music):
    pieces = np.repeat(np.array(music.pieces), music.embeddings.shape[1])
    pictures = made_up_candidates().w
    return Room(MODELS, NUM_WS, SPREAD, pictures, music.embeddings.reshape(-1, E_DIM), pieces)


@pytest.fixture(scope="module")
def labels(music):
    """A hidden linear taste."""
    weight = 0.15 * np.random.default_rng(4).standard_normal((E_DIM, W_DIM))
    w = SPREAD.mu + 2 * SPREAD.sigma * np.tanh(music.typical @ weight)
    return tuple(
        Label(
            str(k),
            "",
            Clip("", piece, start, 10.0, music.embeddings[k], music.tags[k], music.attributes[k]),
            (Pick(w[k].astype(np.float32)),),
            (),
            MODELS,
        )
        for k, (piece, start) in enumerate(zip(music.pieces, music.starts_s, strict=True))
    )


@pytest.fixture(scope="module")
def made(labels, room):
    return fit_labels(labels, room)


def test_the_choice_beats_baselines_and_is_never_worse_than_the_paper(made):
    found = {judgement.name: judgement for judgement in made.judgements}
    ours, paper = found[str(made.recipe)], found[str(PAPER)]
    assert ours.agreement >= paper.agreement
    assert ours.rank < 20 < found["average w"].rank
    assert ours.l1 < found["nearest labelled clip"].l1


def test_a_refit_is_repeatable(labels, room, made):
    first, second = (refit(labels, room, made.recipe) for _ in range(2))
    np.testing.assert_array_equal(first.transfer.weight, second.transfer.weight)


def test_too_few_labels_are_refused_with_how_many_help(labels, room):
    with pytest.raises(LabelError, match=r"3 labels are too few .* label 2 more clips"):
        fit_labels(labels[:3], room)
    foreign = tuple(replace(x, models=replace(MODELS, generator_sha256="c" * 64)) for x in labels)
    with pytest.raises(LabelError, match="belong to other models"):
        fit_labels(foreign, room)


def test_levels_chosen_apart_are_played_apart_and_survive_a_pack(labels, room, tmp_path):
    rows = np.repeat(np.stack([-np.ones(W_DIM), np.ones(W_DIM)]), (3, 4), axis=0)
    turned = tuple(
        replace(label, picks=(Pick((label.picks[0].w + 0.2 * rows).astype(np.float32)),))
        for label in labels
    )
    apart = fit_labels(turned, room)
    path = tmp_path / "m.safetensors"
    write_pack(path, pack_of(apart, room, TAGS, author="Ada"))
    pack = load_pack(path)
    e = labels[0].clip.typical
    w_plus = pack.mapping(e)
    assert w_plus.shape == (NUM_WS, W_DIM)
    assert w_plus[0].mean() < w_plus[-1].mean()
    np.testing.assert_allclose(w_plus, apart.mapping(e), rtol=1e-5)
    assert pack.header["author"] == "Ada"
    assert len(pack.labels) == len(labels)


def test_confidence_falls_far_away_and_the_starter_takes_over(labels, made):
    e = labels[0].clip.typical
    far = e + 1000
    assert made.familiarity.confidence(e) > 0.5 > 0.01 > made.familiarity.confidence(far)
    starter = replace(made.transfer, bias=made.transfer.bias + 1)
    guided = Guided(made.mapping, made.familiarity, starter)
    np.testing.assert_allclose(guided(far), starter(far))
    np.testing.assert_allclose(guided(e), made.mapping(e))
    assert reliance(0) == 1


def test_queries_ask_for_different_clips_and_gain_falls():
    rng = np.random.default_rng(0)
    library = rng.standard_normal((40, 3)).astype(np.float32)
    dreams = rng.standard_normal((4, 40, 5)).astype(np.float32)
    none = Question(library, library[:0], 1.0, dreams, dreams[0, :0])
    for name in QUERIES:
        assert len(set(next_clips(none, 10, query=name))) == 10, name
    order = next_clips(none, 40)
    gains = [
        gain_of_asking(replace(none, asked=library[order[:n]], labels=dreams[0, :n]))
        for n in (0, 10, 40)
    ]
    assert gains[0] > gains[1] > gains[2]
    repeated = np.repeat(library, 20, axis=0)
    assert enough(replace(none, asked=repeated, labels=np.zeros((800, 5), np.float32)))
