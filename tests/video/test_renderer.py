from __future__ import annotations

from dataclasses import replace

import moderngl
import numpy as np
import pytest

from tests.video.conftest import BLUE, GREEN, RED, YELLOW, read_texture, read_window
from traumer_live.core.types import Pixels, Pulse
from traumer_live.video.look import Fade, Fit, LookState, letterbox
from traumer_live.video.renderer import Renderer

pytestmark = pytest.mark.gl

SIZE = (160, 90)
BLACK = (0, 0, 0)


def drawn(renderer: Renderer, look: LookState) -> Pixels:
    return read_texture(renderer.draw(look))[..., :3]


def at(image: Pixels, x: int, y: int) -> tuple[int, ...]:
    return tuple(int(c) for c in image[y, x])


@pytest.fixture
def renderer(ctx: moderngl.Context, corners: Pixels) -> Renderer:
    renderer = Renderer(ctx, SIZE, bicubic=False)
    renderer.upload(corners)
    return renderer


# The picture is 90 wide in the middle of 160: it covers columns 35 to 124.
@pytest.mark.parametrize(
    ("fit", "middle", "far_left"),
    [
        ("mirror", (RED, GREEN, BLUE, YELLOW), (RED, BLUE)),
        ("fit", (RED, GREEN, BLUE, YELLOW), (BLACK, BLACK)),
        ("crop", (RED, GREEN, BLUE, YELLOW), (RED, BLUE)),
    ],
)
@pytest.mark.parametrize("bicubic", [False, True], ids=["bilinear", "bicubic"])
def test_every_fit_keeps_the_picture_upright_and_its_colours_exact(
    ctx: moderngl.Context,
    corners: Pixels,
    fit: Fit,
    middle: tuple[tuple[int, ...], ...],
    far_left: tuple[tuple[int, ...], ...],
    bicubic: bool,
) -> None:
    renderer = Renderer(ctx, SIZE, bicubic=bicubic)
    renderer.upload(corners)
    image = drawn(renderer, LookState(fit=fit))
    found = tuple(at(image, x, y) for y in (20, 70) for x in (60, 100))
    assert found == middle
    assert (at(image, 3, 10), at(image, 3, 80)) == far_left
    renderer.release()


def test_mirrored_tiling_is_a_mirror_and_not_a_repeat(ctx: moderngl.Context) -> None:
    ramp = np.full((64, 64, 4), 255, np.uint8)
    ramp[..., 0] = np.linspace(0, 255, 64).astype(np.uint8)  # dark left, red right
    renderer = Renderer(ctx, SIZE, bicubic=False)
    renderer.upload(ramp)
    row = drawn(renderer, LookState())[45, :, 0].astype(int)
    np.testing.assert_allclose(row[0:35], row[69:34:-1], atol=2)
    np.testing.assert_allclose(row[125:160], row[124:89:-1], atol=2)
    renderer.release()


def test_a_grey_stays_the_same_grey(ctx: moderngl.Context) -> None:
    renderer = Renderer(ctx, SIZE)
    for value in (1, 30, 127, 200, 254):
        renderer.upload(np.full((32, 32, 4), value, np.uint8))
        assert np.unique(drawn(renderer, LookState())).tolist() == [value]
    renderer.release()


def test_blackout_fades_to_black_and_back(renderer: Renderer) -> None:
    half = drawn(renderer, LookState(blackout=0.5))
    assert 125 <= half.max() <= 129
    assert drawn(renderer, LookState(blackout=1.0)).max() == 0
    assert drawn(renderer, LookState()).max() == 255


def test_freeze_keeps_picture_and_pulse_but_not_the_blackout(
    renderer: Renderer, corners: Pixels
) -> None:
    before = drawn(renderer, LookState())
    hit = Pulse(onset=1.0, bass=1.0)
    loud = LookState(freeze=True, look="plain", pulse=hit, pulse_strength=1.0)
    drawn(renderer, loud)
    renderer.upload(np.zeros_like(corners))
    np.testing.assert_array_equal(drawn(renderer, loud), before)
    assert drawn(renderer, replace(loud, blackout=1.0)).max() == 0
    np.testing.assert_array_equal(drawn(renderer, loud), before)
    drawn(renderer, LookState())
    renderer.upload(np.zeros_like(corners))
    assert drawn(renderer, LookState()).max() == 0


def test_the_pulse_is_felt_but_never_flashes(ctx: moderngl.Context) -> None:
    renderer = Renderer(ctx, SIZE)
    look = LookState(look="plain", turned={"finish.vignette": 0.0}, pulse_strength=1.0)
    for value in range(0, 256, 5):
        renderer.upload(np.full((32, 32, 4), value, np.uint8))
        quiet = drawn(renderer, look).mean() / 255
        hit = replace(look, pulse=Pulse(onset=1.0, bass=1.0))
        loud = drawn(renderer, hit).mean() / 255
        assert 0 <= loud**2.2 - quiet**2.2 < 0.1  # WCAG 2.3.1 counts from a tenth
    renderer.upload(np.full((32, 32, 4), 128, np.uint8))
    assert drawn(renderer, hit).mean() > 135
    renderer.release()


def test_bass_comes_closer_and_strength_zero_does_nothing(renderer: Renderer) -> None:
    look = LookState(look="plain")
    still = drawn(renderer, look)
    bass = Pulse(bass=1.0)
    np.testing.assert_array_equal(drawn(renderer, replace(look, pulse=bass)), still)
    near = drawn(renderer, replace(look, pulse=bass, pulse_strength=1.0))
    assert not np.array_equal(near, still)
    np.testing.assert_array_equal(near[40, 60], still[40, 60])


def test_vignette_darkens_corners_only(ctx: moderngl.Context) -> None:
    renderer = Renderer(ctx, SIZE)
    renderer.upload(np.full((32, 32, 4), 255, np.uint8))
    image = drawn(renderer, LookState(turned={"finish.vignette": 0.5}))
    assert image[45, 80, 0] >= 254
    assert 126 <= image[0, 0, 0] <= 130
    renderer.release()


def test_crossfade_mixes_the_last_two_pictures(renderer: Renderer, corners: Pixels) -> None:
    renderer.upload(np.zeros_like(corners))
    assert 63 <= drawn(renderer, LookState(crossfade=0.75)).max() <= 65
    assert drawn(renderer, LookState()).max() == 0


def test_before_the_first_picture_something_dark_drifts(ctx: moderngl.Context) -> None:
    renderer = Renderer(ctx, SIZE)
    first, later = (drawn(renderer, LookState(time_s=t)).astype(int) for t in (0.0, 4.0))
    assert 10 < first.mean() < 90
    assert np.abs(first - later).mean() > 1
    assert drawn(renderer, LookState(blackout=1.0)).max() == 0
    renderer.release()


def test_a_picture_of_another_size_and_a_much_larger_one(renderer: Renderer) -> None:
    for side in (16, 512):
        renderer.upload(np.full((side, side, 4), 77, np.uint8))
        assert np.unique(drawn(renderer, LookState())).tolist() == [77]


@pytest.mark.parametrize(("window", "bars"), [((160, 120), "above"), ((300, 90), "beside")])
def test_a_window_shows_the_whole_output_upright_with_black_bars(
    ctx: moderngl.Context, renderer: Renderer, window: tuple[int, int], bars: str
) -> None:
    renderer.draw(LookState(fit="crop"))
    target = ctx.simple_framebuffer(window)
    target.clear(1.0, 0.0, 1.0, 1.0)
    renderer.present(target, window)
    image = read_window(target)[..., :3]
    x, y, width, height = letterbox(SIZE, window)
    assert at(image, x + 5, y + 5) == RED
    assert at(image, x + width - 5, y + 5) == GREEN
    assert at(image, x + 5, y + height - 5) == BLUE
    assert at(image, x + width - 5, y + height - 5) == YELLOW
    assert at(image, *((80, 3) if bars == "above" else (3, 45))) == BLACK


def test_a_fade_walks_by_time_and_turns_back() -> None:
    fade = Fade(seconds=1.0)
    assert fade.toward(True, now_s=10.0) == 0.0
    assert fade.toward(True, now_s=10.5) == pytest.approx(0.5)
    assert fade.toward(False, now_s=10.75) == pytest.approx(0.25)
    assert fade.toward(True, now_s=99.0) == 1.0
    assert fade.toward(False, now_s=98.0) == 1.0  # a clock that runs backward moves nothing
