"""Teaching by key in the studio, choosing among the last pictures, and the fader of two tastes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import Qt

from traumer_live.labelling.blending import blend_packs
from traumer_live.latent.pack import load_pack


@pytest.fixture(autouse=True)
def own_labels(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def paint(show, number, width=64):
    info = show.models.generator.info
    rows = np.full((info.num_ws, info.w_dim), number, np.float32)
    pixels = np.full((64, width, 4), 20 * number, np.uint8)
    show.shown.add(48_000 * number, rows, pixels, show.models.generator)


def test_keys_teach_choose_and_take_back(still, qtbot):
    """Nothing was heard yet, so every key is answered by a sentence that says so."""
    told, lessons = [], still.desk.lessons
    still.desk.notice.connect(told.append)

    def said(words):
        still.desk.read()
        return any(words in sentence for sentence in told)

    qtbot.keyClick(still.window, Qt.Key.Key_T)
    assert said("no picture yet")
    for number in (1, 2, 3):
        paint(still.show, number)
    qtbot.mouseClick(still.window.top.teach, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: said("Only 0 s were heard"))
    qtbot.keyClick(still.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: said("Nothing was taught"))

    chosen, strip = [], still.window.strip
    strip.chosen.disconnect(lessons.chose)
    strip.chosen.connect(chosen.append)
    qtbot.keyClick(still.window, Qt.Key.Key_T, Qt.KeyboardModifier.ShiftModifier)
    assert strip.isVisible()
    assert [button.accessibleName() for button in strip.buttons] == [
        "Picture 1: 2 s before the newest",
        "Picture 2: 1 s before the newest",
        "Picture 3: the newest",
    ]
    qtbot.keyClick(strip, Qt.Key.Key_2)
    assert not strip.isVisible()
    assert [picture.w_plus[0, 0] for picture in chosen] == [2]


@pytest.mark.parametrize(("width", "count"), [(64, 8), (114, 5)])
def test_the_last_pictures_are_seen_whole_and_inside_the_studio(still, qtbot, width, count):
    for number in range(1, 11):
        paint(still.show, number, width)
    still.desk.lessons.choose()
    strip = still.window.strip
    qtbot.waitUntil(lambda: strip.windowHandle().isExposed())
    assert len(strip.buttons) == count
    assert strip.width() <= still.window.width()
    for button in strip.buttons:
        assert button.height() >= button.iconSize().height() >= 100
        assert button.width() >= button.iconSize().width()
    strip.hide()


def test_the_fader_is_there_for_two_tastes_and_moves_the_mapping(still, qtbot, small_models):
    card, show = still.window.taste, still.show
    still.desk.read()
    assert card.isHidden()
    one = load_pack(small_models.mapping)
    two = replace(one, transfer=replace(one.transfer, bias=one.transfer.bias + 1))
    models = show.models.playing(blend_packs(one, two, 0.25))
    show._models = show._next_models = models
    still.desk.read()
    assert not card.isHidden()
    assert card.row.value == 0.25
    card.row.edit.setText("75")
    card.row.edit.setModified(True)
    card.row.edit.editingFinished.emit()
    asked = []
    qtbot.waitUntil(lambda: asked.append(show._remapped.take()) or asked[-1] is not None)
    e = np.zeros(one.transfer.e_dim, np.float32)
    ends = [pack.transfer(e) for pack in (one, two)]
    wanted = ends[0] + 0.75 * (ends[1] - ends[0])
    np.testing.assert_allclose(asked[-1].transfer(e), wanted, rtol=1e-5)
