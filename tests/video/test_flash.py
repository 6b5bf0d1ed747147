"""The flash limiter's arithmetic against synthetic strobes, on both sides of every threshold."""

from __future__ import annotations

import numpy as np
import pytest

from tests.video.wcag import judge
from traumer_live.core.types import Array
from traumer_live.video.flash import COLUMNS, ROWS, FlashLimiter
from traumer_live.video.flash_colour import LUMA, chromaticity, is_saturated_red

FPS = 30


def grey(light: float) -> Array:
    return np.full((ROWS, COLUMNS, 3), light, np.float32)


def painted(colour: tuple[float, float, float]) -> Array:
    return np.broadcast_to(np.array(colour, np.float32), (ROWS, COLUMNS, 3)).copy()


def square_wave(low: Array, high: Array, hertz: float, seconds: float = 2.0) -> list[Array]:
    return [high if int(2 * hertz * k / FPS + 1e-9) % 2 else low for k in range(int(seconds * FPS))]


def shown(film: list[Array], limiter: FlashLimiter | None = None) -> tuple[list[Array], int]:
    """What the limiter lets through, mixed as the GPU does, and how many pictures it held back."""
    limiter = limiter or FlashLimiter()
    last, seen, held = film[0], [], 0
    for number, wanted in enumerate(film):
        share = limiter.judge(wanted, number / FPS)
        if share is not None:
            held += 1
            wanted = last + share[..., None] * (wanted - last)
        limiter.commit(wanted, number / FPS)
        last = wanted
        seen.append(wanted)
    return seen, held


def encoded(linear: Array) -> np.ndarray:
    c = np.clip(linear, 0, 1)
    c = np.where(c <= 0.0031308, c * 12.92, 1.055 * c ** (1 / 2.4) - 0.055)
    return np.round(c * 255).astype(np.uint8)


def verdict(film: list[Array]):
    return judge([encoded(picture) for picture in film], FPS)


def patch(part: float, low: float = 0.0, high: float = 1.0) -> tuple[Array, Array]:
    """Dark, and the same with a square in the middle that is ``part`` of a window."""
    rows, columns = round(30 * part**0.5), round(40 * part**0.5)
    lit = grey(low)
    lit[20 : 20 + rows, 30 : 30 + columns] = high
    return grey(low), lit


@pytest.mark.parametrize("hertz", [0.5, 1.0, 2.0, 3.0])
def test_three_flashes_a_second_pass_untouched(hertz: float) -> None:
    film = square_wave(grey(0.0), grey(1.0), hertz)
    seen, held = shown(film)
    assert held == 0
    assert seen is not film
    assert verdict(seen).passes


@pytest.mark.parametrize("hertz", [3.75, 5.0, 7.5, 10.0, 15.0])
def test_more_are_held_back_before_they_are_seen(hertz: float) -> None:
    film = square_wave(grey(0.0), grey(1.0), hertz)
    assert not verdict(film).passes
    seen, held = shown(film)
    assert held > 0
    assert verdict(seen).passes
    assert np.ptp([picture.mean() for picture in seen[45:]]) < 0.8  # calmer, not only rarer


@pytest.mark.parametrize(("low", "high", "acts"), [(0.2, 0.29, False), (0.2, 0.31, True)])
def test_the_amplitude_counts_from_a_tenth(low: float, high: float, acts: bool) -> None:
    film = square_wave(grey(low), grey(high), 10.0)
    assert verdict(film).passes is not acts
    seen, held = shown(film)
    assert (held > 0) is acts
    assert verdict(seen).passes


@pytest.mark.parametrize(("low", "high", "acts"), [(0.83, 1.0, False), (0.78, 1.0, True)])
def test_the_darker_state_counts_below_eight_tenths(low: float, high: float, acts: bool) -> None:
    film = square_wave(grey(low), grey(high), 10.0)
    assert verdict(film).passes is not acts
    seen, held = shown(film)
    assert (held > 0) is acts
    assert verdict(seen).passes


@pytest.mark.parametrize(("part", "acts"), [(0.18, False), (0.30, True)])
def test_the_area_counts_from_a_quarter_of_a_window(part: float, acts: bool) -> None:
    film = square_wave(*patch(part), 10.0)
    assert verdict(film).passes is not acts
    seen, held = shown(film)
    assert (held > 0) is acts
    assert verdict(seen).passes


def test_outside_the_flashing_area_the_picture_goes_on() -> None:
    film = square_wave(*patch(0.6), 10.0)
    for number, picture in enumerate(film):
        picture = film[number] = picture.copy()
        picture[:, 100:] = 0.5 + 0.3 * np.sin(number / 20)
    seen, held = shown(film)
    assert held > 0
    for wanted, got in zip(film, seen, strict=True):
        np.testing.assert_array_equal(wanted[:, 100:], got[:, 100:])


def test_areas_that_take_turns_count_together() -> None:
    """Four quarters of a window flash twice a second each, one after the other."""
    film = []
    for number in range(2 * FPS):
        picture = grey(0.0)
        turn = (number // 2) % 8  # 66 ms each: a flash every 133 ms, now here, now there
        if turn % 2 == 0:
            top, left = 20 + 15 * (turn // 4), 30 + 21 * (turn // 2 % 2)
            picture[top : top + 15, left : left + 20] = 1.0
        film.append(picture)
    assert not verdict(film).passes
    seen, held = shown(film)
    assert held > 0
    assert verdict(seen).passes


RED, WHITE, BLACK = (1.0, 0.0, 0.0), (0.2126, 0.2126, 0.2126), (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("one", "other", "acts"),
    [
        (RED, WHITE, True),  # of one luminance: no general flash
        ((0.4, 0.0, 0.0), BLACK, True),  # too dark for a general flash
        ((0.6, 0.2, 0.2), (0.28, 0.28, 0.28), False),  # red, but not saturated
        ((0.85, 0.1, 0.05), RED, False),  # both red, too near to each other
        ((0.0, 0.2, 0.0), (0.0, 0.18, 0.18), False),  # far apart, and no red
    ],
)
def test_red_flashes_count_by_their_own_formula(
    one: tuple[float, float, float], other: tuple[float, float, float], acts: bool
) -> None:
    film = square_wave(painted(one), painted(other), 6.0)
    before = verdict(film)
    assert before.general <= 3
    assert (before.red > 3) is acts
    seen, held = shown(film)
    assert (held > 0) is acts
    assert verdict(seen).passes


@pytest.mark.parametrize("hertz", [1.0, 3.0])
def test_three_red_flashes_a_second_pass_untouched(hertz: float) -> None:
    assert shown(square_wave(painted(RED), painted(WHITE), hertz))[1] == 0


def test_noise_of_every_kind_passes_afterwards() -> None:
    random = np.random.default_rng(7)
    for seed in range(4):
        steps = random.uniform(0, 1, (60, 3, 4, 3)).astype(np.float32)
        if seed % 2:
            steps[..., 1:] *= 0.1  # reds
        film = [np.kron(step, np.ones((30, 30, 1), np.float32)) for step in steps]
        assert not verdict(film).passes
        assert verdict(shown(film)[0]).passes


def test_moving_bars_pass_afterwards() -> None:
    columns = np.arange(COLUMNS)
    film = [
        np.broadcast_to(
            (((columns + 4 * k) // 12) % 2).astype(np.float32)[None, :, None], (ROWS, COLUMNS, 3)
        ).copy()
        for k in range(60)
    ]
    assert not verdict(film).passes
    assert verdict(shown(film)[0]).passes


def test_one_change_is_never_delayed() -> None:
    """A cut, a blackout, a slow fade: no flash, so they come at once."""
    film = [grey(0.9)] * 10 + [grey(0.0)] * 20 + [grey(float(k) / 30) for k in range(30)]
    assert shown(film)[1] == 0


def test_what_stays_is_reached_within_two_seconds_of_the_strobe_s_end() -> None:
    film = square_wave(grey(0.0), grey(1.0), 10.0) + [grey(0.02)] * 90
    seen, _ = shown(film)
    assert abs(float(seen[-30].mean()) - 0.02) < 0.05
    np.testing.assert_allclose(seen[-1], film[-1], atol=0.031)  # and then exactly, once it moves


def test_another_clock_starts_anew() -> None:
    limiter = FlashLimiter()
    shown(square_wave(grey(0.0), grey(1.0), 10.0), limiter)
    assert shown(square_wave(grey(0.0), grey(1.0), 2.0), limiter)[1] == 0


def test_colours_are_those_of_wcag_and_cie() -> None:
    assert float(np.ones(3, np.float32) @ LUMA) == pytest.approx(1.0)
    u, v = chromaticity(painted((1.0, 1.0, 1.0)))
    assert (u[0, 0], v[0, 0]) == pytest.approx((0.1978, 0.4683), abs=3e-4)  # D65
    u, v = chromaticity(painted((1.0, 0.0, 0.0)))
    assert (u[0, 0], v[0, 0]) == pytest.approx((0.4507, 0.5229), abs=0.01)  # but for the flare
    for colour, red in [((0.8, 0.2, 0.0), True), ((0.79, 0.21, 0.0), False), (BLACK, False)]:
        assert bool(is_saturated_red(painted(colour))[0, 0]) is red
