from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from tests.video.conftest import BLUE, RED, read_window
from traumer_live.core.types import Pixels
from traumer_live.video.gl import window_context
from traumer_live.video.look import LookState
from traumer_live.video.presenter import Presenter
from traumer_live.video.renderer import Renderer

glfw: Any = pytest.importorskip("glfw")

pytestmark = pytest.mark.gl

SIZE = (160, 90)


@pytest.fixture(scope="module", autouse=True)
def windows() -> Iterator[None]:
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        pytest.skip("windows need a display; start Xvfb and set DISPLAY")
    if not glfw.init():
        pytest.skip("glfw finds no display")
    yield
    glfw.terminate()


@contextmanager
def window(share: Any = None) -> Iterator[Any]:
    """A window with a core context, current in this thread."""
    glfw.window_hint(glfw.VISIBLE, False)
    glfw.window_hint(glfw.CONTEXT_VERSION_MAJOR, 3)
    glfw.window_hint(glfw.CONTEXT_VERSION_MINOR, 3)
    glfw.window_hint(glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE)
    handle = glfw.create_window(*SIZE, "test", None, share)
    glfw.make_context_current(handle)
    yield handle
    glfw.destroy_window(handle)


def test_a_real_window_is_filled_upright(corners: Pixels) -> None:
    with window():
        ctx = window_context(glfw.get_proc_address)
        renderer = Renderer(ctx, SIZE)
        renderer.upload(corners)
        renderer.draw(LookState())
        screen = ctx.detect_framebuffer(0)
        renderer.present(screen, SIZE)
        image = read_window(screen)
        renderer.release()
    assert tuple(image[5, 5, :3]) == RED
    assert tuple(image[85, 5, :3]) == BLUE


def test_another_window_shows_the_same_texture(corners: Pixels) -> None:
    with window() as first:
        ctx = window_context(glfw.get_proc_address)
        renderer = Renderer(ctx, SIZE)
        renderer.upload(corners)
        expected = np.frombuffer(renderer.draw(LookState()).read(), np.uint8)
        ctx.finish()
        with window(share=first):
            other = window_context(glfw.get_proc_address)
            presenter = Presenter(other)
            shared = presenter.shared(renderer.texture.glo, SIZE)
            assert presenter.shared(renderer.texture.glo, SIZE) is shared
            screen = other.detect_framebuffer(0)
            presenter.show(shared, screen, SIZE)
            image = read_window(screen)
            presenter.release()
    np.testing.assert_array_equal(image, expected.reshape(90, 160, 4))
