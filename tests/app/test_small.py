"""Listening along: the small window, how it is moved, and when the show may rest."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from tests.app.test_window import GREEN, RED, on_screen
from traumer_live.app.small import place_text, wanted_place
from traumer_live.app.small_window import resized

pytestmark = pytest.mark.qt

AREA = QRect(0, 0, 1280, 800)
WIDE = (16, 9)


@pytest.fixture
def small(still, qtbot):
    still.window.keys.press("M")
    window = still.window.small.window
    qtbot.waitUntil(window.isExposed)
    return window


def test_m_changes_between_the_studio_and_a_small_window_with_the_picture(
    still, small, quarters, qtbot
):
    assert not still.window.isVisible()
    still.feed(quarters)
    place = small.geometry()
    middle = place.center()
    qtbot.waitUntil(
        lambda: (
            [on_screen(middle + QPoint(side * place.height() // 4, -20)) for side in (-1, 1)]
            == [RED, GREEN]
        )
    )
    qtbot.keyClick(small, Qt.Key.Key_H)  # the studio's keys work here too
    assert still.show.controls.now.hud
    qtbot.keyClick(small, Qt.Key.Key_M)
    assert still.window.isVisible()
    assert still.window.small.window is None


def test_its_middle_moves_it_its_corner_resizes_it_and_it_comes_back_where_it_was(still, small):
    before = small.geometry()
    drag(small, QPoint(100, 100), QPoint(-60, -40))
    assert small.geometry() == before.translated(-60, -40)
    drag(small, QPoint(2, 2), QPoint(-160, -20))
    assert small.geometry().size().width() == before.width() + 160
    left_at = small.geometry()
    QTest.mouseDClick(small, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert still.window.isVisible()
    still.window.small.toggle()
    assert still.window.small.window.geometry() == left_at
    assert still.window.small.place == place_text(left_at)


def drag(window, start: QPoint, by: QPoint) -> None:
    """As a hand does it: pressed, moved over the desktop, let go."""
    at = window.geometry().topLeft() + start
    kinds = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease
    for kind, place in zip(kinds, (at, at + by, at + by), strict=True):
        local = place - window.geometry().topLeft()
        left = Qt.MouseButton.LeftButton
        event = QMouseEvent(
            kind, QPointF(local), QPointF(place), left, left, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(window, event)


def test_a_place_that_no_screen_shows_any_more_is_not_taken():
    place = QRect(700, 400, 320, 180)
    assert wanted_place(place_text(place), [AREA], WIDE) == place
    for nowhere in ("", "320x180+5000+40", "nonsense"):
        assert AREA.contains(wanted_place(nowhere, [AREA], WIDE))


def test_dragged_by_one_edge_the_picture_keeps_its_shape_and_the_other_edges_stay():
    before = QRect(100, 100, 320, 180)
    assert resized(before, Qt.Edge.RightEdge, QPoint(160, 7), WIDE) == QRect(100, 100, 480, 270)
    assert resized(before, Qt.Edge.TopEdge, QPoint(0, -90), WIDE) == QRect(100, 10, 480, 270)
    corner = Qt.Edge.LeftEdge | Qt.Edge.TopEdge
    assert resized(before, corner, QPoint(9000, 0), WIDE).bottomRight() == before.bottomRight()


def test_the_show_rests_when_no_window_shows_it_and_is_polite_beside_somebody(still, small):
    rest, look = still.show.rest, still.window.attention.look
    look()
    assert (rest.seen, rest.polite) == (True, True)
    small.hide()
    look()
    assert not rest.seen
    still.window.small.toggle()
    assert not rest.polite


def test_nobody_s_picture_is_not_drawn_and_wakes_with_a_window(still, quarters):
    still.feed(quarters)
    still.show.rest.seen = False
    drawn = []
    still.projector.drawn.connect(lambda: drawn.append(1))
    still.feed(quarters)
    assert not drawn
    still.window.attention.wake()  # the studio is on the desktop
    assert drawn


def test_in_a_narrow_studio_words_go_before_switches_do(still):
    bar = still.window.bottom
    still.window.resize(1280, 800)
    assert "screen" in bar.fullscreen.text()
    assert "BLACKOUT" in bar.blackout.text()
    still.window.resize(820, 640)
    assert bar.blackout.text() == ""
    still.window.layout().activate()
    bar.layout().activate()
    assert bar.hud.geometry().right() < bar.width()
    assert min(button.width() for button in (bar.blackout, bar.record, bar.hud)) >= 40
