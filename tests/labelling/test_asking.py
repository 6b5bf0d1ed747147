"""What is asked next, what is shown for it, and how a picture is refined: with made-up models."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from tests.labelling.made_up import E_DIM, W_DIM, made_up_clips
from tests.waiting import PATIENCE_S
from traumer_live.core.errors import ModelError
from traumer_live.labelling.asking import STARTER_CONFIDENCE, Asker
from traumer_live.labelling.contradictions import contradicted
from traumer_live.labelling.easel import LATER, NOW, Easel, thumbnail_exit
from traumer_live.labelling.label import Clip, Label, ModelIds, Pick
from traumer_live.labelling.nudging import AXES, Compass
from traumer_live.labelling.picture_attributes import PICTURE_ATTRIBUTES
from traumer_live.labelling.proposals import propose
from traumer_live.labelling.scaling import Spread
from traumer_live.labelling.sheets import proposed_sheet, random_sheet, sheet_like
from traumer_live.labelling.workshop import Workshop
from traumer_live.latent.transfer import Transfer
from traumer_live.synthesis.generator import GeneratorInfo

IDS = ModelIds("dream", "a" * 64, "ears", "b" * 64)
SPREAD = Spread(np.full(W_DIM, 3, np.float32), np.full(W_DIM, 0.5, np.float32))
INFO = GeneratorInfo(
    "dream", "a" * 64, 256, 6, W_DIM, W_DIM, "onnx", (), 1, (256, 256), "stylegan2-skip", 0,
    exits=(32, 64, 128, 256), work=(1, 1, 1, 1),
)  # fmt: skip


@dataclass
class MadeUp:
    """A generator whose pictures are as light as their first number."""

    info: GeneratorInfo = INFO

    def map(self, z):
        return (SPREAD.mu + SPREAD.sigma * z).astype(np.float32)

    def prepare(self, exit_resolution=None):
        assert exit_resolution in self.info.exits

    def synthesize(self, w_plus, *, exit_resolution=None):
        if w_plus[0, 0] > 1e6:
            raise ModelError("Too bright to be painted.")
        size = exit_resolution or 256
        return np.full((size, size, 4), np.clip(40 * w_plus[0, 0], 0, 255), np.uint8)


def clips(count=24):
    made = made_up_clips(count, 1)
    return [
        Clip(f"file {k}", made.pieces[k], 0.0, 10.0, made.embeddings[k], made.tags[k])
        for k in range(count)
    ]


def workshop(*, music=True, starter=None):
    known = made_up_clips(30, 2, seed=7)
    windows = known.embeddings.reshape(-1, E_DIM)
    pieces = np.repeat(np.array(known.pieces), known.embeddings.shape[1])
    if not music:
        windows, pieces = windows[:0], pieces[:0]
    return Workshop(MadeUp(), Path("ears"), (), IDS, SPREAD, windows, pieces, starter)


def label(clip, w, look=None, number=0):
    return Label(f"id{number}", "", clip, (Pick(w, look),), (), IDS)


def labels_for(some, seed=0):
    w = random_sheet(workshop(), len(some), seed).w
    return [label(clip, row, number=k) for k, (clip, row) in enumerate(zip(some, w, strict=True))]


def test_a_clip_is_asked_once_and_none_when_all_were():
    asker, library = Asker(workshop()), clips(6)
    known = []
    for _ in range(5):
        known += labels_for([asker.ask(library, known, frozenset({library[0].key})).clip])
    asked = {each.clip.key for each in known}
    assert asked == {clip.key for clip in library[1:]}
    assert asker.ask(library, known, frozenset({library[0].key})) is None


def test_it_knows_when_nothing_is_gained_any_more():
    asker, library = Asker(workshop()), clips(30)
    assert not asker.ask(library, labels_for(library[:5])).enough
    known = [again for k in range(12) for again in labels_for(library, seed=k)]
    assert asker.ask([*library, replace(library[0], start_s=99.0)], known).enough


def test_what_was_labelled_is_sure_and_guessed_near_the_labels():
    asker, library = Asker(workshop()), clips()
    known = labels_for(library[:12])
    about = asker.about(library[0], known)
    other = asker.confidence([library[0], library[-1]], known)
    assert about.confidence == pytest.approx(other[0])
    assert other[0] > 0.5
    assert len(about.guesses) == 8
    wanted = SPREAD.normalised(known[0].picks[0].w)
    guess = about.guesses.mean(0)
    assert guess @ wanted / np.linalg.norm(guess) / np.linalg.norm(wanted) > 0.5


def test_before_there_are_labels_the_starter_is_heard_a_little():
    starter = Transfer(
        np.zeros((W_DIM, E_DIM), np.float32), np.ones(W_DIM, np.float32), *SPREAD.parts
    )
    about = Asker(workshop(starter=starter)).about(clips(1)[0], [])
    assert about.confidence == STARTER_CONFIDENCE
    assert about.guesses.shape == (1, W_DIM)
    assert len(Asker(workshop()).about(clips(1)[0], []).guesses) == 0


def test_labels_of_other_models_teach_nothing_and_their_clips_are_asked_again():
    asker, library = Asker(workshop()), clips(2)
    foreign = [
        replace(each, models=replace(IDS, generator_sha256="c" * 64))
        for each in labels_for(library)
    ]
    assert asker.ask(library, foreign) is not None
    assert not asker.confidence(library, foreign).any()


def test_a_foreign_tagger_learns_its_map_from_the_library_itself():
    asker, library = Asker(workshop(music=False)), clips()
    assert asker.ask(library[:1], []).clip is library[0]
    assert asker.ask(library, labels_for(library[:5])) is not None
    assert len(asker.places(library)) == len(library)


def test_a_screen_begins_with_the_dream_and_holds_each_picture_once():
    room, library = workshop(), clips()
    asked = Asker(room).about(library[0], labels_for(library[:12]))
    w = proposed_sheet(room, asked, 48, seed=1).w
    np.testing.assert_allclose(SPREAD.normalised(w[0]), asked.guesses.mean(0), atol=1e-4)
    assert len(np.unique(w.round(4), axis=0)) == 48
    assert not np.array_equal(w, proposed_sheet(room, asked, 48, seed=2).w)


def test_random_screens_are_known_by_their_seed_and_like_ones_lie_around_their_picture():
    room = workshop()
    sheet = random_sheet(room, 20, 3)
    np.testing.assert_array_equal(
        sheet.w, random_sheet(room, sheet.screen.count, sheet.screen.seed).w
    )
    alike = sheet_like(room, sheet.w[0], 200, seed=1).w
    away = np.linalg.norm(SPREAD.normalised(alike) - SPREAD.normalised(sheet.w[0]), axis=1)
    assert away[:40].mean() < 0.7 * away[-40:].mean()


@pytest.fixture(scope="module")
def compass():
    """It has seen pictures whose first six attributes are linear in w, saturation in its hue."""
    found = Compass(SPREAD)
    for row in random_sheet(workshop(), 200, 5).w:
        found.add(row, look_of(row))
    return found


def look_of(w):
    x = SPREAD.normalised(w)
    return np.array(
        [x[0], np.hypot(x[1], x[2]), x[1], x[2], x[3], x[4], x[5], 0], np.float32
    ) * np.array([0.1, 0.05, 0.05, 0.05, 0.1, 0.2, 0.4, 1], np.float32)


@pytest.mark.parametrize(
    ("axis", "attribute"),
    [("brightness", "lightness"), ("warmth", "yellowness"), ("colour", "saturation")],
)
def test_a_nudge_moves_its_own_measure_and_hardly_another(compass, axis, attribute):
    index = PICTURE_ATTRIBUTES.index(attribute)
    more, less = [], []
    for row in random_sheet(workshop(), 20, 11).w:
        more.append((look_of(compass.nudged(row, axis, 1)) - look_of(row)) / compass.deviation)
        less.append((look_of(compass.nudged(row, axis, -1)) - look_of(row)) / compass.deviation)
    assert np.mean(more, 0)[index] > 0.4
    assert np.mean(less, 0)[index] < -0.2
    assert abs(np.mean(more, 0)[PICTURE_ATTRIBUTES.index("complexity")]) < 0.15


def test_many_nudges_never_leave_the_pictures(compass):
    w = random_sheet(workshop(), 1, 12).w[0]
    for _ in range(30):
        w = compass.nudged(w, "brightness", 1)
    assert np.linalg.norm(SPREAD.normalised(w)) < 2 * np.sqrt(W_DIM)
    rows = np.repeat(w[None], 6, axis=0)
    assert compass.nudged(rows, "colour", 1).shape == rows.shape
    with pytest.raises(ValueError, match="too few"):
        Compass(SPREAD).nudged(w, next(iter(AXES)), 1)


def test_opposite_pictures_for_the_same_music_are_a_contradiction():
    w, places = np.zeros(W_DIM, np.float32), np.array([[0, 0], [0.1, 0], [9, 0]], np.float32)
    a, near, far = clips(3)
    dark, light = np.zeros(8, np.float32), np.full(8, 3, np.float32)
    new = label(a, w, light)
    before = [label(near, w, dark, 1), label(far, w, dark, 2)]
    deviation = np.ones(8, np.float32)
    assert contradicted(new, before, places, 1.0, deviation) is before[0]
    assert contradicted(label(a, w, dark), before, places, 1.0, deviation) is None
    assert contradicted(new, before, places, 1.0, None) is None
    again = label(a, w, dark, 3)
    assert contradicted(new, [*before, again], places[[0, 1, 2, 0]], 1.0, None) is again


def test_the_easel_paints_what_is_looked_at_first_and_survives_what_cannot_be_painted():
    painted, failed, hold, all_done = [], [], threading.Event(), threading.Event()

    def take(picture):
        hold.wait(PATIENCE_S)
        painted.append(picture)
        if picture.key == "last":
            all_done.set()

    easel = Easel(MadeUp(), take, failed.append)
    w = SPREAD.mu
    easel.paint("first", w)
    for key in ("a", "gone", "b"):
        easel.paint(key, w)
    easel.paint("bad", w * 1e9)
    easel.paint("now", np.repeat(w[None], 6, axis=0), size="large", urgency=NOW)
    easel.paint("last", w, urgency=LATER)
    easel.forget(lambda key: key == "gone")
    hold.set()
    assert all_done.wait(PATIENCE_S)
    easel.close()
    keys = [picture.key for picture in painted]
    assert sorted(keys) == sorted(["first", "now", "a", "b", "last"])
    assert keys.index("now") < keys.index("a") < keys.index("b") < keys.index("last")
    assert failed == ["Too bright to be painted."]
    assert painted[keys.index("a")].pixels.shape == (128, 128, 4)
    assert painted[keys.index("now")].pixels.shape == (256, 256, 4)


def test_a_thumbnail_is_never_smaller_than_it_is_shown():
    assert thumbnail_exit(INFO) == 128
    assert thumbnail_exit(replace(INFO, exits=(32, 64))) == 64
    assert thumbnail_exit(replace(INFO, exits=())) == 256


def test_no_picture_is_shown_a_second_time_mixed_with_the_dream():
    """Each proposal has a random picture of its own in it, and the dreams are not alike."""
    rng = np.random.default_rng(2)
    pool = rng.standard_normal((4 * 48, 64)).astype(np.float32)
    guesses = rng.standard_normal((6, 64)).astype(np.float32)
    for seed in range(5):
        shown = propose(pool, guesses, 48, confidence=1.0, seed=seed)
        assert shown.shape == (48, 64)
        inside = [
            frozenset(np.flatnonzero(pool @ w > 0.5 * np.square(pool).sum(1)).tolist())
            for w in shown[2:]
        ]
        pictures = [k for found in inside for k in found]
        assert len(pictures) == len(set(pictures))
    almost = np.concatenate([guesses[:1], guesses[:1] + 0.01, -3 * guesses[:1]])
    first, second = propose(pool, almost, 48, confidence=1.0)[:2]
    assert np.abs(second - almost[2]).max() < 1e-6, "the member that is least like the mean"
    assert not np.allclose(first, second)
