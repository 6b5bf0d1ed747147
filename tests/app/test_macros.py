"""Sliders for everything that can be played: they turn the board, and scenes keep them."""

from __future__ import annotations

import pytest
from PyQt6.QtWidgets import QApplication

from tests.app.test_controls import wheel
from traumer_live.app.slider_row import SliderRow
from traumer_live.app.turnable import Turnable
from traumer_live.core.controls import OF_THE_ROOM, RANGES, Controls
from traumer_live.engine.scenes import NOT_OF_A_SCENE

pytestmark = [pytest.mark.qt, pytest.mark.gl]

PLAYED = RANGES.keys() - {"gain_db", "latency_ms"}


def rows(window):
    cards = (window.dream, window.motion, window.picture)
    return {name: row for card in cards for name, row in card.rows.items()}


def test_every_number_of_the_picture_has_a_slider_and_all_but_the_fade_are_in_scenes(still):
    found = rows(still.window)
    assert found.keys() == PLAYED
    assert {"fade_s"} == PLAYED & NOT_OF_A_SCENE
    assert OF_THE_ROOM <= NOT_OF_A_SCENE
    for name, row in found.items():
        low, high = RANGES[name]
        row.slider.setValue(row.slider.maximum())
        assert getattr(still.show.controls.now, name) == pytest.approx(high)
        row.slider.reset.emit()
        assert getattr(still.show.controls.now, name) == getattr(Controls(), name)
        row.slider.setValue(0)
        assert getattr(still.show.controls.now, name) == pytest.approx(low)


def test_every_slider_says_what_it_does_and_how_far_it_goes(still):
    every = still.window.findChildren(SliderRow)
    assert len(every) > 12
    for row in every:
        what, how = row.toolTip().rsplit("\n", 1)
        assert len(what) > 10
        assert " to " in how
        assert row.slider.accessibleName()
        assert row.edit.accessibleName()


def test_the_middle_of_a_speed_is_once(qapp):
    speed = Turnable("", "", 0.25, 4.0, 1.0, "×", "", steps=80, in_octaves=True)
    assert speed.place(1.0) == 40
    assert [speed.value(step) for step in (0, 40, 60, 80)] == pytest.approx([0.25, 1, 2, 4])
    assert speed.place(speed.neutral) == 40


def test_the_knobs_of_a_look_are_turned_reset_and_kept_apart_from_another_look_s(still):
    board, card = still.show.controls, still.window.knobs
    board.change(look="velvet")
    strength = card.rows["bloom.strength"]
    strength.slider.setValue(strength.slider.maximum())
    assert board.now.look_knobs == {"velvet/bloom.strength": 3.0}
    board.change(look="crisp")
    assert "bloom.strength" not in card.rows
    assert not card.reset.isEnabled()
    board.change(look="velvet")
    assert card.rows["bloom.strength"].value == 3.0
    card.rows["bloom.strength"].slider.reset.emit()
    assert board.now.look_knobs == {}
    board.change(look_knobs={"velvet/bloom.strength": 2.0, "crisp/sharpen.amount": 0.1})
    card.reset.click()
    assert board.now.look_knobs == {"crisp/sharpen.amount": 0.1}


def test_on_a_page_that_scrolls_the_wheel_turns_only_the_slider_with_the_focus(still):
    window = still.window
    window.resize(1280, 720)
    still.show.controls.change(look="velvet")
    window.pages.turn_to("look")
    QApplication.processEvents()
    row = window.picture.rows["zoom"]
    wheel(row.slider, 1)
    assert still.show.controls.now.zoom == 1.0
    row.slider.setFocus()
    wheel(row.slider, 1)
    assert still.show.controls.now.zoom > 1.0


def test_a_look_that_is_gone_has_no_knobs(still):
    still.show.controls.change(look="nowhere")
    assert still.window.knobs.rows == {}
