"""The annotator wants what the literature reports, in ranks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.labelling.made_up import made_up_clips
from traumer_live.labelling.annotators import (
    IMPORTANCE,
    MOODS,
    WANTED,
    Collection,
    ranks,
    unsuitability,
    wanted_attributes,
)
from traumer_live.labelling.music_attributes import MusicAttributes
from traumer_live.labelling.picture_attributes import PICTURE_ATTRIBUTES

MIDDLING = MusicAttributes(110, 0.5, 0.0, 11.0, -18.0, 8.0, 1.5, 0.3)
FAST_MAJOR = replace(MIDDLING, tempo=160, mode=0.3, onset_density=3.0)
SLOW_MINOR = replace(MIDDLING, tempo=60, mode=-0.3, onset_density=0.3)
LOUD = replace(MIDDLING, loudness=-9.0, percussiveness=0.8)


def wants(*attributes):
    clips = Collection(attributes, np.zeros((len(attributes), 0), np.float32), ())
    return [dict(zip(PICTURE_ATTRIBUTES, row, strict=True)) for row in wanted_attributes(clips)]


def test_fast_major_music_wants_lighter_more_saturated_yellower_pictures():
    happy, sad, _ = wants(FAST_MAJOR, SLOW_MINOR, MIDDLING)
    for name in ("lightness", "saturation", "yellowness"):
        assert happy[name] > sad[name]


def test_loud_punchy_music_wants_redder_darker_pictures_with_edges():
    loud, plain, _ = wants(LOUD, MIDDLING, SLOW_MINOR)
    for name in ("redness", "saturation", "edges", "contrast"):
        assert loud[name] > plain[name]
    assert loud["lightness"] < plain["lightness"]


def test_every_rank_of_the_generator_is_wanted_by_someone():
    clips = made_up_clips()
    wanted = wanted_attributes(Collection(clips.attributes, clips.tags, clips.tag_names))
    assert wanted.shape == (60, len(PICTURE_ATTRIBUTES))
    np.testing.assert_allclose(wanted.mean(0), 0.5, atol=0.01)
    assert (wanted.max(0) > 0.95).all()
    assert (wanted.min(0) < 0.05).all()


def test_what_is_mixed_exists():
    measured = set(MusicAttributes.__dataclass_fields__) | {"lively", "happy"} | set(MOODS)
    for weights in (*MOODS.values(), *WANTED.values()):
        assert set(weights) <= measured
    assert set(WANTED) == set(IMPORTANCE) == set(PICTURE_ATTRIBUTES)


def test_ranks_share_ties():
    np.testing.assert_allclose(ranks(np.array([5.0, 1.0, 1.0, 9.0])), [2 / 3, 1 / 6, 1 / 6, 1])
    assert ranks(np.array([7.0])) == 0


def test_what_was_wanted_suits_best():
    wanted = np.random.default_rng(0).random((4, 8)).astype(np.float32)
    cost = unsuitability(wanted, wanted)
    assert (cost.argmin(1) == np.arange(4)).all()
    np.testing.assert_allclose(np.diag(cost), 0, atol=1e-6)
