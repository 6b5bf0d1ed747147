"""The store of labels loses nothing, whatever happens to the program or the disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests.labelling.made_up import character
from tests.music import tune
from traumer_live.core.errors import OutputError
from traumer_live.embedding.encoder import load_encoder
from traumer_live.labelling.errors import LabelError
from traumer_live.labelling.exchange import export_labels, import_labels, import_origin
from traumer_live.labelling.journal import Journal, line_of, read_journal
from traumer_live.labelling.label import Clip, Label, ModelIds, Pick, Screen
from traumer_live.labelling.store import JOURNAL, Store
from traumer_live.latent.origin import LABELS, SOUND, STYLE, load_origin_labels

MODELS = ModelIds("dream", "a" * 64, "ears", "b" * 64)


def some_label(number=0, *, w=None, file="f"):
    rng = np.random.default_rng(number)
    clip = Clip(
        file=f"{file}{number}",
        piece=f"piece {number}",
        start_s=12.5,
        length_s=10.0,
        embeddings=rng.standard_normal((5, 16)).astype(np.float16).astype(np.float32),
        tags=np.array([0.5, 0.25], np.float32),
        attributes=character(rng.standard_normal(5)),
    )
    w = rng.standard_normal(8).astype(np.float32) if w is None else w
    picks = (Pick(w, np.arange(8, dtype=np.float32)), Pick(w + 1))
    return Label("", "", clip, picks, (Screen(200, seed=number),), MODELS, "Ada", "a note")


def test_what_was_labelled_comes_back(tmp_path):
    with Store(tmp_path, annotator="Ada") as store:
        first = store.add(some_label(0))
        second = store.add(some_label(1, w=np.ones((14, 8), np.float32)))
    with Store(tmp_path) as store:
        assert store.annotator == "Ada"
        assert [label.id for label in store.labels] == [first.id, second.id]
        back, wanted = store.labels[0], some_label(0)
        np.testing.assert_array_equal(back.clip.embeddings, wanted.clip.embeddings)
        np.testing.assert_array_equal(back.picks[1].w, wanted.picks[1].w)
        assert back.clip.attributes == wanted.clip.attributes
        assert (back.screens, back.models, back.note) == (wanted.screens, MODELS, "a note")
        assert store.labels[1].picks[0].is_plus
        assert not store.notice


def test_undo_takes_back_the_newest_and_the_journal_keeps_all(tmp_path):
    with Store(tmp_path) as store:
        label = store.add(some_label(0))
        store.skip("x@1.00")
        store.pin(Pick(np.zeros(8, np.float32)))
        assert [store.undo(), store.undo()] == ["pin", "skip"]
        assert (store.skipped, store.favourites) == (frozenset(), ())
        assert store.labels == (label,)
        assert store.undo() == "label"
        assert store.undo() is None
    assert len(read_journal(tmp_path / JOURNAL).events) == 1 + 3 + 3
    with Store(tmp_path) as store:
        assert store.labels == ()


@pytest.mark.parametrize("cut", [1, 7, 100])
def test_a_torn_last_line_is_set_aside_and_the_rest_is_there(tmp_path, cut):
    with Store(tmp_path) as store:
        kept = store.add(some_label(0))
        store.add(some_label(1))
    path = tmp_path / JOURNAL
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    with Store(tmp_path) as store:
        assert [label.id for label in store.labels] == [kept.id]
        assert "torn by a crash" in store.notice
        again = store.add(some_label(2))
    with Store(tmp_path) as store:
        assert [label.id for label in store.labels] == [kept.id, again.id]
        assert not store.notice
    (aside,) = tmp_path.glob("*.torn1")
    assert whole[:-cut].endswith(aside.read_bytes())


def test_a_damaged_line_in_the_middle_costs_only_itself(tmp_path):
    with Store(tmp_path) as store:
        ids = [store.add(some_label(k)).id for k in range(3)]
    path = tmp_path / JOURNAL
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b"piece", b"peace", 1)
    path.write_bytes(b"".join(lines))
    before = path.read_bytes()
    with Store(tmp_path) as store:
        assert [label.id for label in store.labels] == [ids[0], ids[2]]
        assert "1 damaged entry was passed over" in store.notice
    assert path.read_bytes() == before


def test_every_prefix_of_a_journal_can_be_read(tmp_path):
    path = tmp_path / "j"
    events = [{"n": k, "text": "ä\n\r\u2028" * k} for k in range(4)]
    data = b"".join(map(line_of, events))
    for size in range(len(data) + 1):
        path.write_bytes(data[:size])
        contents = read_journal(path)
        assert list(contents.events) == events[: len(contents.events)]
        assert contents.damaged == 0
        assert data[: contents.whole] + contents.torn == data[:size]


def test_two_labellers_are_told_apart(tmp_path):
    with Store(tmp_path):
        with pytest.raises(LabelError, match="already; close that window"):
            Store(tmp_path)
        reader = Store(tmp_path, read_only=True)
        with pytest.raises(LabelError, match="reading only"):
            reader.add(some_label())
    Store(tmp_path).close()


def test_a_store_of_a_newer_program_is_read_only_with_a_notice(tmp_path):
    with Store(tmp_path) as store:
        store.add(some_label())
    path = tmp_path / JOURNAL
    head, *rest = read_journal(path).events
    future = [{**head, "version": 2}, *rest, {"event": "dance", "id": "x"}]
    path.write_bytes(b"".join(map(line_of, future)))
    before = path.read_bytes()
    with Store(tmp_path) as store:
        assert store.read_only
        assert "newer version" in store.notice
        assert len(store.labels) == 1
        with pytest.raises(LabelError, match="newer version"):
            store.add(some_label(1))
    assert path.read_bytes() == before


def test_another_kind_of_file_is_refused(tmp_path):
    (tmp_path / JOURNAL).write_bytes(line_of({"kind": "diary", "version": 1}))
    with pytest.raises(LabelError, match="no labels of this program"):
        Store(tmp_path)


def test_a_full_disk_is_said_and_loses_nothing(tmp_path, monkeypatch):
    with Store(tmp_path) as store:
        kept = store.add(some_label(0))
        write = os.write

        def full(file, data):
            write(file, data[:20])
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "write", full)
        with pytest.raises(OutputError, match="No space left"):
            store.add(some_label(1))
        assert store.labels == (kept,)
        monkeypatch.undo()
        second = store.add(some_label(2))
    with Store(tmp_path) as store:
        assert [label.id for label in store.labels] == [kept.id, second.id]
        assert not store.notice


def test_numbers_that_are_none_are_not_kept(tmp_path):
    with Store(tmp_path) as store, pytest.raises(LabelError, match="not numbers"):
        store.add(some_label(w=np.full(8, np.nan, np.float32)))


def test_screens_are_kept_once_and_found_again(tmp_path):
    w = np.random.default_rng(0).standard_normal((6, 8)).astype(np.float16).astype(np.float32)
    with Store(tmp_path) as store:
        first, second = store.keep_screen(w), store.keep_screen(w)
        assert first == second
        np.testing.assert_array_equal(store.screen_w(first, None), w)
        np.testing.assert_array_equal(
            store.screen_w(Screen(3, seed=5), lambda count, seed: np.full((count, 8), seed)), 5
        )
        assert store.screen_w(Screen(3, file="gone.npy"), None) is None
        assert store.screen_w(Screen(3, file="../labels.journal"), None) is None


def test_a_killed_labeller_loses_nothing_that_was_acknowledged_and_frees_the_lock(tmp_path):
    script = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[2])\n"
        "from tests.labelling.test_store import some_label, Store\n"
        "store = Store(Path(sys.argv[1]))\n"
        "k = 0\n"
        "while True:\n"
        "    print(store.add(some_label(k)).id, flush=True); k += 1\n"
    )
    root = str(Path(__file__).parents[2])
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), root], stdout=subprocess.PIPE, text=True
    )
    told = [child.stdout.readline().strip() for _ in range(20)]
    child.send_signal(signal.SIGKILL)
    told += child.stdout.read().split()
    child.wait()
    child.stdout.close()
    with Store(tmp_path) as store:
        assert [label.id for label in store.labels][: len(told)] == told


def test_an_absent_journal_is_empty_and_a_new_one_can_be_appended_to(tmp_path):
    assert read_journal(tmp_path / "none").events == ()
    journal = Journal(tmp_path / "new")
    journal.append({"a": 1})
    journal.close()
    assert read_journal(tmp_path / "new").events == ({"a": 1},)


def test_labels_go_out_and_into_another_store_once(tmp_path):
    target = tmp_path / "mine.jsonl"
    with Store(tmp_path / "a", annotator="Ada") as store:
        store.add(some_label(0))
        store.add(some_label(1, w=np.ones((14, 8), np.float32)))
        assert export_labels(store, target) == 2
        with pytest.raises(OutputError, match="already exists"):
            export_labels(store, target)
    with Store(tmp_path / "b") as other:
        assert import_labels(other, target) == 2
        assert import_labels(other, target) == 0
        np.testing.assert_array_equal(other.labels[1].picks[0].w, np.ones((14, 8)))
        assert other.labels[0].annotator == "Ada"
        target.write_text(target.read_text() + '{"not": "a label"}\n')
        with pytest.raises(LabelError, match="Line 3"):
            import_labels(other, target)
        assert len(other.labels) == 2


def test_the_first_traeumerais_labels_are_heard_and_taken_once(tmp_path):
    sound = np.repeat(tune(4.5)[::3, 0][None], 2, axis=0).astype(np.float32)  # 16 kHz
    sound[1] *= 0.5
    path = tmp_path / "origin.safetensors"
    save_file(
        {STYLE: np.ones((3, 8), np.float32), SOUND.format(0): sound[0], SOUND.format(1): sound[1],
         SOUND.format(2): sound[0, :100]},
        path,
        {"kind": LABELS},
    )  # fmt: skip
    origin, encoder = load_origin_labels(path), load_encoder()
    with Store(tmp_path / "store") as store:
        assert import_origin(store, origin, encoder, MODELS) == 2  # the third is too short
        assert import_origin(store, origin, encoder, MODELS) == 0
        first, second = store.labels
        assert first.clip.embeddings.shape == (5, 256)
        np.testing.assert_array_equal(first.picks[0].w, np.ones(8))
        assert first.clip.piece == "origin 1"
        assert first.clip.attributes.loudness > second.clip.attributes.loudness + 5
