"""The strip of scenes in the studio: kept by a click with a picture, recalled by click and key."""

from __future__ import annotations

import shutil

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage, QPixmap

from traumer_live.core.paths import user_data_dir
from traumer_live.engine.scene_pace import Advance
from traumer_live.scenes.store import SceneStore

pytestmark = [pytest.mark.gl, pytest.mark.qt]


@pytest.fixture(autouse=True)
def no_scenes():
    yield
    shutil.rmtree(user_data_dir() / "scenes", ignore_errors=True)


def keep(qtbot, studio, slot):
    studio.window.scenes.slots[slot].click()
    qtbot.waitUntil(lambda: any(scene.slot == slot for scene in studio.desk.scenes.kept))


def test_a_click_keeps_the_moment_with_its_picture(qtbot, still, quarters):
    still.feed(quarters)
    keep(qtbot, still, 2)
    (scene,) = SceneStore().scenes()
    assert (scene.name, scene.slot) == ("Scene 2", 2)
    picture = QImage.fromData(scene.thumbnail)
    assert (picture.width(), picture.height()) == (320, 180)
    left = picture.pixelColor(120, 40)
    assert left.red() > 150
    assert left.blue() < 100


def test_a_click_returns_to_it(qtbot, still):
    still.desk.change(hue=30.0)
    still.desk.scenes.crossfade_s = 0.0
    keep(qtbot, still, 1)
    still.desk.change(hue=-30.0)
    still.window.scenes.slots[1].click()
    qtbot.waitUntil(lambda: still.desk.controls.hue == 30.0)
    assert SceneStore().find("1").crossfade_s == 0.0


def test_keys_keep_and_return(qtbot, still):
    still.desk.scenes.crossfade_s = 0.0
    still.desk.change(zoom=1.5)
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(still.window.preview.window_inside, Qt.Key.Key_4, control)
    qtbot.waitUntil(lambda: [scene.slot for scene in still.desk.scenes.kept] == [4])
    still.desk.change(zoom=1.0)
    qtbot.keyClick(still.window.preview.window_inside, Qt.Key.Key_4)
    qtbot.waitUntil(lambda: still.desk.controls.zoom == 1.5)


def test_an_empty_slot_says_how_to_fill_it(qtbot, still):
    with qtbot.waitSignal(still.desk.notice) as told:
        still.window.keys.press("7")
    assert told.args == ["Slot 7 is empty; Ctrl+7 keeps this moment there."]


def test_the_line_steps_locks_and_advances(qtbot, still):
    for slot in (1, 2):
        keep(qtbot, still, slot)
    strip, scenes = still.window.scenes, still.desk.scenes.scenes
    strip.next.click()
    qtbot.waitUntil(lambda: scenes.current == "Scene 1")
    strip.before.click()
    qtbot.waitUntil(lambda: scenes.current == "Scene 2")
    strip.lock.click()
    assert scenes.locked
    strip.advance.activated.emit(3)
    assert scenes.advance == Advance("bars", 16)
    strip.crossfade.setValue(7.5)
    assert still.desk.scenes.crossfade_s == 7.5


def test_scenes_are_given_away_dropped_and_deleted(qtbot, still, tmp_path):
    keep(qtbot, still, 1)
    bundle = tmp_path / "scenes.toml"
    still.desk.scenes.export(bundle)
    qtbot.waitUntil(bundle.exists)
    still.window.drops._taker(bundle)(bundle)
    qtbot.waitUntil(lambda: len(still.desk.scenes.kept) == 2)
    assert [scene.name for scene in still.desk.scenes.kept] == ["Scene 1", "Scene 1 2"]
    still.desk.scenes.remove("Scene 1")
    qtbot.waitUntil(lambda: len(still.desk.scenes.kept) == 1)


def test_the_slot_shows_its_picture(qtbot, still, quarters):
    still.feed(quarters)
    keep(qtbot, still, 3)
    slot = still.window.scenes.slots[3]
    assert slot.accessibleName() == "Slot 3: Scene 3"
    shown: QPixmap = slot.grab()
    colours = {shown.toImage().pixelColor(x, 12).name() for x in range(10, shown.width() - 10)}
    assert len(colours) > 3
