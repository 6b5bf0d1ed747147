"""The sound page: gain, gate, test tone and the offset change the show, and say what they do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.waiting import wait_until
from traumer_live.app.sound_card import gate_words, source_words, verdict
from traumer_live.app.timing_card import meaning
from traumer_live.audio.capture import SourceSpec
from traumer_live.audio.noise_gate import Lesson
from traumer_live.audio.preamp import PreampState
from traumer_live.core.clock import host_time
from traumer_live.core.controls import Controls
from traumer_live.core.types import SAMPLES_PER_TICK, SHOW_RATE, Pulse
from traumer_live.engine.mind import Heard, Thought
from traumer_live.engine.status import ShowStatus

pytestmark = [pytest.mark.qt, pytest.mark.gl]
FLOOR = " ".join(["-60.0"] * 9)
STATUS = ShowStatus(30.0, 34.0, 0, "Microphone", "playing", Pulse(), ())


def test_function_keys_turn_the_pages(still):
    for key, name in (("F3", "sound"), ("F4", "take"), ("F1", "dream"), ("F2", "look")):
        still.window.keys.press(key)
        assert still.window.pages.current == name
        assert still.window.pages.choice.button(name).isChecked()


def test_the_gain_is_turned_by_hand_and_found_by_itself(still):
    card, board = still.window.sound, still.show.controls
    card.auto.click()
    assert board.now.auto_gain
    still.show.preamp.state = PreampState(gain_db=9.04)
    still.desk.read()
    assert card.gain.edit.text() == "9.0"
    card.auto.click()  # by hand from here on, without a jump
    assert (board.now.auto_gain, board.now.gain_db) == (False, 9.0)
    card.auto.click()
    card.gain.slider.setValue(0)
    assert (board.now.auto_gain, board.now.gain_db) == (False, -24.0)
    assert card.gain.edit.text() == "−24.0"


def test_delete_returns_a_slider_to_its_default(still, qtbot):
    from PyQt6.QtCore import Qt

    still.desk.change(latency_ms=120.0)
    qtbot.keyClick(still.window.timing.offset.slider, Qt.Key.Key_Delete)
    assert still.show.controls.now.latency_ms == 0.0


def test_a_gate_without_a_room_learns_first_and_then_closes(live, qtbot):
    card, show = live.window.sound, live.show
    card.gate.click()
    assert not card.gate.isChecked()
    qtbot.waitUntil(lambda: show.preamp.state.learning is not None)
    show.preamp.take_lesson = iter([Lesson(floor=FLOOR), *[None] * 10_000]).__next__
    qtbot.waitUntil(card.gate.isChecked)
    assert show.controls.now.noise_floor == FLOOR
    card.gate.click()
    assert not show.controls.now.gate


def test_one_press_plays_the_tone_the_next_returns_and_nothing_is_remembered(
    make_show, open_studio, qtbot
):
    studio = open_studio(make_show(source="silence"))
    studio.desk.start()
    card = studio.window.sound
    card.tone.click()
    qtbot.waitUntil(lambda: studio.desk.source == SourceSpec("tone") and card.tone.isChecked())
    card.tone.click()
    qtbot.waitUntil(
        lambda: studio.desk.source == SourceSpec("silence") and not card.tone.isChecked()
    )
    assert studio.desk.chosen_source is None


def test_the_picture_waits_as_long_as_it_is_told(make_show):
    show = make_show(controls=Controls(latency_ms=400.0), source="tone")
    assert wait_until(lambda: show.thought is not None)
    due = show.listener.clock.index_at(host_time())
    assert due - show.thought.sample_index >= 0.4 * SHOW_RATE - SAMPLES_PER_TICK


def test_the_disc_flashes_with_the_sound_and_esc_returns_to_the_pictures(still, quarters):
    card, picture = still.window.timing, still.projector.audience
    still.feed(quarters)
    before = picture()
    card.adjust.click()
    for tick, onset in enumerate((0.0, 0.9), start=2):
        heard = Heard(tick * SAMPLES_PER_TICK, Pulse(onset=onset), (), np.zeros(1, np.float32))
        still.show.thought = Thought(heard, np.zeros((1, 1), np.float32), 1.0)
        still.projector.refresh()
        seen = picture()
        assert (seen[90, 160, :3].mean() > 200) == (onset > 0)
    still.window.keys.press("Esc")
    assert not card.adjust.isChecked()

    def is_back() -> bool:
        still.projector.refresh()
        return bool(np.abs(picture().astype(int) - before).max() <= 1)

    assert wait_until(is_back)


def test_below_zero_the_look_is_told_the_beat_of_a_moment_later(still):
    pulse = Pulse(tempo=120.0, beat_phase=0.1, confidence=1.0)
    heard = Heard(1600, pulse, (), np.zeros(1, np.float32))
    thought = Thought(heard, np.zeros((1, 1), np.float32), 1.0)
    screen = still.projector._screen
    for latency_ms, phase in ((-100.0, 0.3), (0.0, 0.1), (200.0, 0.1)):
        still.show.controls.change(latency_ms=latency_ms)
        assert screen._look(thought, 0.0).pulse.beat_phase == pytest.approx(phase)


def test_states_in_words():
    heard = replace(STATUS, pulse=Pulse(level_dbfs=-15.0))
    assert verdict(STATUS) == "The tone is not heard yet."
    assert verdict(heard) == "Heard at −15 dB, 30 pictures a second: all works."
    assert "no picture" in verdict(replace(heard, fps=0.0))
    limited = replace(STATUS, preamp=PreampState(held_back_db=3.2))
    assert source_words(limited) == "playing · limiter −3 dB"
    learned = Controls(noise_floor=FLOOR)
    assert gate_words(Controls(), PreampState()) == "No room learned yet."
    assert gate_words(learned, PreampState()).endswith("off.")
    on = replace(learned, gate=True)
    assert gate_words(on, PreampState(gate_open=False)) == "Closed: only the room."
    assert gate_words(on, PreampState(learning=0.5)) == "Listening to the room: 50 %"
    assert "120 ms later" in meaning(120.0)
    assert "foreseen by 60 ms" in meaning(-60.0)
