"""Words stand out from what they stand on: WCAG's 4.5 to 1, for every pair that the studio uses."""

import re
from itertools import product

import pytest

from traumer_live.app.theme import COLOURS, style_sheet

READABLE = 4.5
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


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(shade: str) -> float:
    values = [int(shade[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
