"""The status line: one row of quiet numbers, bottom left, over a window and never in a take.

In: a HudReading, a few times a second.  Out: an RGBA image with straight alpha, first row on top.
Thread: the window's.  Text is rasterised only when it changes, at most four times a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from traumer_live.core.paths import data_file
from traumer_live.core.types import Pixels
from traumer_live.video.look import Size

Font: TypeAlias = ImageFont.FreeTypeFont
Colour: TypeAlias = tuple[int, int, int, int]

PLATE: Colour = (14, 15, 18, 153)  # 60 % opaque
TEXT: Colour = (231, 233, 238, 255)
QUIET: Colour = (190, 195, 207, 255)
SHADE: Colour = (14, 15, 18, 210)  # round every letter: 6 : 1 even over a white picture
TRACK: Colour = (66, 70, 80, 230)
ACCENT: Colour = (240, 168, 91, 255)

REFRESH_S = 0.25
FULL_BAR_S = 3.0  # a bar as wide as its cell
_SMALLEST_TEXT = 11  # pixels; below it the digits run together
_LINES_PER_WINDOW = 45  # text height as a part of the window's
_LEVELS = ("coarse", "middle", "fine")


@dataclass(frozen=True)
class HudReading:
    """What the line tells."""

    fps: float = 0.0
    p95_ms: float = 0.0  # of the time between shown frames
    drops: int = 0
    level_dbfs: float = -120.0
    tags: tuple[str, ...] = ()
    lag_s: tuple[float, float, float] = (0.0, 0.0, 0.0)  # coarse, middle, fine
    limiting: bool = False  # the flash limiter acts
    safe: bool = False  # the safe scene is played
    teaching: str = ""  # such as "learning", while the mapping is taught beside the show
    knows: float | None = None  # 0..1, how well labels cover this music
    rung: str = ""  # how much detail the machine carries, such as "128 px · 3 keys/s"


@dataclass(frozen=True)
class Cell:
    """A word and its number; a bar below when the number is a lag."""

    label: str
    value: str
    bar: float | None = None  # 0..1 of the cell's width
    loud: bool = False  # in the colour of what is live

    @property
    def text(self) -> str:
        """Label and value as they stand in the line."""
        return f"{self.label} {self.value}" if self.label else self.value


def cells_of(reading: HudReading, *, tags: int, names: bool) -> tuple[Cell, ...]:
    """The line from left to right, with so many tags, and with or without the levels' names.

    Numbers keep their width, so nothing dances.
    """
    words = " · ".join(reading.tags[:tags])
    level = "silent" if reading.level_dbfs <= -99.5 else f"{reading.level_dbfs:3.0f} dB"
    lags = tuple(
        Cell(
            name if names else ("lag" if name == "coarse" else ""),
            f"{lag:.1f}" + (" s" if names or name == "fine" else ""),
            bar=min(lag / FULL_BAR_S, 1.0),
        )
        for name, lag in zip(_LEVELS, reading.lag_s, strict=True)
    )
    return (
        Cell("", f"{reading.fps:4.1f} fps"),
        Cell("p95", f"{min(reading.p95_ms, 9999.0):3.0f} ms"),
        Cell("drops", f"{reading.drops:d}"),
        *((Cell("", "FLASH LIMITER", loud=True),) if reading.limiting else ()),
        *((Cell("", "SAFE SCENE", loud=True),) if reading.safe else ()),
        *((Cell("", reading.teaching.upper(), loud=True),) if reading.teaching else ()),
        *((Cell("", reading.rung),) if reading.rung else ()),
        Cell("", level.rjust(6)),
        *((Cell("", words),) if words else ()),
        *((Cell("knows", f"{reading.knows:4.0%}"),) if reading.knows is not None else ()),
        *lags,
    )


@cache
def _font(height: int) -> Font:
    return ImageFont.truetype(str(data_file("assets/fonts/DejaVuSansMono.ttf")), height)


class _Metrics:
    """All lengths of the line, from its text height, in pixels."""

    def __init__(self, text: int) -> None:
        self.font = _font(text)
        self.advance = self.font.getlength("0")
        ascent, descent = self.font.getmetrics()
        self.row = ascent + descent
        self.padding = round(text * 0.8)
        self.gap = round(text * 1.5)
        self.bar = max(round(text / 7), 2)
        self.bar_gap = max(round(text / 6), 2)
        self.height = self.row + self.bar_gap + self.bar + 2 * round(text * 0.45)

    def left_edges(self, cells: tuple[Cell, ...]) -> list[int]:
        """Where each cell begins, and last where the plate ends."""
        edges = [self.padding]
        for cell in cells:
            edges.append(edges[-1] + round(len(cell.text) * self.advance) + self.gap)
        edges[-1] += self.padding - self.gap
        return edges


def text_height(window: Size) -> int:
    """Pixels of the line's text in a window: legible when small, never loud when large."""
    return max(_SMALLEST_TEXT, round(window[1] / _LINES_PER_WINDOW))


def paint(reading: HudReading, window: Size) -> Pixels:
    """The line for a window, (height, width, 4); it leaves words out rather than be cut off."""
    metrics = _Metrics(text_height(window))
    room = window[0] - 2 * metrics.padding
    for tags, names in ((3, True), (3, False), (2, False), (1, False), (0, False)):
        cells = cells_of(reading, tags=tags, names=names)
        if metrics.left_edges(cells)[-1] <= room:
            break
    while len(cells) > 1 and metrics.left_edges(cells)[-1] > room:
        cells = cells[:-1]
    return _draw(cells, metrics)


def _draw(cells: tuple[Cell, ...], metrics: _Metrics) -> Pixels:
    *edges, width = metrics.left_edges(cells)
    image = _plate(width, metrics.height)
    pen = ImageDraw.Draw(image)
    # Lines without a bar stand on the same baseline as those with one.
    top = (metrics.height - metrics.row - metrics.bar_gap - metrics.bar) // 2
    for left, cell in zip(edges, cells, strict=True):
        _draw_cell(pen, cell, (left, top), metrics)
    return np.asarray(image, np.uint8).copy()


def _plate(width: int, height: int) -> Image.Image:
    """A rounded plate, drawn four times larger so that its corners are smooth."""
    box = (0, 0, 4 * width - 1, 4 * height - 1)
    mask = Image.new("L", (4 * width, 4 * height), 0)
    ImageDraw.Draw(mask).rounded_rectangle(box, height, fill=PLATE[3])
    plate = Image.new("RGBA", (width, height), PLATE)
    plate.putalpha(mask.resize((width, height), Image.Resampling.BOX))
    return plate


def _write(
    pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, *, font: Font, fill: Colour
) -> None:
    pen.text(at, text, font=font, fill=SHADE, stroke_width=1, stroke_fill=SHADE)
    pen.text(at, text, font=font, fill=fill)


def _draw_cell(
    pen: ImageDraw.ImageDraw, cell: Cell, at: tuple[int, int], metrics: _Metrics
) -> None:
    left, top = at
    after = left
    if cell.label:
        _write(pen, (left, top), cell.label, font=metrics.font, fill=QUIET)
        after += round((len(cell.label) + 1) * metrics.advance)
    _write(pen, (after, top), cell.value, font=metrics.font, fill=ACCENT if cell.loud else TEXT)
    if cell.bar is not None:
        width = round(len(cell.text) * metrics.advance)
        low = top + metrics.row + metrics.bar_gap
        high = low + metrics.bar - 1
        pen.rectangle((left, low, left + width - 1, high), fill=TRACK)
        full = max(round(width * cell.bar), 1)
        pen.rectangle((left, low, left + full - 1, high), fill=ACCENT)


class Hud:
    """The newest line of one window."""

    def __init__(self) -> None:
        self.image: Pixels | None = None  # (height, width, 4) straight alpha
        self.version = 0  # rises with every new image
        self.margin = 0  # pixels between the line and the window's corner
        self._painted: tuple[tuple[Cell, ...], Size] | None = None
        self._next_s = float("-inf")

    def update(self, reading: HudReading, *, now_s: float, window: Size) -> None:
        """Paint again when the words changed and a quarter of a second has passed."""
        if now_s < self._next_s:
            return
        wanted = (cells_of(reading, tags=3, names=True), window)
        if wanted == self._painted:
            return
        self.image = paint(reading, window)
        self.margin = text_height(window)
        self.version += 1
        self._painted = wanted
        self._next_s = now_s + REFRESH_S
