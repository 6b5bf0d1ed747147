"""Ears: thoughts follow the sound, honestly late, the same live and offline."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.music import tune
from traumer_live.core.controls import Controls
from traumer_live.core.types import SAMPLES_PER_TICK
from traumer_live.engine.ears import Ears
from traumer_live.latent.levels import level_rows


@pytest.fixture
def make_ears(small_models):
    def make(preset="live", seed=0):
        return Ears(small_models.load(), preset=preset, seed=seed)

    return make


def hear_all(ears, sound, controls):
    ticks = sound[: len(sound) // SAMPLES_PER_TICK * SAMPLES_PER_TICK]
    heard = [ears.hear(tick, controls) for tick in ticks.reshape(-1, SAMPLES_PER_TICK, 2)]
    return [thought for thought in heard if thought] + ears.finish(controls)


def test_equal_sound_gives_equal_thoughts(make_ears):
    sound, controls = tune(2), Controls()
    first, second = (hear_all(make_ears(), sound, controls) for _ in range(2))
    assert len(first) == 60
    assert [t.sample_index for t in first] == [SAMPLES_PER_TICK * (k + 1) for k in range(60)]
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a.w_plus, b.w_plus)
        assert a.pulse == b.pulse


def test_thoughts_turn_when_the_music_does_and_not_before(make_ears):
    """Two pieces that differ from one moment on."""
    same, controls = tune(3, seed=1), Controls(pulse_strength=0.0)
    other = same.copy()
    other[2 * 48_000 :] = tune(1, seed=2)[:, ::-1] * 0.5
    a, b = (hear_all(make_ears(), sound, controls) for sound in (same, other))
    differs = [not np.array_equal(x.w_plus, y.w_plus) for x, y in zip(a, b, strict=True)]
    assert not any(differs[:59])
    assert any(differs[60:80])


def test_every_level_states_its_delay(make_ears):
    ears = make_ears("paper")
    delays = ears.delay_s
    assert delays["coarse"] - delays["fine"] == pytest.approx(1.483 - 0.133, abs=0.01)
    assert delays["fine"] > ears.input_delay_s > 1.0
    assert make_ears("centred").delay_s["coarse"] == pytest.approx(0.0, abs=0.05)


def test_paper_is_free_of_pulse_idle_and_level(make_ears):
    """The published pipeline: only the smoothed transfer, truncated, nothing of the fast path."""
    controls = Controls(preset="paper", truncation_psi=1.0)
    thoughts = hear_all(make_ears("paper"), tune(3), controls)
    rows = level_rows(thoughts[0].w_plus.shape[0])
    for thought in thoughts:
        assert thought.noise_gain == 1.0
        for level in rows.values():
            np.testing.assert_array_equal(
                thought.w_plus[level],
                np.repeat(thought.w_plus[level][:1], level.stop - level.start, 0),
            )


def test_the_pulse_reaches_fine_rows_and_grain_in_the_same_tick(make_ears):
    sound = np.zeros((3 * 48_000, 2), np.float32)
    onset = 2 * 48_000
    sound[onset:] = tune(1)
    calm, moved = (
        hear_all(make_ears(), sound, Controls(pulse_strength=strength)) for strength in (0.0, 1.0)
    )
    tick = onset // SAMPLES_PER_TICK
    gains = [thought.noise_gain for thought in moved]
    assert gains[tick - 2] == pytest.approx(1.0, abs=0.05)
    assert max(gains[tick : tick + 2]) > 1.3
    fine = level_rows(calm[0].w_plus.shape[0])["fine"]
    difference = np.abs(moved[tick + 1].w_plus - calm[tick + 1].w_plus)
    assert difference[fine].max() > 3 * difference[: fine.start].max()


def test_centred_gives_one_thought_per_tick_in_the_end(make_ears):
    ears = make_ears("centred")
    thoughts = hear_all(ears, tune(5), Controls(preset="centred"))
    assert ears.lookahead > 60
    assert [t.sample_index for t in thoughts] == [SAMPLES_PER_TICK * (k + 1) for k in range(150)]


def test_loudness_hardly_changes_the_picture(make_ears):
    sound, controls = tune(4), Controls(pulse_strength=0.0)
    loud, soft, softer = (
        hear_all(make_ears(), sound * gain, controls)[-1].w_plus for gain in (1.0, 0.178, 0.0316)
    )
    span = np.abs(loud).mean()
    assert np.abs(loud - soft).mean() < 0.05 * span
    assert np.abs(loud - softer).mean() < 0.05 * span


def test_turning_the_preset_while_running_does_not_jump(make_ears):
    ears, live = make_ears(), Controls(pulse_strength=0.0)
    paper = replace(live, preset="paper")
    sound = tune(8).reshape(-1, SAMPLES_PER_TICK, 2)
    seen = [ears.hear(tick, paper if k > 180 else live).w_plus[0] for k, tick in enumerate(sound)]
    steps = np.abs(np.diff(np.stack(seen), axis=0)).max(1)
    assert steps[180] < 3 * steps[120:180].max()


def test_going_on_after_lost_sound(make_ears):
    ears, controls = make_ears(), Controls()
    sound = tune(2).reshape(-1, SAMPLES_PER_TICK, 2)
    for tick in sound:
        ears.hear(tick, controls)
    ears.skip_to(10 * 48_000)
    thought = ears.hear(sound[0], controls)
    assert thought.sample_index == 10 * 48_000 + SAMPLES_PER_TICK
    assert abs(thought.pulse.sample_index - thought.sample_index) <= SAMPLES_PER_TICK
    assert np.isfinite(thought.w_plus).all()


def test_lost_sound_does_not_change_what_the_encoder_is_given_per_tick(make_ears):
    """After a gap as before it, the encoder hears the sound its promised delay ago, no sooner."""
    ears, controls = make_ears(), Controls()
    given = []
    take = ears._log_mel.push
    ears._log_mel.push = lambda x: given.append(len(x)) or take(x)
    sound = tune(2).reshape(-1, SAMPLES_PER_TICK, 2)
    for tick in sound:
        ears.hear(tick, controls)
    ears.skip_to(10 * 48_000 + SAMPLES_PER_TICK)
    given.clear()
    for tick in sound:
        ears.hear(tick, controls)
    assert set(given) == {533, 534}
