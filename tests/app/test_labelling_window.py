"""The labelling window: from a folder of music to a mapping that the show plays, all by key."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QFontMetrics
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLabel

from tests.labelling.made_up import made_up_clips
from tests.models import E_DIM
from tests.music import tune, write_wav
from tests.waiting import PATIENCE_S
from traumer_live.app.display import check_display
from traumer_live.app.labelling.beside_show import BesideShow, remembered_folder, take_up
from traumer_live.app.labelling.desk import LabellingDesk
from traumer_live.app.labelling.pictures import MODES
from traumer_live.app.labelling.window import SMALLEST, LabellingWindow
from traumer_live.app.labelling.wishes import Wishes
from traumer_live.app.texts import labelling as texts
from traumer_live.app.widgets import Button
from traumer_live.audio.loop_player import LoopPlayer
from traumer_live.cli import main
from traumer_live.core.errors import DisplayError, SourceError
from traumer_live.engine.models import Choice
from traumer_live.labelling.candidates import random_w
from traumer_live.labelling.clip_cache import ClipCache, Outcome
from traumer_live.labelling.errors import LabelError
from traumer_live.labelling.identity import file_identity
from traumer_live.labelling.journal import Journal
from traumer_live.labelling.label import Clip
from traumer_live.labelling.store import JOURNAL, Store, default_store
from traumer_live.labelling.workshop import open_workshop
from traumer_live.latent.guided import Guided

pytestmark = pytest.mark.qt
PIECES = 8


@pytest.fixture(scope="module")
def workshop(small_models):
    return open_workshop(Choice(generator=str(small_models.generator)))


@pytest.fixture(scope="module")
def music(tmp_path_factory, workshop) -> Path:
    """Short files that were heard before: nothing needs the tagger but ``new.wav``."""
    folder = tmp_path_factory.mktemp("music")
    rng = np.random.default_rng(4)
    known, cache = made_up_clips(PIECES, 1), ClipCache(workshop.ids.encoder_sha256)
    for k in range(PIECES):
        path = write_wav(folder / f"piece {k}.wav", tune(1, seed=k))
        embeddings = workshop.music[rng.integers(len(workshop.music))] + np.zeros((5, E_DIM))
        tags = rng.random(len(workshop.tag_names)).astype(np.float32)
        clip = Clip(file_identity(path), "", 0.0, 1.0, embeddings, tags, known.attributes[k])
        cache.keep(file_identity(path), Outcome((clip,)))
    (folder / "notes.mp3").write_bytes(b"no music at all")
    return folder


class Room:
    """A window and what a person does in it."""

    def __init__(self, desk, window, bot):
        self.desk, self.window, self.bot = desk, window, bot
        self.told = []
        desk.notice.connect(self.told.append)

    def key(self, key, modifier=Qt.KeyboardModifier.NoModifier):
        QTest.keyClick(self.window, key, modifier)

    def ready(self, pictures=1):
        """A clip is asked for, and some of its pictures are there."""
        self.bot.waitUntil(lambda: self.desk.now is not None and not self.desk.asking)
        self.bot.waitUntil(lambda: len(self.painted()) >= pictures)
        return self.desk.now

    def painted(self):
        return [tile for tile in self.desk.now.tiles if tile.pixels is not None]

    def label(self, pictures=1):
        """Look at the first picture and choose it; what was asked."""
        moment = self.ready(pictures)
        self.key(Qt.Key.Key_Right)
        self.key(Qt.Key.Key_Return)
        self.bot.waitUntil(lambda: self.desk.now is not moment and not self.desk.asking)
        return moment


class Silent(LoopPlayer):
    def __init__(self):
        super().__init__(lambda: None)


@pytest.fixture
def enter(qapp, qtbot, workshop, music, tmp_path):
    """Opens labelling windows; what is left open is closed."""
    opened = []

    def go_in(store=None, mode="few", **wishes):
        wished = Wishes(music, store or tmp_path / "store", **wishes)
        desk = LabellingDesk(wished, player=Silent(), workshop=lambda: workshop)
        window = LabellingWindow(desk)
        opened.append((desk, window))
        qtbot.open(window)
        window.show_mode(mode)
        room = Room(desk, window, qtbot)
        desk.start()
        return room

    yield go_in
    for desk, window in opened:
        window.hide()
        window.fitter.close()
        desk.close()
        window.deleteLater()


def test_from_a_folder_to_a_mapping_that_the_show_plays(enter, live, qtbot, workshop):
    room = enter(annotator="Ada", note="by a test")
    asked = [room.label().asked.clip for _ in range(6)]
    assert len({clip.key for clip in asked}) == 6
    labels = room.desk.store.labels
    assert [label.clip.key for label in labels] == [clip.key for clip in asked]
    assert {(label.annotator, label.note) for label in labels} == {("Ada", "by a test")}
    assert all(label.picks[0].look is not None for label in labels)
    made, window = [], room.window
    window.fitter.fitted.connect(made.append)
    room.key(Qt.Key.Key_F)
    assert window.result.text() == "Fitting…"
    qtbot.waitUntil(lambda: bool(made))
    assert made[0].pack.exists()
    assert "6 labels" in window.result.text()
    assert str(made[0].pack) in window.result.toolTip()
    assert window.result.heightForWidth(window.result.width()) <= window.result.height()
    choice = take_up(live.show, made[0])
    qtbot.waitUntil(lambda: live.show.models.choice == choice)
    assert choice.mapping == str(made[0].pack)
    assert isinstance(live.show.models.transfer, Guided)


def test_a_choice_is_answered_before_the_next_clip_is_found(enter):
    room = enter()
    moment = room.ready()
    room.key(Qt.Key.Key_Right)
    room.key(Qt.Key.Key_Return)
    assert room.desk.asking
    assert room.window.choose.text() == texts.COMING
    room.bot.waitUntil(lambda: room.desk.now is not moment and not room.desk.asking)
    room.bot.waitUntil(lambda: room.window.choose.text().startswith("Choose this one"))


def test_the_names_of_the_ways_have_room(enter):
    room = enter()
    for mode in MODES:
        room.window.show_mode(mode)
        button = room.window.modes.button(mode)
        button.ensurePolished()
        wide = QFontMetrics(button.font()).horizontalAdvance(button.text())
        assert wide + 4 <= button.width()


def test_a_ranking_another_screen_and_the_papers_way(enter):
    room = enter(mode="guided")
    first = room.ready()
    assert len(first.tiles) == 200
    assert first.tiles[0].origin == "proposed"
    room.key(Qt.Key.Key_Left)
    room.key(Qt.Key.Key_M)
    best = room.desk.pictures.current
    room.key(Qt.Key.Key_N)
    room.bot.waitUntil(lambda: len(first.sheets) == 2)
    room.window.show_mode("paper")
    room.bot.waitUntil(lambda: len(first.sheets) == 3 and first.tiles[0].origin == "random")
    room.key(Qt.Key.Key_Right)
    second = room.desk.pictures.current
    room.key(Qt.Key.Key_1)
    assert room.window.choose.text().startswith("Choose 2")
    room.key(Qt.Key.Key_Return)
    (label,) = room.desk.store.labels
    assert [len(screen_w) for screen_w in screens(room, label)] == [200, 200, 200]
    for pick, tile in zip(label.picks, (second, best), strict=True):
        np.testing.assert_array_equal(pick.w, tile.w)
    assert label.screens[2].seed is not None
    np.testing.assert_allclose(screens(room, label)[2], [t.w for t in first.tiles], atol=1e-6)


def screens(room, label):
    generator = room.desk.workshop.generator
    return [
        room.desk.store.screen_w(screen, lambda n, seed: random_w(generator, n, seed))
        for screen in label.screens
    ]


def test_refining_changes_the_picture_and_restoring_brings_it_back(enter, monkeypatch):
    monkeypatch.setattr("traumer_live.labelling.nudging.FEWEST", 30)
    room = enter()
    room.ready(30)
    pictures = room.desk.pictures
    room.key(Qt.Key.Key_Right)
    tile = pictures.current
    before = tile.w
    room.key(Qt.Key.Key_B)
    assert tile.refined
    assert np.abs(tile.w - before).max() > 0
    room.bot.waitUntil(lambda: tile.large is not None)
    room.key(Qt.Key.Key_R)
    np.testing.assert_array_equal(tile.w, before)
    room.key(Qt.Key.Key_M)
    room.key(Qt.Key.Key_Down)
    other = pictures.current
    fine = other.w
    room.key(Qt.Key.Key_X)
    assert other.w.shape == (10, 64)
    np.testing.assert_array_equal(other.w[0], before)
    np.testing.assert_array_equal(other.w[-1], fine)
    room.key(Qt.Key.Key_2)
    room.key(Qt.Key.Key_Return)
    assert [pick.is_plus for pick in room.desk.store.labels[0].picks] == [False, True]


def test_skip_undo_and_favourites(enter):
    room = enter()
    skipped = room.ready()
    room.key(Qt.Key.Key_S)
    room.bot.waitUntil(lambda: room.desk.now not in (None, skipped))
    labelled = room.label()
    room.ready()
    room.key(Qt.Key.Key_Right)
    room.key(Qt.Key.Key_P)
    assert len(room.desk.favourites) == len(room.desk.store.favourites) == 1
    room.key(Qt.Key.Key_U)  # the favourite
    assert not room.desk.store.favourites
    room.key(Qt.Key.Key_U)  # the label, with its pictures
    assert room.desk.now is labelled
    assert not room.desk.store.labels
    assert room.window.wall.tiles == labelled.tiles
    room.key(Qt.Key.Key_U)  # the clip that was skipped
    assert room.desk.now is skipped
    assert not room.desk.store.skipped
    room.key(Qt.Key.Key_U)
    assert "nothing to take back" in room.told[-1]


def test_after_a_crash_every_label_is_there_and_its_clips_are_not_asked_again(enter, tmp_path):
    room = enter()
    known = [room.label().asked.clip.key for _ in range(2)]
    crashed = shutil.copytree(tmp_path / "store", tmp_path / "crashed")  # nothing was closed
    with (crashed / JOURNAL).open("ab") as journal:
        journal.write(b"12345678 {half a lab")
    again = enter(crashed)
    assert [label.clip.key for label in again.desk.store.labels] == known
    assert again.ready().asked.clip.key not in known
    assert any("torn by a crash" in sentence for sentence in again.told)


def test_two_labels_that_disagree_are_shown_and_settled(enter):
    room = enter()
    clip = room.label().asked.clip
    for key, left in ((Qt.Key.Key_K, 2), (Qt.Key.Key_O, 1)):
        room.desk.ask_for(clip)
        room.bot.waitUntil(
            lambda: room.desk.now is not None and room.desk.now.asked.clip.key == clip.key
        )
        room.label()
        room.bot.waitUntil(room.window.disagreement.isVisible)
        older, _ = room.window.disagreement._labels  # of several the one that differs most
        room.key(key)
        assert not room.window.disagreement.isVisible()
        assert len(room.desk.store.labels) == left + (key == Qt.Key.Key_O)
    assert older.id not in [label.id for label in room.desk.store.labels]


def test_one_store_one_labeller(enter, music, tmp_path):
    enter()
    with pytest.raises(LabelError, match="Somebody is labelling"):
        LabellingDesk(Wishes(music, tmp_path / "store"))


def test_a_store_from_the_future_is_read_only_and_says_so(enter, tmp_path):
    folder = tmp_path / "newer"
    folder.mkdir()
    journal = Journal(folder / JOURNAL)
    journal.append({"kind": "traumer-labels", "version": 99, "id": "x", "annotator": "Eve"})
    journal.close()
    room = enter(folder)
    assert any("newer version" in sentence for sentence in room.told)
    room.ready()
    room.key(Qt.Key.Key_Right)
    room.key(Qt.Key.Key_Return)
    assert "newer version" in room.told[-1]
    assert room.desk.now is not None
    assert not room.window.choose.isEnabled()


def test_too_few_labels_say_how_many_more_help(enter):
    room = enter()
    room.label()
    room.key(Qt.Key.Key_F)
    room.bot.waitUntil(lambda: not room.window.fitter.running)
    assert any("label 4 more clips" in said for said in room.window.badges.sentences)


@pytest.mark.parametrize("size", [SMALLEST, (1280, 720), (1920, 1080)])
def test_nothing_is_cut_off_and_nothing_lies_upon_another(enter, size):
    room = enter()
    room.ready()
    room.window.resize(*size)
    room.bot.waitUntil(lambda: bool(room.window.top.character.text()))
    room.bot.waitUntil(lambda: bool(room.window.top.silent.text()))
    room.bot.waitUntil(lambda: (room.window.width(), room.window.height()) == size)

    def labels():
        return [part for part in room.window.findChildren(QLabel) if part.isVisible()]

    def cut():
        whole = (part for part in labels() if not part.wordWrap())
        return [part.text() for part in whole if part.width() < part.sizeHint().width()]

    room.bot.waitUntil(lambda: not cut())
    assert any(part.text() == "all keys" for part in labels())
    column = [room.window.picture, room.window.refine, room.window.marked, room.window.choose]
    for upper, lower in pairwise(column):
        assert upper.geometry().bottom() < lower.geometry().top()
    for button in room.window.refine.findChildren(Button):
        assert button.height() >= button.sizeHint().height()


def test_the_wall_answers_to_the_pointer(enter):
    room = enter()
    room.ready()
    wall = room.window.wall
    cells = [wall.cell_of(k).center().toPoint() for k in range(len(wall.tiles))]
    QTest.mouseMove(wall, cells[3])
    QTest.mouseClick(wall, Qt.MouseButton.LeftButton, pos=cells[3])
    assert room.desk.now.marked == [wall.tiles[3]]
    assert room.desk.pictures.current is wall.tiles[3]
    QTest.mouseDClick(wall, Qt.MouseButton.LeftButton, pos=cells[5])
    assert len(room.desk.store.labels) == 1


def test_everything_is_listed_where_the_scan_found_it(enter):
    room = enter()
    room.bot.waitUntil(lambda: room.desk.progress.state == "done")
    assert room.desk.progress.clips == PIECES
    assert room.desk.progress.skipped == {"unreadable": 1}
    room.bot.waitUntil(lambda: len(room.window.top.map.points()) == PIECES)
    clip = room.desk.clips[0]
    place = QPointF(*map(float, room.window.top.map.points()[0]))
    assert room.window.top.map.clip_at(place) == clip


def test_the_map_plays_what_is_clicked_and_asks_for_what_is_clicked_twice(enter):
    room = enter()
    room.ready()
    room.bot.waitUntil(lambda: room.desk.progress.state == "done")
    chart, heard = room.window.top.map, []
    room.bot.waitUntil(lambda: len(chart.points()) == PIECES)
    room.desk.heard.connect(lambda clip, _: heard.append(clip))
    place = QPointF(*map(float, chart.points()[3])).toPoint()
    clip = chart.clip_at(QPointF(place))
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=place)
    room.bot.waitUntil(lambda: clip in heard)
    QTest.mouseDClick(chart, Qt.MouseButton.LeftButton, pos=place)
    room.bot.waitUntil(lambda: room.ready().asked.clip.key == clip.key)


def test_it_says_when_another_label_teaches_hardly_anything(enter):
    room = enter()
    asked = room.ready().asked
    assert not any("cover this music" in told for told in room.window.badges.sentences)
    room.window.show_asked(replace(asked, enough=True))
    assert any("cover this music" in told for told in room.window.badges.sentences)


def test_the_studio_opens_it_once_and_remembers_the_folder(live, music, workshop, monkeypatch):
    monkeypatch.setattr("traumer_live.app.labelling.desk.open_workshop", lambda _: workshop)
    monkeypatch.setattr("traumer_live.app.labelling.desk.LoopPlayer", Silent)
    beside: BesideShow = live.window.top.labelling
    with pytest.raises(SourceError):
        LabellingDesk(Wishes(music / "nowhere", music))
    told = []
    live.desk.notice.connect(told.append)
    assert beside.open(music / "nowhere") is None
    assert "no folder" in told[-1]
    try:
        assert beside.open(music) is not None
        assert remembered_folder() == music
        beside.ask()  # comes to the front; no dialog
        assert beside.window is not None
    finally:
        beside.finish()
    assert beside.window is None
    Store(default_store()).close()  # nobody holds it any more


def test_closing_it_does_not_wait_for_what_was_begun(live, music, workshop, monkeypatch, qtbot):
    """The GUI thread draws the audience's picture: it must not stand still for a fit."""
    monkeypatch.setattr("traumer_live.app.labelling.desk.open_workshop", lambda _: workshop)
    monkeypatch.setattr("traumer_live.app.labelling.desk.LoopPlayer", Silent)
    beside: BesideShow = live.window.top.labelling
    window = beside.open(music)
    ended = threading.Event()
    told = []
    live.desk.notice.connect(told.append)
    try:
        window.fitter._errands.run(lambda: ended.wait(PATIENCE_S))  # a fit that takes its time
        beside.close()
        assert beside.window is None
        assert not window.isVisible()
        with pytest.raises(LabelError):
            Store(default_store())  # it is still at work there
        assert beside.open(music) is None
        assert told == [texts.STILL_ENDING]
    finally:
        ended.set()
    qtbot.waitUntil(lambda: beside._leaving is None)
    Store(default_store()).close()


def test_the_command_says_in_a_sentence_what_is_wrong(tmp_path, capsys, monkeypatch):
    assert main(["label", "--music", str(tmp_path / "none")]) == 1
    assert "is no folder" in capsys.readouterr().err
    (tmp_path / "cover.jpg").touch()
    assert main(["label", "--music", str(tmp_path)]) == 1
    assert "There is no music in" in capsys.readouterr().err
    monkeypatch.delenv("DISPLAY")
    with pytest.raises(DisplayError, match="label on a machine with a screen"):
        check_display(instead="label on a machine with a screen")
