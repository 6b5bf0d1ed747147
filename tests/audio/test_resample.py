"""Live equals offline, and the promised delay holds, for any block sizes."""

from __future__ import annotations

import numpy as np
import pytest
import soxr

from traumer_live.audio.resample import Resampler

PAIRS = [(48_000, 16_000), (44_100, 48_000), (96_000, 48_000), (22_050, 48_000), (8_000, 48_000)]


def blocks_of(x: np.ndarray, largest: int, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    cuts = np.cumsum(rng.integers(1, largest, size=4 * len(x) // largest))
    return np.split(x, cuts[cuts < len(x)])


@pytest.mark.parametrize(("rate_in", "rate_out"), PAIRS)
@pytest.mark.parametrize("largest", [8, 700, 20_000])
def test_keeps_its_promise(rate_in: int, rate_out: int, largest: int) -> None:
    resampler = Resampler(rate_in, rate_out, 1)
    pushed = made = 0
    seconds = 1 if largest == 8 else 6
    for block in blocks_of(np.zeros((seconds * rate_in, 1), np.float32), largest, seed=largest):
        pushed += len(block)
        made += len(resampler.push(block))
        assert made >= pushed * rate_out // rate_in - resampler.delay
        assert made >= resampler.promised(pushed)


@pytest.mark.parametrize(("rate_in", "rate_out"), PAIRS)
def test_block_sizes_do_not_matter(rate_in: int, rate_out: int) -> None:
    x = np.random.default_rng(3).standard_normal((rate_in, 2)).astype(np.float32)
    resampler = Resampler(rate_in, rate_out, 2)
    live = np.concatenate([*map(resampler.push, blocks_of(x, 900, 4)), resampler.flush()])
    offline = soxr.resample(x, rate_in, rate_out, quality="HQ")
    np.testing.assert_allclose(live, offline, atol=1e-6)
    resampler.reset()
    again = np.concatenate([*map(resampler.push, blocks_of(x, 5000, 5)), resampler.flush()])
    np.testing.assert_array_equal(again, live)


def test_delays_are_what_the_engine_counts_on() -> None:
    assert Resampler(48_000, 16_000, 1).delay <= 0.040 * 16_000
    assert Resampler(44_100, 48_000, 1).delay <= 0.025 * 48_000


def test_equal_rates_pass_through() -> None:
    resampler = Resampler(48_000, 48_000, 2)
    x = np.ones((10, 2), np.float32)
    assert resampler.push(x) is x
    assert resampler.delay == 0
    assert resampler.flush().shape == (0, 2)
