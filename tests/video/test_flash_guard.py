"""What leaves the renderer while a strobe goes in, judged by WCAG's text and not by the limiter."""

from __future__ import annotations

import moderngl
import numpy as np
import pytest

from tests.video.conftest import read_texture
from tests.video.wcag import judge
from traumer_live.core.types import Pixels, Pulse
from traumer_live.video.look import LookState
from traumer_live.video.renderer import Renderer

pytestmark = pytest.mark.gl

SIZE = (160, 90)
FPS = 30


def filmed(ctx: moderngl.Context, pictures: list[Pixels], **look) -> tuple[list[Pixels], int]:
    """What the audience sees of ``pictures``, one a tick, and how many were held back."""
    renderer = Renderer(ctx, SIZE)
    seen, held = [], 0
    for number, picture in enumerate(pictures):
        renderer.upload(picture)
        state = LookState(fit="crop", time_s=number / FPS, **{"limit_flashes": True, **look})
        seen.append(read_texture(renderer.draw(state)).copy())
        held += renderer.limiting > 0
        np.testing.assert_array_equal(
            np.frombuffer(renderer.framebuffer.read(components=4), np.uint8), seen[-1].ravel()
        )  # takes are read from here
    renderer.release()
    return seen, held


def plain(red: int, green: int, blue: int) -> Pixels:
    return np.full((64, 64, 4), (red, green, blue, 255), np.uint8)


def strobe(one: Pixels, other: Pixels, hertz: float, seconds: float = 2.0) -> list[Pixels]:
    return [
        other if int(2 * hertz * k / FPS + 1e-9) % 2 else one for k in range(int(seconds * FPS))
    ]


def half(light: int) -> Pixels:
    picture = plain(0, 0, 0)
    picture[:, 20:44, :3] = light
    return picture


STROBES = {
    "white": (plain(0, 0, 0), plain(255, 255, 255)),
    "grey, a little above the threshold": (plain(90, 90, 90), plain(130, 130, 130)),
    "red and grey of one luminance": (plain(255, 0, 0), plain(127, 127, 127)),
    "dark red and black": (plain(0, 0, 0), plain(150, 0, 0)),
    "a part of the picture": (half(0), half(255)),
}


@pytest.mark.parametrize("name", STROBES)
@pytest.mark.parametrize("hertz", [5.0, 15.0])
def test_strobes_of_every_kind_leave_as_something_harmless(
    ctx: moderngl.Context, name: str, hertz: float
) -> None:
    film = strobe(*STROBES[name], hertz)
    unlimited, never = filmed(ctx, film, limit_flashes=False)
    assert never == 0
    assert not judge(unlimited, FPS).passes
    seen, held = filmed(ctx, film)
    assert held > 0
    assert judge(seen, FPS).passes


@pytest.mark.parametrize("name", STROBES)
def test_what_is_harmless_leaves_untouched(ctx: moderngl.Context, name: str) -> None:
    film = strobe(*STROBES[name], 2.5)
    for wanted, seen in zip(
        filmed(ctx, film, limit_flashes=False)[0], filmed(ctx, film)[0], strict=True
    ):
        np.testing.assert_array_equal(seen, wanted)


@pytest.mark.parametrize("look", ["plain", "velvet", "comet", "neon", "mandala"])
def test_looks_do_not_undo_it(ctx: moderngl.Context, look: str) -> None:
    film = strobe(*STROBES["white"], 7.5)
    pulse = Pulse(onset=1.0, bass=1.0)
    seen, held = filmed(ctx, film, look=look, pulse=pulse, pulse_strength=1.0)
    assert judge(seen, FPS).passes
    assert held > 0 or look == "comet"  # trails may be calm enough by themselves


def test_hands_on_the_blackout_key_do_not_flash_either(ctx: moderngl.Context) -> None:
    renderer = Renderer(ctx, SIZE)
    renderer.upload(plain(230, 230, 230))
    seen = []
    for number in range(60):
        blackout = float(number // 3 % 2)
        look = LookState(time_s=number / FPS, blackout=blackout, limit_flashes=True)
        seen.append(read_texture(renderer.draw(look)).copy())
    assert judge(seen, FPS).passes
    for number in range(60, 120):  # and then it is dark
        renderer.draw(LookState(time_s=number / FPS, blackout=1.0, limit_flashes=True))
    assert read_texture(renderer.texture)[..., :3].max() <= 1
    renderer.release()


def test_a_blackout_without_a_strobe_is_dark_at_once(ctx: moderngl.Context) -> None:
    renderer = Renderer(ctx, SIZE)
    renderer.upload(plain(255, 255, 255))
    for number in range(30):
        renderer.draw(LookState(time_s=number / FPS, limit_flashes=True))
    renderer.draw(LookState(time_s=1.0, blackout=1.0, limit_flashes=True))
    assert read_texture(renderer.texture)[..., :3].max() == 0
    assert renderer.limiting == 0
    renderer.release()


def test_the_measure_is_the_mean_linear_light_of_every_cell(ctx: moderngl.Context) -> None:
    renderer = Renderer(ctx, (480, 360), bicubic=False)
    random = np.random.default_rng(3)
    picture = np.full((90, 120, 4), 255, np.uint8)
    picture[..., :3] = random.integers(0, 256, (90, 120, 3))
    renderer.upload(np.repeat(np.repeat(picture, 4, 0), 4, 1))
    renderer.draw(LookState(fit="crop"))
    guard = renderer._guard
    measured = guard._measured(guard.shown)
    shown = read_texture(renderer.texture)[..., :3] / 255
    linear = np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)
    np.testing.assert_allclose(measured, linear.reshape(90, 4, 120, 4, 3).mean((1, 3)), atol=0.035)
    assert abs(float(measured.mean() - linear.mean())) < 0.003
    renderer.release()
