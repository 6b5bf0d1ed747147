"""A 16:9 picture on a 16:10 screen: bars, or filled with the edges cut off."""

from __future__ import annotations

import numpy as np
import pytest

from traumer_live.video.gl import release_standalone, standalone_context
from traumer_live.video.look import letterbox
from traumer_live.video.presenter import Presenter

pytestmark = pytest.mark.gl
PICTURE, SCREEN = (160, 90), (160, 100)


@pytest.fixture
def shown():
    """Shows a picture of grey with one red column at each side; the screen's pixels."""
    ctx = standalone_context()
    pixels = np.full((90, 160, 4), 128, np.uint8)
    pixels[:, :4] = pixels[:, -4:] = (255, 0, 0, 255)
    texture = ctx.texture(PICTURE, 4, pixels.tobytes())
    screen = ctx.framebuffer([ctx.texture(SCREEN, 4)])
    presenter = Presenter(ctx)

    def show(**how):
        presenter.show(texture, screen, SCREEN, **how)
        return np.frombuffer(screen.read(components=4), np.uint8).reshape(100, 160, 4)[..., :3]

    yield show
    presenter.release()
    release_standalone(ctx)


def test_bars_keep_the_whole_picture(shown):
    image = shown()
    assert not image[:5].any()
    assert not image[-5:].any()
    assert (image[50, :4] == (255, 0, 0)).all()


def test_filled_nothing_is_black_and_both_sides_lose_alike(shown):
    shown()  # bars before: nothing of them stays
    image = shown(fill=True)
    assert image.max(2).min() > 100
    assert (image[50] == 128).all()  # the columns at the sides are cut off
    assert image[:, 80].std() == 0


@pytest.mark.parametrize("window", [(1920, 1200), (1024, 768), (3440, 1440), (1080, 1920)])
def test_a_filled_window_has_no_gap(window):
    x, y, width, height = letterbox((1280, 720), window, fill=True)
    assert x <= 0
    assert y <= 0
    assert x + width >= window[0]
    assert y + height >= window[1]
    assert width / height == pytest.approx(16 / 9, rel=0.002)
