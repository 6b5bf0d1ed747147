"""Teaching a running show: a label is kept first, then the mapping follows, and undo takes both."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tests.music import tune
from tests.waiting import PATIENCE_S
from traumer_live.core.controls import Controls
from traumer_live.core.types import SAMPLES_PER_TICK
from traumer_live.engine.ears import Ears
from traumer_live.engine.models import load_models
from traumer_live.engine.shown import STEP_S, Shown
from traumer_live.engine.status import Notices
from traumer_live.labelling import teaching_child
from traumer_live.labelling.lesson import GIG
from traumer_live.labelling.store import Store
from traumer_live.labelling.teaching import Teacher
from traumer_live.labelling.teaching_child import Pupil, Task, from_json, to_json
from traumer_live.latent.pack import load_pack

HEARD_S = 4


@pytest.fixture(scope="module")
def heard(small_models):
    """Models, and what their ears kept of some seconds of music."""
    models = load_models(small_models.settings())
    ears = Ears(models, preset="live", seed=0)
    sound = tune(HEARD_S).astype(np.float32)  # (n, 2)
    for start in range(0, len(sound) - SAMPLES_PER_TICK + 1, SAMPLES_PER_TICK):
        tick = start // SAMPLES_PER_TICK
        ears.hear(sound[start : start + SAMPLES_PER_TICK], Controls(), fresh=tick % 15 == 0)
    ring = SimpleNamespace(read=lambda start, count: sound[start : start + count])
    spec = SimpleNamespace(kind="loopback", name="")
    return models, tuple(ears.lately), SimpleNamespace(ring=ring, spec=spec)


@pytest.fixture
def show(heard):
    """What a teacher asks of a show, without its threads."""
    models, lately, listener = heard
    playing = SimpleNamespace(
        models=models,
        next_models=models,
        lately=lately,
        listener=listener,
        shown=Shown(),
        notices=Notices(),
        teaching="",
    )

    def change_mapping(following):
        playing.models = playing.next_models = following

    playing.change_mapping = change_mapping
    return playing


def paint(show, number):
    """A picture of its own on the screen."""
    info = show.models.generator.info
    w = np.random.default_rng(number).standard_normal((info.num_ws, info.w_dim))
    pixels = np.full((*info.size[::-1], 4), number, np.uint8)
    index = round(number * STEP_S * 48_000)
    show.shown.add(index, w.astype(np.float32), pixels, show.models.generator)
    return w.astype(np.float32)


def teach(show, folder, count, learn=teaching_child.learn):
    """One lesson after the other, each with music of its own time."""
    teacher = Teacher(show, store=folder, learn=learn)
    teacher.follow(show.models)
    wanted = []
    lately = show.lately
    for number in range(count):
        # The same sound in another place of the piece: a clip of its own.
        show.lately = tuple(
            type(m)(m.sample_index, m.embedding + number, m.tags, m.pulse) for m in lately[number:]
        )
        wanted.append(paint(show, number + 1))
        teacher.teach()
    return teacher, wanted


def ended(teacher):
    """All that was asked for is done, however slow the machine is."""
    teacher.stop()
    teacher._thread.join(PATIENCE_S)


def test_labels_are_kept_and_the_fifth_changes_what_plays(show, tmp_path):
    first = show.models
    teacher, wanted = teach(show, tmp_path, 5)
    ended(teacher)
    told = show.notices.drain()
    assert told[0].startswith("Kept: 1 of 5 labels; 4 more")
    assert told[-1].startswith("Taught: the picture follows your 5 labels")
    with Store(tmp_path, read_only=True) as store:
        kept = store.labels
    assert [label.source for label in kept] == [GIG] * 5
    np.testing.assert_array_equal(kept[0].picks[0].w, wanted[0])
    assert kept[0].clip.attributes is not None
    assert show.models is not first
    assert show.models.pack.header["labels_by"].endswith(GIG)
    assert show.models.choice.mapping.startswith(str(tmp_path))
    assert show.models.generator is first.generator  # nothing was loaded anew
    assert show.teaching == ""


def test_undo_brings_the_former_mapping_back_and_retracts_the_label(show, tmp_path):
    first, picked = show.models, []
    teacher, _ = teach(show, tmp_path, 5)
    teacher._taken_up = picked.append
    teacher.undo()
    teacher.undo()
    ended(teacher)
    assert show.models is first
    assert picked[-1] == first.choice
    with Store(tmp_path, read_only=True) as store:
        assert len(store.labels) == 3
    assert show.notices.drain()[-1].startswith("Taken back")


def test_of_two_quick_lessons_undo_takes_one(show, tmp_path):
    """The second was asked for before the first was learnt; undo returns to what that taught."""
    teacher, _ = teach(show, tmp_path, 4)
    for number in (5, 6):  # both held by the models of this moment
        paint(show, number)
        teacher.teach()
    wanted = []
    change = show.change_mapping
    show.change_mapping = lambda following: (wanted.append(following), change(following))
    teacher.undo()
    ended(teacher)
    fifth, sixth, again = wanted
    assert again is fifth
    assert sixth is not fifth
    with Store(tmp_path, read_only=True) as store:
        assert len(store.labels) == 5


def test_each_pair_of_models_has_a_taught_mapping_of_its_own(show, tmp_path):
    teacher, _ = teach(show, tmp_path, 5)
    ended(teacher)
    pair = show.models.pair
    name = show.models.choice.mapping
    assert pair.generator_sha256[:6] in name
    assert pair.encoder_sha256[:6] in name


def test_whatever_goes_wrong_afterwards_the_label_is_on_the_disk(show, tmp_path):
    def stumble(_task):
        raise RuntimeError("a bug")

    first = show.models
    teacher, _ = teach(show, tmp_path, 5, learn=stumble)
    ended(teacher)
    with Store(tmp_path, read_only=True) as store:
        assert len(store.labels) == 5
    assert show.models is first
    assert "a bug" in show.notices.drain()[-1]


def test_a_process_of_its_own_learns_the_same(show, tmp_path):
    teacher, _ = teach(show, tmp_path, 5)
    ended(teacher)
    choice = replace(show.models.choice, mapping="", aspect=(16, 9))
    task = Task(choice, tmp_path, tmp_path / "again.safetensors")
    assert from_json(to_json(task)) == task
    again = load_pack(Pupil().learn(replace(task, choice=replace(choice, aspect=None))))
    np.testing.assert_allclose(
        again.transfer.weight, show.models.pack.transfer.weight, rtol=1e-3, atol=1e-6
    )


def test_what_cannot_be_taught_is_said(show, tmp_path):
    teacher = Teacher(show, store=tmp_path)
    teacher.follow(show.models)
    teacher.teach()
    paint(show, 1)
    whole = show.lately
    show.lately = whole[:20]
    teacher.teach()
    silence = type(whole[0].pulse)()
    show.lately = tuple(type(m)(m.sample_index, m.embedding, m.tags, silence) for m in whole)
    teacher.teach()
    show.lately = whole
    with Store(tmp_path):
        teacher.teach()
        teacher.undo()
        ended(teacher)
    again = Teacher(show, store=tmp_path)
    again.follow(show.models)
    paint(show, 2)
    again.teach()
    ended(again)
    with Store(tmp_path, read_only=True) as store:
        assert len(store.labels) == 2  # the one that was kept aside has joined
    told = show.notices.drain()
    assert [sentence.split(",")[0].split(";")[0] for sentence in told[:3]] == [
        "There is no picture yet to go with the music.",
        "Only 1 s were heard so far",
        "Nothing played in the last ten seconds",
    ]
    assert "Kept aside" in told[3]
    assert "could be taken back" in told[4]
    assert "Kept: 2 of 5" in told[5]


def test_the_strip_keeps_a_picture_a_second_and_forgets_other_generators(show):
    info, strip = show.models.generator.info, show.shown
    assert strip.newest is None
    rows, pixels = np.zeros((info.num_ws, info.w_dim), np.float32), np.zeros((8, 8, 4), np.uint8)
    for tick in range(90):
        strip.add(tick * SAMPLES_PER_TICK, rows + tick, pixels, show.models.generator)
    assert [int(p.w_plus[0, 0]) for p in strip.strip] == [0, 30, 60]
    assert strip.newest.w_plus[0, 0] == 89
    strip.add(90 * SAMPLES_PER_TICK, rows, pixels, object())
    assert len(strip.strip) == 1
