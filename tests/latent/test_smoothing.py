"""Smoothing: live equals offline, states its delay, and does not drift."""

from __future__ import annotations

import numpy as np
import pytest

from traumer_live.core.types import SAMPLES_PER_TICK, TICK_RATE
from traumer_live.latent.levels import LEVELS, level_rows
from traumer_live.latent.smoothing import StyleSmoother, preset_kernels, smooth_offline

ENCODER_DELAY_S = 1.3


def run_live(ws, preset, *, num_ws=14):
    kernels = preset_kernels(preset, encoder_delay_s=ENCODER_DELAY_S)
    smoother = StyleSmoother(kernels, num_ws=num_ws, w_dim=ws.shape[1])
    pushed = [smoother.push(w, tick * SAMPLES_PER_TICK) for tick, w in enumerate(ws)]
    return np.stack([w for w in pushed if w is not None] + smoother.finish())


@pytest.mark.parametrize(
    ("num_ws", "sizes"), [(10, (4, 3, 3)), (14, (5, 5, 4)), (16, (6, 5, 5)), (18, (6, 6, 6))]
)
def test_levels_split_the_rows_in_thirds(num_ws, sizes):
    rows = level_rows(num_ws)
    assert tuple(rows[level].stop - rows[level].start for level in LEVELS) == sizes
    assert rows["coarse"].start == 0
    assert rows["fine"].stop == num_ws


def test_too_few_rows_are_refused():
    with pytest.raises(ValueError, match="2 style rows"):
        level_rows(2)


def test_a_model_may_split_its_rows_otherwise():
    rows = level_rows(14, (5, 4, 5))
    assert [rows[level] for level in LEVELS] == [slice(0, 5), slice(5, 9), slice(9, 14)]
    for wrong in ((5, 5, 5), (14, 0, 0), (7, 7)):
        with pytest.raises(ValueError, match="14 style rows"):
            level_rows(14, wrong)


@pytest.mark.parametrize("preset", ["paper", "live", "centred"])
@pytest.mark.parametrize("num_ws", [3, 14, 18])
def test_live_equals_offline(preset, num_ws):
    ws = np.random.default_rng(1).standard_normal((300, 8)).astype(np.float32)
    live = run_live(ws, preset, num_ws=num_ws)
    kernels = preset_kernels(preset, encoder_delay_s=ENCODER_DELAY_S)
    np.testing.assert_allclose(live, smooth_offline(ws, kernels, num_ws=num_ws), atol=1e-5)


def test_paper_is_the_mean_of_the_last_three_two_and_a_third_seconds():
    ws = np.random.default_rng(2).standard_normal((200, 4)).astype(np.float32)
    newest = run_live(ws, "paper")[-1]
    for level, ticks in (("coarse", 90), ("middle", 60), ("fine", 9)):
        row = level_rows(14)[level].start
        np.testing.assert_allclose(newest[row], ws[-ticks:].mean(0), atol=1e-5)


def test_only_the_elapsed_part_counts_at_the_start():
    ws = np.full((5, 4), 7.0, dtype=np.float32)
    np.testing.assert_allclose(run_live(ws, "paper"), 7.0, rtol=1e-6)


@pytest.mark.parametrize("preset", ["paper", "live", "centred"])
def test_the_declared_delay_is_that_of_a_ramp(preset):
    """On a steady ramp an average lags by exactly its weighted mean age."""
    ramp = (np.arange(400, dtype=np.float32) / TICK_RATE)[:, None]
    smoothed = run_live(ramp, preset)[250]
    kernels = preset_kernels(preset, encoder_delay_s=ENCODER_DELAY_S)
    for level, rows in level_rows(14).items():
        lag = 250 / TICK_RATE - smoothed[rows, 0].mean()
        assert lag == pytest.approx(kernels[level].delay_s, abs=1e-3)


def test_live_lags_less_than_paper_and_centred_cancels_the_encoder():
    paper, live = preset_kernels("paper"), preset_kernels("live")
    centred = preset_kernels("centred", encoder_delay_s=ENCODER_DELAY_S)
    for level in LEVELS:
        assert live[level].delay_s < 0.7 * paper[level].delay_s
        assert centred[level].delay_s == pytest.approx(-ENCODER_DELAY_S, abs=0.02)


def test_a_long_evening_does_not_drift():
    """The last average of a long time equals that of a smoother that saw only the last seconds."""
    ticks = 5000  # kept are 90; a running sum of float32 is off after the first hundreds
    rng = np.random.default_rng(3)
    loop = rng.standard_normal((997, 4)).astype(np.float32) + 100  # a large mean shows rounding
    kernels = preset_kernels("paper")
    long = StyleSmoother(kernels, num_ws=3, w_dim=4)
    fresh = StyleSmoother(kernels, num_ws=3, w_dim=4)
    for tick in range(ticks):
        at = (tick + 10 * 3600 * TICK_RATE * (tick >= ticks - 120)) * SAMPLES_PER_TICK
        seen = long.push(loop[tick % 997], at)
        if tick >= ticks - 120:
            expected = fresh.push(loop[tick % 997], at)
    np.testing.assert_array_equal(seen, expected)


def test_changing_the_preset_is_a_crossfade():
    ws = np.cumsum(np.random.default_rng(4).standard_normal((300, 4)), 0).astype(np.float32)
    smoother = StyleSmoother(preset_kernels("paper"), num_ws=14, w_dim=4)
    seen = []
    for tick, w in enumerate(ws):
        if tick == 150:
            smoother.change(preset_kernels("live"))
        seen.append(smoother.push(w, tick * SAMPLES_PER_TICK))
    coarse = np.stack(seen)[:, 0]
    step = np.abs(np.diff(coarse, axis=0)).max(1)
    assert step[149] < 2 * step[100:149].max()
    np.testing.assert_allclose(seen[-1], run_live(ws, "live")[-1], atol=1e-4)


def test_a_centred_kernel_cannot_be_entered_while_running():
    smoother = StyleSmoother(preset_kernels("live"), num_ws=14, w_dim=4)
    with pytest.raises(ValueError, match="future"):
        smoother.change(preset_kernels("centred"))


def test_a_gap_in_time_ages_what_was_heard_before():
    smoother = StyleSmoother(preset_kernels("paper"), num_ws=14, w_dim=1)
    smoother.push(np.zeros(1, np.float32), 0)
    after = smoother.push(np.ones(1, np.float32), 10 * 48_000)
    np.testing.assert_array_equal(after, 1.0)


def sped(ws, speeds, *, preset="live"):
    """Outputs with the speed of each tick."""
    smoother = StyleSmoother(preset_kernels(preset), num_ws=3, w_dim=ws.shape[1])
    seen = []
    for tick, (w, speed) in enumerate(zip(ws, speeds, strict=True)):
        smoother.hurry(dict.fromkeys(LEVELS, speed))
        seen.append(smoother.push(w, tick * SAMPLES_PER_TICK))
    return np.stack(seen), smoother


@pytest.mark.parametrize("speed", [0.25, 0.5, 2.0, 4.0])
def test_a_level_follows_as_many_times_faster_as_it_is_asked_to(speed):
    ramp = np.arange(500, dtype=np.float32)[:, None] / TICK_RATE  # seconds
    seen, smoother = sped(ramp, [speed] * 500)
    own = StyleSmoother(preset_kernels("live"), num_ws=3, w_dim=1).delay_s
    for row, level in enumerate(LEVELS):
        lag = ramp[-1, 0] - seen[-1, row, 0]
        assert lag == pytest.approx(smoother.delay_s[level], abs=1e-3)
        assert lag == pytest.approx(own[level] / speed, abs=0.05)


def test_turning_the_speed_makes_no_step():
    ws = np.cumsum(np.random.default_rng(7).standard_normal((900, 4)), axis=0).astype(np.float32)
    steady = np.abs(np.diff(sped(ws, [4.0] * 900)[0], axis=0)).max(axis=(0, 2))
    turned = sped(ws, [0.25] * 450 + [4.0] * 450)[0]
    steps = np.abs(np.diff(turned[440:460], axis=0)).max(axis=(0, 2))
    assert (steps < steady).all()
    np.testing.assert_allclose(turned[-1], sped(ws, [4.0] * 900)[0][-1], atol=1e-5)
