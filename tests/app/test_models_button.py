"""Other models while the studio runs: by drop, dialog and menu; what is refused says why."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QApplication, QFileDialog

from tests.importing.foreign_files import golden, snapshot
from tests.models import E_DIM
from tests.synthesis.random_generator import SMALL
from traumer_live.app.model_desk import ModelDesk
from traumer_live.app.opening import bring, chosen
from traumer_live.audio.capture import SourceSpec
from traumer_live.core import model_library
from traumer_live.core.errors import ModelError
from traumer_live.engine.models import WIDE, Choice
from traumer_live.latent.pack import save_pack
from traumer_live.latent.transfer import Transfer

pytestmark = [pytest.mark.qt, pytest.mark.gl]


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A foreign snapshot of 32 pixels, as NVIDIA's programs write it."""
    state, _ = golden("ada_skip")
    return snapshot(tmp_path / "wiki.pkl", state)


def drop(target, *paths: Path) -> None:
    """What a file manager does, in two events."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    at, actions = QPoint(40, 40), Qt.DropAction.CopyAction
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(at, actions, mime, buttons, keys)
    QApplication.sendEvent(target, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(target, QDropEvent(QPointF(at), actions, mime, buttons, keys))


def idle(studio) -> bool:
    return studio.desk.models._waiting == 0


def generator(studio) -> str:
    return studio.show.models.generator.info.name


def test_a_checkpoint_dropped_on_the_window_is_read_and_played(live, qtbot, checkpoint):
    qtbot.waitUntil(lambda: live.show.stats.counters["frames.made"] > 3)
    drop(live.window, checkpoint)
    assert not idle(live)
    qtbot.waitUntil(lambda: "wiki" in live.window.dream.models.text())
    assert live.window.dream.models._motion.isActive()
    qtbot.waitUntil(lambda: generator(live) == "wiki")
    qtbot.waitUntil(lambda: idle(live))
    qtbot.waitUntil(lambda: "wiki" in live.window.dream.models.text())
    before = live.show.stats.counters["frames.made"]
    qtbot.waitUntil(lambda: live.show.stats.counters["frames.made"] > before + 3)
    assert not [said for said in live.window.badges.sentences if not said.startswith("Slow")]
    assert [entry.name for entry in model_library.entries()] == ["wiki"]
    assert checkpoint.exists()


@pytest.fixture
def asked(monkeypatch) -> list[Path]:
    """What the desk is asked to open, instead of opening it."""
    opened: list[Path] = []
    monkeypatch.setattr(ModelDesk, "open", lambda _, path: opened.append(path))
    return opened


def test_the_picture_itself_takes_drops_too(asked, still, checkpoint):
    drop(still.window.preview.window_inside, checkpoint)
    assert asked == [checkpoint]


def test_a_text_file_is_refused_in_one_sentence_and_the_show_goes_on(live, qtbot, tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text("buy milk")
    former = live.show.models
    with qtbot.waitSignal(live.desk.notice) as told:
        drop(live.window, notes)
    assert "notes.txt is no model format" in told.args[0]
    assert live.show.models is former
    qtbot.waitUntil(lambda: idle(live) and "small" in live.window.dream.models.text())
    assert model_library.entries() == []


def pack_for(path: Path, **header: str) -> Path:
    zero = np.zeros(SMALL.w_dim, np.float32)
    weight = np.full((SMALL.w_dim, E_DIM), 0.01, np.float32)
    save_pack(path, Transfer(weight, zero, zero, zero + 1), header)
    return path


def test_a_pack_for_another_generator_is_refused_and_the_old_one_stays(live, qtbot, tmp_path):
    pack = pack_for(tmp_path / "other.safetensors", generator="faces", generator_sha256="0" * 64)
    former = live.show.models
    with qtbot.waitSignal(live.desk.notice) as told:
        drop(live.window, pack)
    assert "was made for the generator faces" in told.args[0]
    assert live.show.models is former


def test_a_pack_that_fits_is_played(live, qtbot, tmp_path):
    drop(live.window, pack_for(tmp_path / "taste.safetensors"))
    qtbot.waitUntil(lambda: live.show.models.transfer.weight[0, 0] == 0.01)
    qtbot.waitUntil(lambda: "taste" in live.window.dream.models.text())


def test_the_menu_lists_the_library_and_switches(live, qtbot, checkpoint):
    bring(checkpoint)
    card = live.window.dream.models
    card.fill()
    entries = {action.data(): action for action in card.menu_of_models.actions() if action.data()}
    assert ("generator", "wiki") in entries
    assert entries["mapping", live.show.models.choice.mapping].isChecked()
    entries["generator", "wiki"].trigger()
    qtbot.waitUntil(lambda: generator(live) == "wiki" and idle(live))
    assert live.desk.choices("").models.generator == "wiki"


def test_the_painter_is_in_the_menu_and_plays_with_the_shipped_mapping(live, qtbot):
    card = live.window.dream.models
    card.fill()
    entries = {action.text(): action for action in card.menu_of_models.actions()}
    assert "dream256 (shipped)" in entries
    names = [action.text() for action in card.menu_of_models.actions()]
    assert len(set(filter(None, names))) == len(list(filter(None, names)))
    entries["painter512 (shipped)"].trigger()
    qtbot.waitUntil(lambda: generator(live) == "painter512" and idle(live))
    assert live.show.models.unmapped is None
    qtbot.waitUntil(lambda: "starter" in card.text())
    with pytest.raises(ModelError, match="can only paint its own square"):
        live.desk.models._choice_wide(True)


def test_the_dialog_opens_files(asked, still, checkpoint):
    still.window.dream.models.ask_file()
    (dialog,) = still.window.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(checkpoint))
    dialog.close()
    assert asked == [checkpoint]


def test_wide_and_back(live, qtbot):
    square = live.show.models.generator.info.size
    live.desk.models.choose_wide(True)
    qtbot.waitUntil(lambda: live.show.models.choice.aspect == WIDE)
    width, height = live.show.models.generator.info.size
    assert width / height == pytest.approx(16 / 9, rel=0.03)
    live.desk.models.choose_wide(False)
    qtbot.waitUntil(lambda: live.show.models.generator.info.size == square)


def test_sound_that_is_dropped_is_played(live, qtbot, tmp_path):
    from tests.music import tune, write_wav

    song = write_wav(tmp_path / "song.wav", tune(5))
    drop(live.window, song)
    wanted = SourceSpec("file", str(song))
    qtbot.waitUntil(lambda: live.desk.source == wanted)


def test_the_former_generator_is_let_go(live, qtbot, checkpoint, models):
    bring(checkpoint)
    live.desk.models.choose("generator", "wiki")
    qtbot.waitUntil(lambda: generator(live) == "wiki")
    qtbot.waitUntil(lambda: idle(live))
    former = weakref.ref(live.show.models.generator)
    live.desk.models.choose_wide(True)
    qtbot.waitUntil(lambda: live.show.models.choice.aspect == WIDE)
    made = live.show.stats.counters["frames.made"]
    qtbot.waitUntil(lambda: live.show.stats.counters["frames.made"] > made + 3)
    gc.collect()
    qtbot.waitUntil(lambda: former() is None)


def test_two_files_of_one_name_get_two_names(checkpoint, tmp_path):
    assert bring(checkpoint).name == "wiki"
    assert bring(checkpoint).name == "wiki"
    (tmp_path / "more").mkdir()
    state, _ = golden("ada_resnet")
    assert bring(snapshot(tmp_path / "more" / "wiki.pkl", state)).name == "wiki-2"


def test_what_is_chosen_lets_go_of_what_no_longer_fits():
    now = Choice("a", "b", "c", class_index=3)
    assert chosen(now, "generator", "x") == Choice("x", "b", "")
    assert chosen(now, "encoder", "x") == Choice("a", "x", "", class_index=3)
    assert chosen(now, "mapping", "x") == Choice("a", "b", "x", class_index=3)
    with pytest.raises(ModelError, match="holds labels"):
        chosen(now, "labels", "x")
