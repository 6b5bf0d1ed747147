"""Whatever the studio lets be turned: it says what it is, answers to keys, and is connected."""

from collections.abc import Iterator

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QDesktopServices, QGuiApplication
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QMenu,
    QSlider,
    QWidget,
)

from traumer_live.app.badges import Badge
from traumer_live.app.meter import LevelMeter
from traumer_live.app.slider_row import SliderRow
from traumer_live.app.texts import scenes
from traumer_live.app.texts.pages import PAGES
from traumer_live.scenes.scene import CROSSFADE_S

pytestmark = [pytest.mark.gl, pytest.mark.qt]
CONTROLS = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QSlider, LevelMeter, Badge)


@pytest.fixture(params=PAGES)
def page(still, request):
    """The studio with one of its pages open, and with a look that has many knobs."""
    still.desk.change(look="velvet", preset="live")
    still.window.pages.turn_to(request.param)
    still.window.badges.tell("The show goes on.")
    QGuiApplication.processEvents()
    return still


def controls_of(window: QWidget) -> Iterator[QWidget]:
    for widget in window.findChildren(QWidget):
        is_part = isinstance(widget.parentWidget(), QAbstractSpinBox)  # of the real control
        if isinstance(widget, CONTROLS) and widget.isVisible() and not is_part:
            yield widget


def name_of(control: QWidget) -> str:
    return control.accessibleName() or getattr(control, "text", str)()


def test_it_says_what_it_is(page):
    page.desk.read()
    for control in controls_of(page.window):
        assert name_of(control), control
        tip = control.toolTip() or control.parentWidget().toolTip()
        assert len(tip) > 15, name_of(control)


def test_the_tab_key_leads_to_it(page):
    def reached() -> set[QWidget]:
        found, at = set(), page.window.nextInFocusChain()
        while at is not page.window:
            if at.focusPolicy() & Qt.FocusPolicy.TabFocus:
                found.add(at)
            at = at.nextInFocusChain()
        return found

    missed = [name_of(c) for c in set(controls_of(page.window)) - reached() if c.isEnabled()]
    assert not missed


def test_a_button_is_connected(page):
    for button in page.window.findChildren(QAbstractButton):
        does = button.receivers(button.clicked) or getattr(button, "menu", lambda: None)()
        assert does, name_of(button)


def test_a_slider_answers_to_keys_and_returns_to_its_default(page, qtbot):
    rows = [row for row in page.window.findChildren(SliderRow) if row.isVisible()]
    for row in filter(QWidget.isEnabled, rows):
        before = row.value
        qtbot.keyClick(row.slider, Qt.Key.Key_Left if at_the_end(row) else Qt.Key.Key_Right)
        assert row.value != before, row.what.name
        if hasattr(page.desk.controls, row.what.control):
            assert getattr(page.desk.controls, row.what.control) == pytest.approx(row.value, abs=1)
        qtbot.keyClick(row.slider, Qt.Key.Key_Delete)
        assert row.value == row.what.default
    assert page.desk.controls.look_knobs == {}


def at_the_end(row: SliderRow) -> bool:
    return row.slider.value() == row.slider.maximum()


def test_an_emptied_crossfade_returns_to_its_default(still, qtbot):
    box = still.window.scenes.crossfade
    box.setValue(9.0)
    assert still.desk.scenes.crossfade_s == 9.0
    box.lineEdit().clear()
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert (box.value(), still.desk.scenes.crossfade_s) == (CROSSFADE_S, CROSSFADE_S)


def test_enter_puts_the_clip_light_out_and_reads_a_badge(still, qtbot):
    meter, badges = still.window.top.meter, still.window.badges
    meter.ballistics.clipped = True
    qtbot.keyClick(meter, Qt.Key.Key_Return)
    assert not meter.ballistics.clipped
    badges.keep({"source": ("Source lost", "Check its cable.")})
    (badge,) = still.window.findChildren(Badge)
    badge.setFocus()
    qtbot.keyClick(badge, Qt.Key.Key_Return)
    assert badge._words.text() == "Source lost Check its cable."
    qtbot.keyClick(badge, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: badges.sentences == [])


@pytest.mark.parametrize(
    ("switch", "control"),
    [("blackout", "blackout"), ("freeze", "frozen"), ("safe", "safe"), ("hud", "hud")],
)
def test_a_click_turns_a_switch_and_back(still, qtbot, switch, control):
    button = getattr(still.window.bottom, switch)
    for wanted in (True, False):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert getattr(still.desk.controls, control) is wanted
        assert button.isChecked() is wanted


def test_clicks_open_and_close_the_windows(still, qtbot):
    window, bottom = still.window, still.window.bottom
    for showing in (True, False):
        qtbot.mouseClick(bottom.fullscreen, Qt.MouseButton.LeftButton)
        assert window.output.showing is showing
    qtbot.mouseClick(window.top.help, Qt.MouseButton.LeftButton)
    assert window.sheet.isVisible()
    window.sheet.hide()
    qtbot.mouseClick(bottom.small, Qt.MouseButton.LeftButton)
    assert window.small.showing
    window.small.hide()


def test_the_screen_of_the_audience_is_chosen_from_its_list(still, qtbot):
    still.window.pages.turn_to("take")
    screens = still.window.screens.screens
    screens.activated.emit(screens.currentIndex())
    assert still.window.output.wanted.name == screens.currentData()


def test_the_folder_for_takes_is_chosen_and_opened(still, qtbot, monkeypatch, tmp_path):
    still.window.pages.turn_to("take")
    record = still.window.record
    qtbot.mouseClick(record.folder, Qt.MouseButton.LeftButton)
    (dialog,) = still.window.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "elsewhere"))
    dialog.reject()
    assert still.desk.record_folder == tmp_path / "elsewhere"
    assert str(tmp_path / "elsewhere") in record.folder.toolTip()
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    qtbot.mouseClick(record.open, Qt.MouseButton.LeftButton)
    assert [url.toLocalFile() for url in opened] == [str(tmp_path / "elsewhere")]


def test_the_menu_of_scene_files_offers_what_can_be_done(still, qtbot):
    qtbot.mouseClick(still.window.scenes.files, Qt.MouseButton.LeftButton)
    (menu,) = (m for m in still.window.scenes.findChildren(QMenu) if m.isVisible())
    assert [(a.text(), a.isEnabled()) for a in menu.actions()] == [
        (scenes.ADD, True),
        (scenes.GIVE_AWAY, False),  # there are none
    ]
    menu.close()
