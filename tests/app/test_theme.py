"""The studio's colours: named ones alone, and words that stand out 4.5 to 1, as WCAG wants."""

import re
from itertools import product

import numpy as np
import pytest
from PyQt6.QtGui import QImage

from traumer_live.app.theme import COLOURS, style_sheet

READABLE = 4.5
NOTICEABLE = 0.01  # of a panel
SURFACES = ("window", "card", "raised", "hover")
PAIRS = [
    *product(("text", "quiet", "accent"), SURFACES),
    ("text", "line"),  # a button that is pressed
    ("window", "accent"),
    ("window", "danger"),
]


@pytest.mark.parametrize(("words", "surface"), PAIRS)
def test_words_are_readable(words, surface):
    assert contrast(COLOURS[words], COLOURS[surface]) >= READABLE


def test_the_style_sheet_uses_no_other_pair_and_no_colour_without_a_name():
    names = {shade: name for name, shade in COLOURS.items()}
    for rule in re.findall(r"\{(.*?)\}", style_sheet(), re.DOTALL):
        assert set(re.findall(r"#[0-9A-Fa-f]{6}", rule)) <= names.keys()
        words = re.search(r"(?<!-)\bcolor: (#\w{6})", rule)
        surface = re.search(r"background(?:-color)?: (#\w{6})", rule)
        if words and surface:
            assert (names[words[1]], names[surface[1]]) in PAIRS


@pytest.mark.gl
@pytest.mark.qt
def test_every_panel_is_dressed_in_the_named_colours_alone(still):
    window = still.window
    named = {shade.lower() for shade in COLOURS.values()}
    panels = {"top": window.top, "bottom": window.bottom, "scenes": window.scenes}
    panels |= {"keys": window.sheet, "small names": window.pages.choice}
    for name, cards in window.pages.cards.items():
        panels |= {f"{name} {number}": card for number, card in enumerate(cards)}
    for name, panel in panels.items():
        found = flat_colours(panel.grab().toImage())
        assert found
        assert found <= named, name


def flat_colours(picture: QImage) -> set[str]:
    """Colours that fill a noticeable part; the edges of letters have many that do not."""
    picture = picture.convertToFormat(QImage.Format.Format_RGB32)
    bits = picture.constBits().asarray(picture.sizeInBytes())
    pixels = np.frombuffer(bits, np.uint32) & 0xFFFFFF
    shades, counts = np.unique(pixels, return_counts=True)
    return {f"#{shade:06x}" for shade in shades[counts > NOTICEABLE * len(pixels)]}


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(shade: str) -> float:
    values = [int(shade[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
