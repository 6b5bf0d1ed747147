from __future__ import annotations

import moderngl
import numpy as np
import pytest

from tests.video.conftest import RED, read_texture
from traumer_live.core.errors import DisplayError
from traumer_live.core.types import Pixels
from traumer_live.video.look import LookState
from traumer_live.video.offscreen import Offscreen
from traumer_live.video.readback import Readback
from traumer_live.video.renderer import Renderer

pytestmark = pytest.mark.gl

SIZE = (162, 90)  # rows are not a multiple of 16 bytes


def test_it_returns_the_picture_of_the_call_before(ctx: moderngl.Context) -> None:
    renderer, readback = Renderer(ctx, SIZE), Readback(ctx, SIZE)
    rng = np.random.default_rng(1)
    direct: list[Pixels] = []
    fetched = []
    for tag in range(4):
        renderer.upload(rng.integers(0, 255, (64, 64, 4), dtype=np.uint8))
        direct.append(read_texture(renderer.draw(LookState())).copy())
        fetched.append(readback.exchange(renderer.framebuffer, tag))
    fetched.append(readback.flush())
    assert fetched[0] is None
    for tag, (expected, found) in enumerate(zip(direct, fetched[1:], strict=True)):
        assert found is not None
        assert found[1] == tag
        np.testing.assert_array_equal(found[0], expected)
    assert readback.flush() is None
    readback.release()
    renderer.release()


def test_fetched_pictures_are_not_overwritten_later(ctx: moderngl.Context) -> None:
    renderer, readback = Renderer(ctx, SIZE), Readback(ctx, SIZE)
    kept = []
    for value in (10, 20, 30, 40):
        renderer.upload(np.full((8, 8, 4), value, np.uint8))
        renderer.draw(LookState())
        if (pair := readback.exchange(renderer.framebuffer, value)) is not None:
            kept.append(pair)
    assert [(int(pixels[0, 0, 0]), tag) for pixels, tag in kept] == [(10, 10), (20, 20), (30, 30)]
    readback.release()
    renderer.release()


def test_offscreen_renders_upright_and_in_order(corners: Pixels) -> None:
    try:
        stage = Offscreen(SIZE)
    except DisplayError as error:
        pytest.skip(str(error))
    with stage:
        image = stage.render(corners, LookState())
        assert image.shape == (90, 162, 4)
        assert tuple(image[5, 5, :3]) == RED
        assert (image[..., 3] == 255).all()
        assert stage.pipeline(corners, LookState(), tag=1) is None
        second = stage.pipeline(None, LookState(blackout=1.0), tag=2)
        assert second is not None
        np.testing.assert_array_equal(second[0], image)
        last = stage.flush()
        assert last is not None
        assert (last[1], last[0][..., :3].max()) == (2, 0)
