from __future__ import annotations

from dataclasses import replace

import moderngl
import numpy as np
import pytest

from tests.video.conftest import read_window
from traumer_live.video.hud import ACCENT, PLATE, Hud, HudReading, cells_of, paint
from traumer_live.video.look import LookState
from traumer_live.video.renderer import Renderer

READING = HudReading(29.9, 35.4, 3, -18.2, ("techno", "electronic", "beat"), (1.8, 1.5, 0.2))


def accent_pixels(image: np.ndarray) -> np.ndarray:
    return (image[..., :3] == ACCENT[:3]).all(axis=-1)


def test_the_line_says_everything() -> None:
    text = "  ".join(cell.text for cell in cells_of(READING, tags=3, names=True))
    for words in ("29.9 fps", "p95  35 ms", "drops 3", "-18 dB", "techno · electronic · beat"):
        assert words in text
    assert text.endswith("coarse 1.8 s  middle 1.5 s  fine 0.2 s")


def test_silence_is_a_word_and_bars_end_at_full() -> None:
    cells = cells_of(replace(READING, level_dbfs=-120.0, lag_s=(9.0, 0.0, 0.0)), tags=0, names=True)
    assert any(cell.value == "silent" for cell in cells)
    assert [cell.bar for cell in cells if cell.bar is not None] == [1.0, 0.0, 0.0]


def test_numbers_keep_their_width() -> None:
    for change in ({"fps": 8.1}, {"p95_ms": 120.0}, {"level_dbfs": -3.0}, {"level_dbfs": -120.0}):
        assert (
            paint(replace(READING, **change), (1280, 720)).shape
            == paint(READING, (1280, 720)).shape
        )


@pytest.mark.parametrize("window", [(320, 180), (640, 360), (1280, 720), (1920, 1080)])
def test_it_fits_its_window_and_is_sixty_per_cent_opaque(window: tuple[int, int]) -> None:
    image = paint(replace(READING, tags=("female vocalists", "electronic", "beautiful")), window)
    assert image.shape[1] < window[0]
    assert image.shape[0] < window[1] / 6
    assert tuple(image[image.shape[0] // 2, 2]) == PLATE
    assert image[0, 0, 3] < PLATE[3]  # round corners


def test_bars_are_as_long_as_the_lags() -> None:
    bars = accent_pixels(paint(READING, (1280, 720)))
    lengths = np.diff(np.flatnonzero(np.diff(bars.any(axis=0).astype(int))))[::2]
    widths = [len(cell.text) for cell in cells_of(READING, tags=3, names=True)[-3:]]
    shares = lengths / np.array(widths)
    np.testing.assert_allclose(shares / shares[0], [1, 1.5 / 1.8, 0.2 / 1.8], atol=0.03)


def test_it_paints_only_what_changed_and_at_most_four_times_a_second() -> None:
    hud = Hud()
    hud.update(READING, now_s=0.0, window=(640, 360))
    hud.update(replace(READING, drops=4), now_s=0.1, window=(640, 360))
    assert hud.version == 1
    hud.update(replace(READING, fps=29.91), now_s=0.5, window=(640, 360))  # reads the same
    assert hud.version == 1
    hud.update(replace(READING, drops=4), now_s=0.6, window=(640, 360))
    assert hud.version == 2


@pytest.mark.gl
def test_windows_show_it_bottom_left_and_the_take_never(ctx: moderngl.Context) -> None:
    size = (320, 180)
    renderer = Renderer(ctx, size)
    renderer.upload(np.full((32, 32, 4), 255, np.uint8))
    renderer.draw(LookState())
    window, hud = ctx.simple_framebuffer(size), Hud()
    for drops in (1, 123456):  # the second is wider: the texture must grow
        hud.update(replace(READING, drops=drops), now_s=float(drops), window=size)
        renderer.present(window, size, hud=hud)
    assert hud.image is not None
    image = read_window(window).astype(float)
    height, width = hud.image.shape[:2]
    box = image[180 - hud.margin - height : 180 - hud.margin, hud.margin : hud.margin + width]
    alpha = hud.image[..., 3:] / 255
    expected = hud.image[..., :3] * alpha + 255 * (1 - alpha)
    np.testing.assert_allclose(box[..., :3], expected, atol=1.5)
    image[180 - hud.margin - height : 180 - hud.margin, hud.margin : hud.margin + width] = 255
    assert image.min() == 255
    assert min(renderer.texture.read()) == 255
    renderer.release()
