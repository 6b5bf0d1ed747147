"""Cards change the board and follow it, whoever turned it."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QApplication

from traumer_live.core.controls import Controls

pytestmark = pytest.mark.qt


def wheel(widget, notches):
    at = QPointF(widget.rect().center())
    event = QWheelEvent(
        at,
        QPointF(widget.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_a_choice_changes_the_board(still):
    still.window.dream.presets.button("live").click()
    assert still.show.controls.now.preset == "live"
    still.window.picture.fits.button("crop").click()
    assert still.show.controls.now.fit == "crop"


def test_the_cards_follow_the_board(still):
    still.show.controls.change(preset="live", fit="mirror", truncation_psi=0.35, hud=True)
    assert still.window.dream.presets.button("live").isChecked()
    assert still.window.picture.fits.button("mirror").isChecked()
    assert still.window.dream.rows["truncation_psi"].edit.text() == "0.35"
    assert still.window.dream.rows["truncation_psi"].slider.value() == 35
    assert still.window.bottom.hud.isChecked()


def test_a_preset_that_is_not_offered_leaves_no_button_pressed(still):
    still.show.controls.change(preset="centred")
    presets = still.window.dream.presets
    assert not presets.button("live").isChecked()
    assert not presets.button("paper").isChecked()
    presets.button("live").click()
    assert still.show.controls.now.preset == "live"


def test_the_pulse_is_out_of_reach_in_paper(still):
    row = still.window.dream.rows["pulse_strength"]
    assert not row.isEnabled()
    still.show.controls.change(preset="live")
    assert row.isEnabled()


def test_wheel_arrows_typing_and_double_click_turn_a_number(still, qtbot):
    row = still.window.dream.rows["truncation_psi"]
    board = still.show.controls
    board.change(truncation_psi=0.8)
    wheel(row.slider, 1)
    assert board.now.truncation_psi == pytest.approx(0.82)
    qtbot.keyClick(row.slider, Qt.Key.Key_Left)
    assert board.now.truncation_psi == pytest.approx(0.81)
    row.edit.setFocus()
    row.edit.selectAll()
    qtbot.keyClicks(row.edit, "0,5")
    qtbot.keyClick(row.edit, Qt.Key.Key_Return)
    assert board.now.truncation_psi == pytest.approx(0.5)
    qtbot.mouseDClick(row.slider, Qt.MouseButton.LeftButton)
    assert board.now.truncation_psi == Controls().truncation_psi


def test_what_is_typed_beyond_the_range_stops_at_its_end_and_nonsense_is_dropped(still, qtbot):
    row = still.window.dream.rows["noise_gain"]
    for typed, meant in (("99", 3.0), ("loud", 3.0)):
        row.edit.selectAll()
        qtbot.keyClicks(row.edit, typed)
        qtbot.keyClick(row.edit, Qt.Key.Key_Return)
        assert still.show.controls.now.noise_gain == meant
    assert row.edit.text() == "3.00"


def test_per_cent_is_shown_and_a_part_of_one_is_kept(still, qtbot):
    still.show.controls.change(preset="live")
    row = still.window.dream.rows["pulse_strength"]
    assert row.edit.text() == "60"
    row.edit.selectAll()
    qtbot.keyClicks(row.edit, "25")
    qtbot.keyClick(row.edit, Qt.Key.Key_Return)
    assert still.show.controls.now.pulse_strength == 0.25


def test_a_click_brings_the_handle_under_the_pointer(still, qtbot):
    slider = still.window.dream.rows["truncation_psi"].slider
    at = QPoint(slider.width() // 2, slider.height() // 2)
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=at)
    assert still.show.controls.now.truncation_psi == pytest.approx(0.6, abs=0.02)


def test_the_screen_is_filled_on_demand(still):
    still.window.screens.fill.click()
    assert still.show.controls.now.screen == "fill"
    assert still.projector.fills
    still.show.controls.change(screen="bars")
    assert not still.window.screens.fill.isChecked()
