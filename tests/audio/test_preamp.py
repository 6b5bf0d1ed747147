"""Gate, gain and limiter before the ears: the room is silence, music passes, nothing clips."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from traumer_live.audio.noise_gate import LEARN_S, NoiseGate, floor_of
from traumer_live.audio.preamp import AUTO_LUFS, CEILING, Preamp
from traumer_live.core.controls import Controls
from traumer_live.core.types import SHOW_RATE

TICK = 1600


def noise(seconds, *, db, rate=SHOW_RATE, seed=1):
    samples = np.random.default_rng(seed).standard_normal((round(seconds * rate), 1))
    return np.repeat(samples * 10 ** (db / 20), 2, axis=1).astype(np.float32)


def tone(seconds, *, hz, db, rate=SHOW_RATE):
    """A sine whose RMS is ``db`` dBFS."""
    wave = np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)[:, None]
    return np.repeat(wave * np.sqrt(2) * 10 ** (db / 20), 2, axis=1).astype(np.float32)


def through(preamp, sound, controls):
    ticks = [preamp.push(sound[at : at + TICK], controls) for at in range(0, len(sound), TICK)]
    return np.concatenate(ticks)


def decibel(sound):
    return 10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-20)


def learned(room):
    preamp = Preamp()
    preamp.learn()
    through(preamp, room, Controls())
    return preamp.take_lesson()


@pytest.fixture(scope="module")
def gated():
    lesson = learned(noise(LEARN_S + 0.3, db=-50))
    assert lesson is not None
    assert not lesson.why_not
    return Controls(gate=True, noise_floor=lesson.floor)


def test_with_nothing_turned_the_very_same_sound_comes_out():
    sound = noise(TICK / SHOW_RATE, db=-20)
    assert Preamp().push(sound, Controls()) is sound


def test_the_learned_room_becomes_silence_and_music_in_it_passes_unchanged(gated):
    preamp = Preamp()
    room = noise(4, db=-50, seed=2)
    assert not through(preamp, room, gated)[2 * SHOW_RATE :].any()
    assert not preamp.state.gate_open
    music = noise(1, db=-50, seed=3) + tone(1, hz=300, db=-30)
    heard = through(preamp, music, gated)
    np.testing.assert_allclose(heard[SHOW_RATE // 50 :], music[SHOW_RATE // 50 :], atol=1e-6)
    assert preamp.state.gate_open


def test_soft_strings_open_a_gate_that_has_learned_a_loud_hum():
    hum = tone(LEARN_S + 0.3, hz=50, db=-36) + noise(LEARN_S + 0.3, db=-75)
    lesson = learned(hum)
    controls = Controls(gate=True, noise_floor=lesson.floor)
    preamp = Preamp()
    through(preamp, hum, controls)
    assert not preamp.state.gate_open
    strings = tone(0.5, hz=880, db=-50)  # 14 dB softer than the hum
    through(preamp, hum[: len(strings)] + strings, controls)
    assert preamp.state.gate_open


def test_a_pause_in_the_music_does_not_close_the_gate(gated):
    preamp = Preamp()
    through(preamp, tone(0.5, hz=300, db=-30), gated)
    through(preamp, noise(0.3, db=-50), gated)
    assert preamp.state.gate_open


@pytest.mark.parametrize(
    "sound", [tone(4, hz=220, db=-20) * 1, np.zeros((4 * SHOW_RATE, 2), np.float32)]
)
def test_music_and_perfect_silence_teach_no_noise(sound):
    sound[: len(sound) // 2] *= 0.1
    lesson = learned(sound)
    assert lesson.why_not.endswith(".")
    assert not lesson.floor


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_the_gate_closes_after_the_same_time_at_any_rate_and_block_size(rate):
    gate = NoiseGate(rate)
    gate.learn()
    gate.gains(noise(LEARN_S + 0.3, db=-50, rate=rate)[:, 0], None)
    floor = floor_of(gate.take_lesson().floor)
    sound = np.concatenate([tone(1, hz=300, db=-20, rate=rate), noise(2, db=-50, rate=rate)])[:, 0]
    whole, parts = NoiseGate(rate), NoiseGate(rate)
    gains = whole.gains(sound, floor)
    closed_s = np.argmax(gains < 0.01) / rate
    assert closed_s == pytest.approx(1.0 + 0.3 + 0.5 + 0.25, abs=0.15)
    pieces = np.concatenate([parts.gains(piece, floor) for piece in np.array_split(sound, 77)])
    np.testing.assert_array_equal(gains, pieces)


def test_what_the_settings_keep_of_a_floor_is_checked():
    assert floor_of("") is None
    assert floor_of("loud") is None
    assert floor_of("-60 -61") is None
    assert floor_of(" ".join(["nan"] * 9)) is None


def test_gain_is_as_many_decibels_as_were_asked_for_and_slides():
    preamp, sound = Preamp(), tone(1, hz=300, db=-40)
    louder = through(preamp, sound, Controls(gain_db=12.0))
    assert decibel(louder[TICK:]) - decibel(sound[TICK:]) == pytest.approx(12.0, abs=0.01)
    assert np.abs(np.diff(louder[:TICK, 0])).max() < 2 * np.abs(np.diff(louder[TICK:, 0])).max()
    back = through(preamp, sound, Controls())
    np.testing.assert_array_equal(back[TICK:], sound[TICK:])


def test_however_far_it_is_turned_up_nothing_clips_and_soft_passages_return():
    preamp = Preamp()
    loud = np.concatenate([noise(0.5, db=-60), noise(0.5, db=-6), noise(2.0, db=-60)])
    heard = through(preamp, loud, Controls(gain_db=36.0))
    assert np.abs(heard).max() <= CEILING + 1e-6
    assert decibel(heard[-SHOW_RATE:]) == pytest.approx(-60 + 36, abs=0.3)
    assert preamp.state.clips > 0  # the source itself did


def test_automatic_gain_finds_the_level_and_does_not_lift_the_room(gated):
    preamp = Preamp()
    controls = replace(gated, auto_gain=True)
    through(preamp, tone(4, hz=997, db=-35), controls)
    found = preamp.state.gain_db
    assert -35 + found == pytest.approx(AUTO_LUFS, abs=1.0)
    through(preamp, noise(4, db=-50), controls)
    assert preamp.state.gain_db == pytest.approx(found, abs=0.5)
