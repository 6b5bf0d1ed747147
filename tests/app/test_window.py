"""The real window on a real display: its pixels are looked at, its keys are pressed."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from PyQt6 import sip
from PyQt6.QtCore import QPoint, QRect, Qt
from PyQt6.QtGui import QColor, QGuiApplication
from PyQt6.QtWidgets import QWidget

from traumer_live.app.texts.keys import KEYS
from traumer_live.engine.status import RecordingStatus

pytestmark = [pytest.mark.qt, pytest.mark.gl]

RED, GREEN, BLUE, YELLOW = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)
BLACK = (0, 0, 0)


def on_screen(point: QPoint) -> tuple[int, int, int]:
    """The colour that a person sees at a place of the desktop."""
    grabbed = QGuiApplication.primaryScreen().grabWindow(0, point.x(), point.y(), 1, 1)
    return QColor(grabbed.toImage().pixel(0, 0)).getRgb()[:3]


def places(x: int, y: int, width: int, height: int) -> list[QPoint]:
    """Inside the four quarters of a square in the middle, then inside the bar left of it."""
    middle, centre, reach = x + width // 2, y + height // 2, height // 4
    return [
        QPoint(middle - reach, centre - reach),
        QPoint(middle + reach, centre - reach),
        QPoint(middle - reach, centre + reach),
        QPoint(middle + reach, centre + reach),
        QPoint(x + 5, centre),
    ]


def test_the_preview_shows_the_frame_as_it_is(still, quarters, qtbot):
    picture = still.window.preview.picture
    still.feed(quarters)
    corner = picture.mapToGlobal(QPoint(0, 0))
    seen = places(corner.x(), corner.y(), picture.width(), picture.height())
    qtbot.waitUntil(lambda: [on_screen(p) for p in seen] == [RED, GREEN, BLUE, YELLOW, BLACK])


def test_the_preview_keeps_the_audience_s_shape(still):
    picture = still.window.preview.picture
    for size in ((1280, 720), (1600, 800), (820, 640)):
        still.window.resize(*size)
        assert picture.width() / picture.height() == pytest.approx(16 / 9, rel=0.01)


def test_the_output_fills_the_screen_and_esc_gives_it_back(still, quarters, qtbot):
    window = still.window
    qtbot.keyClick(window, Qt.Key.Key_F)
    output = window.output.window
    qtbot.waitUntil(output.isExposed)
    assert output.geometry() == output.screen().geometry()
    assert output.cursor().shape() == Qt.CursorShape.BlankCursor
    assert window.bottom.fullscreen.isChecked()
    still.feed(quarters)
    area = output.screen().geometry()
    # 16:9 in the middle of a 16:10 screen, the square picture in the middle of that.
    height = area.width() * 9 // 16
    seen = places(area.x(), area.y() + (area.height() - height) // 2, area.width(), height)
    qtbot.waitUntil(lambda: [on_screen(p) for p in seen] == [RED, GREEN, BLUE, YELLOW, BLACK])
    qtbot.keyClick(output, Qt.Key.Key_B)  # the operator's keys work here too
    assert still.show.controls.now.blackout
    qtbot.keyClick(output, Qt.Key.Key_Escape)
    assert not window.output.showing
    assert not window.bottom.fullscreen.isChecked()


def test_screens_stay_awake_as_long_as_the_audience_sees_something(still, qtbot, monkeypatch):
    kept: list[str] = []

    class Awake:
        def start(self) -> None:
            kept.append("awake")

        def stop(self) -> None:
            kept.append("may sleep")

    monkeypatch.setattr("traumer_live.app.desk.KeepAwake", Awake)
    qtbot.keyClick(still.window, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: kept == ["awake"])
    still.window.output.hide()
    qtbot.waitUntil(lambda: kept == ["awake", "may sleep"])


def test_a_closed_output_is_deleted_by_qt_between_events(still, qtbot):
    still.window.output.show()
    output = still.window.output.window
    still.window.output.hide()
    assert not sip.ispyowned(output)  # or garbage collection took the current context with it
    qtbot.waitUntil(lambda: sip.isdeleted(output))


def test_blackout_fades_the_picture_to_black(still, quarters, qtbot):
    picture = still.window.preview.picture
    still.feed(quarters)
    still.window.bottom.blackout.click()
    still.projector.start()
    place = picture.mapToGlobal(QPoint(picture.width() // 2 + 20, picture.height() // 4))
    qtbot.waitUntil(lambda: on_screen(place) == BLACK)


@pytest.mark.parametrize(
    ("key", "control"),
    [(Qt.Key.Key_B, "blackout"), (Qt.Key.Key_Space, "frozen"), (Qt.Key.Key_H, "hud")],
)
def test_a_key_turns_a_switch_and_back(still, qtbot, key, control):
    before = getattr(still.show.controls.now, control)
    for wanted in (not before, before):
        qtbot.keyClick(still.window, key)
        assert getattr(still.show.controls.now, control) is wanted


def test_space_freezes_even_when_a_button_has_the_focus_and_enter_presses_it(still, qtbot):
    still.window.bottom.blackout.setFocus()
    qtbot.keyClick(still.window.bottom.blackout, Qt.Key.Key_Space)
    assert still.show.controls.now.frozen
    assert not still.show.controls.now.blackout
    qtbot.keyClick(still.window.bottom.blackout, Qt.Key.Key_Return)
    assert still.show.controls.now.blackout


def test_s_plays_the_safe_scene_and_d_fades(still, qtbot):
    qtbot.keyClick(still.window, Qt.Key.Key_S)
    assert still.show.controls.now.safe
    assert still.window.bottom.safe.isChecked()
    still.window.bottom.safe.click()
    assert not still.show.controls.now.safe
    qtbot.keyClick(still.window, Qt.Key.Key_D)
    assert still.show.controls.now.fade


def test_the_picture_card_names_the_look_and_offers_all(still):
    button = still.window.picture.looks
    assert button.text() == "Plain"
    button.fill()
    entries = {action.data(): action for action in button.menu_of_looks.actions()}
    assert {"plain", "velvet", "mandala"} <= entries.keys()
    assert [name for name, action in entries.items() if action.isChecked()] == ["plain"]
    assert "Light spills" in entries["velvet"].toolTip()
    entries["velvet"].trigger()
    assert still.show.controls.now.look == "velvet"
    assert button.text() == "Velvet"
    still.show.controls.toggle_safe()
    assert button.text() == "Safe scene"


def test_q_asks_to_quit(still, qtbot):
    with qtbot.waitSignal(still.window.closing):
        qtbot.keyClick(still.window, Qt.Key.Key_Q)


def test_the_key_sheet_comes_and_goes(still, qtbot):
    assert {"F", "Esc", "B", "D", "S", "Space", "R", "H", "?", "Q"} <= {key for key, _ in KEYS}
    qtbot.keyClicks(still.window, "?")
    assert still.window.sheet.isVisible()
    qtbot.keyClick(still.window.sheet, Qt.Key.Key_Escape)
    assert not still.window.sheet.isVisible()


@pytest.mark.parametrize("size", [(1280, 720), (1280, 800), (1920, 1080)])
def test_nothing_is_cut_off(still, size):
    window = still.window
    window.resize(*size)
    for name, cards in window.pages.cards.items():
        window.pages.turn_to(name)
        QGuiApplication.processEvents()
        for card in filter(QWidget.isVisible, cards):  # some are there for some mappings only
            assert card.height() >= card.sizeHint().height()
            low = card.mapTo(window, card.rect().bottomRight())
            assert low.x() < window.width()
            assert low.y() < window.bottom.y()
    assert window.bottom.sizeHint().width() <= window.width()


@pytest.mark.parametrize("width", [800, 900, 979, 980, 1100, 1240, 1280])
def test_in_no_window_one_thing_lies_upon_another(still, width):
    window = still.window
    status = replace(still.show.status(), tags=(("electronic", 0.9), ("male vocalists", 0.8)))
    window.resize(width, 720)
    for bar in (window.top, window.bottom):
        for _ in range(2):  # the second finds the room that the first has left
            bar.show_status(status)
            QGuiApplication.processEvents()
        parts = [bar.layout().itemAt(k).widget() for k in range(bar.layout().count())]
        seen = [part.geometry() for part in parts if part is not None and part.isVisible()]
        for one, other in pairwise(sorted(seen, key=QRect.x)):
            assert one.right() < other.x()
        assert seen[-1].right() < width
    named = window.top.tags
    assert named.fontMetrics().horizontalAdvance(named.text()) <= named.width()


def test_a_narrow_window_keeps_the_picture_and_lets_the_cards_go(still):
    still.window.resize(900, 720)
    assert not still.window.dream.isVisible()
    assert still.window.preview.isVisible()
    still.window.resize(1280, 720)
    assert still.window.dream.isVisible()


def test_every_control_says_what_it_is(still):
    window = still.window
    buttons = [window.top.source, window.top.help, window.record.button, window.record.folder]
    buttons += [window.bottom.blackout, window.bottom.freeze, window.bottom.hud]
    buttons += [window.bottom.fullscreen, window.top.meter, window.screens.screens]
    buttons += [window.dream.presets.button(n) for n in ("paper", "live")]
    buttons += list(window.dream.rows.values())
    still.desk.read()
    assert all(len(button.toolTip()) > 15 for button in buttons)
    assert "Key: R" in window.record.button.toolTip()


def test_the_strip_keeps_its_places_when_a_take_runs(still):
    bottom = still.window.bottom
    places = []
    for take in (None, RecordingStatus(Path("take.mp4"), 754.0, 12.0, 0)):
        bottom.show_status(replace(still.show.status(), recording=take))
        QGuiApplication.processEvents()
        places.append([button.x() for button in (bottom.record, bottom.small, bottom.hud)])
    assert places[0] == places[1]
