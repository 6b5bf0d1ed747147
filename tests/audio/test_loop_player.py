"""A passage plays without an end and without a step where it begins again."""

from __future__ import annotations

import numpy as np
import pytest

from tests.waiting import wait_until
from traumer_live.audio.loop_player import FADE_S, Loop, LoopPlayer
from traumer_live.core.types import SHOW_RATE


def ramp(seconds):
    """Each sample says where it is (n, 2)."""
    place = np.arange(round(seconds * SHOW_RATE), dtype=np.float32)[:, None] / SHOW_RATE
    return np.repeat(place, 2, axis=1)


def test_the_first_time_it_begins_at_the_beginning_and_then_the_end_fades_into_it():
    sound, fade = ramp(3), round(FADE_S * SHOW_RATE)
    loop = Loop(sound)
    first = loop.take(len(sound) - fade)
    np.testing.assert_array_equal(first, sound[: len(sound) - fade])
    assert loop.position_s == 0
    second = loop.take(len(sound) - fade)
    assert second[0] == pytest.approx(sound[len(sound) - fade], abs=1e-3)  # where it was
    np.testing.assert_array_equal(second[fade:], sound[fade : len(sound) - fade])
    assert np.abs(np.diff(second[:, 0])).max() < 1e-3


def test_fading_keeps_the_power_of_music():
    noise = np.random.default_rng(0).standard_normal((4 * SHOW_RATE, 2)).astype(np.float32)
    loop = Loop(noise)
    loop.take(len(noise) - round(FADE_S * SHOW_RATE))
    faded = loop.take(round(FADE_S * SHOW_RATE))
    assert faded.std() == pytest.approx(1, abs=0.02)


def test_short_and_odd_blocks_join_to_the_same_sound():
    sound = ramp(0.5)
    whole = Loop(sound).take(60_000)
    loop = Loop(sound)
    parts = np.concatenate([loop.take(count) for count in (1, 999, 17_000, 42_000)])
    np.testing.assert_array_equal(whole, parts)
    assert Loop(sound[:1]).take(5).shape == (5, 2)


class Tape:
    """Keeps what it is given."""

    def __init__(self):
        self.blocks, self.closed = [], False

    def play(self, block):
        self.blocks.append(block)

    def close(self):
        self.closed = True

    @property
    def sound(self):
        return np.concatenate(self.blocks) if self.blocks else np.zeros((0, 2), np.float32)


def test_passages_fade_into_each_other_and_into_silence():
    tape = Tape()
    player = LoopPlayer(lambda: tape)
    player.start()
    player.play(np.full((SHOW_RATE, 2), 0.5, np.float32))
    assert wait_until(lambda: (tape.sound == 0.5).any())
    assert player.audible
    assert 0 <= player.share < 1
    player.play(np.full((SHOW_RATE, 2), -0.5, np.float32))
    assert wait_until(lambda: (tape.sound == -0.5).any())
    player.again()
    player.play(None)
    assert wait_until(lambda: len(tape.sound) and (tape.sound[-100:] == 0).all())
    player.close()
    assert tape.closed
    assert player.share is None
    assert np.abs(np.diff(tape.sound[:, 0])).max() < 0.01  # no click anywhere


def test_without_an_output_the_place_moves_all_the_same():
    player = LoopPlayer(lambda: None)
    player.start()
    player.play(ramp(60))
    assert wait_until(lambda: player.audible is False and (player.share or 0) > 0)
    player.close()
