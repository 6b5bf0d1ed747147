"""A real OpenGL context for the tests that draw, and pictures whose corners say where they are."""

from __future__ import annotations

from collections.abc import Iterator

import moderngl
import numpy as np
import pytest

from traumer_live.core.errors import DisplayError
from traumer_live.core.types import Pixels
from traumer_live.video.gl import standalone_context

RED, GREEN, BLUE, YELLOW = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)


@pytest.fixture(scope="module")
def ctx() -> Iterator[moderngl.Context]:
    try:
        context = standalone_context()
    except DisplayError as error:
        pytest.skip(str(error))
    with context:
        yield context
    context.release()


@pytest.fixture
def corners() -> Pixels:
    """Red top left, green top right, blue bottom left, yellow bottom right."""
    pixels = np.full((64, 64, 4), 255, np.uint8)
    pixels[:32, :32, :3], pixels[:32, 32:, :3] = RED, GREEN
    pixels[32:, :32, :3], pixels[32:, 32:, :3] = BLUE, YELLOW
    return pixels


def read_texture(texture: moderngl.Texture) -> Pixels:
    width, height = texture.size
    return np.frombuffer(texture.read(), np.uint8).reshape(height, width, 4)


def read_window(framebuffer: moderngl.Framebuffer) -> Pixels:
    """What a person would see: first row on top."""
    width, height = framebuffer.size
    raw = np.frombuffer(framebuffer.read(components=4), np.uint8)
    return raw.reshape(height, width, 4)[::-1]
