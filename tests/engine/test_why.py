"""Why this picture: labelled neighbours by name, confidence, tags; and a log keeps any mapping."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from traumer_live.engine.why import Known, Why
from traumer_live.latent.blend import Blend
from traumer_live.latent.familiarity import Familiarity
from traumer_live.latent.guided import Guided
from traumer_live.latent.labels import Labels
from traumer_live.latent.level_transfer import LevelTransfer
from traumer_live.latent.pack import MappingPack
from traumer_live.latent.stored import from_tensors, to_tensors
from traumer_live.latent.transfer import Transfer

E_DIM, W_DIM = 6, 4
TAGS = ("slow", "techno", "harp")


def transfer(seed, w_dim=W_DIM):
    rng = np.random.default_rng(seed)
    parts = rng.standard_normal((w_dim, E_DIM)), *rng.standard_normal((3, w_dim))
    return Transfer(*(part.astype(np.float32) for part in parts))


@pytest.fixture
def pack():
    """Nine clips of three pieces; each piece lies around a corner of its own."""
    corners = np.repeat(5 * np.eye(3, E_DIM), 3, axis=0)
    e = corners[:, None] + 0.1 * np.random.default_rng(0).standard_normal((9, 2, E_DIM))
    clips = tuple({"piece": "abc"[k // 3], "start_s": float(k)} for k in range(9))
    labels = Labels(np.zeros((9, W_DIM)), e, np.zeros((9, 3)), TAGS, clips)
    places = e.mean(1).astype(np.float32)
    known = Familiarity(np.zeros(E_DIM, np.float32), np.eye(E_DIM, dtype=np.float32), places, 2.0)
    return MappingPack(transfer(0), {"labels_by": "Ada"}, labels, known)


@pytest.mark.parametrize("with_familiarity", [True, False])
def test_the_most_alike_pieces_are_named_once_each(pack, with_familiarity):
    if not with_familiarity:
        pack = replace(pack, familiarity=None)
    here = pack.labels.embeddings[4].mean(0).astype(np.float32)
    why = Known(pack, pack.mapping).why(here, np.array([0.1, 0.7, 0.3]), TAGS)
    assert why.neighbours[0].piece == "b"
    assert sorted(n.piece for n in why.neighbours) == ["a", "b", "c"]
    assert why.neighbours[0].label == 4
    assert why.neighbours[0].likeness > 0.9 > why.neighbours[1].likeness
    assert why.tags[0] == ("techno", 0.7)
    assert why.labels_by == "Ada"


def test_far_away_confidence_falls_and_the_starter_has_taken_over(pack):
    known = Known(pack, Guided(pack.mapping, pack.familiarity, transfer(1)))
    near = known.why(pack.labels.embeddings[0].mean(0), np.zeros(3), TAGS)
    far = known.why(np.full(E_DIM, 99, np.float32), np.zeros(3), TAGS)
    assert near.confidence > 0.5 > far.confidence
    assert (near.starter_share, far.starter_share) == (0, 1)


def test_without_labels_there_is_little_to_say():
    why = Known(None, transfer(0)).why(np.zeros(E_DIM), np.zeros(3), TAGS)
    assert replace(why, tags=()) == Why()


def test_every_mapping_is_written_down_to_the_last_bit(pack):
    levels = LevelTransfer(transfer(2, 3 * W_DIM), (1, 2, 2))
    guided = Guided(Blend(levels, transfer(3), 0.3), pack.familiarity, Blend(levels, levels, 1 / 3))
    e = np.random.default_rng(5).standard_normal(E_DIM).astype(np.float32)
    for mapping in (transfer(0), levels, guided):
        again = from_tensors(to_tensors(mapping))
        assert type(again) is type(mapping)
        np.testing.assert_array_equal(again(e), mapping(e))
