"""Why this picture?: one key opens the page, and it says what the show knows of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt

from traumer_live.app.why_card import meaning, origin
from traumer_live.engine.why import Neighbour, Why

pytestmark = pytest.mark.qt

WHY = Why(
    confidence=0.2,
    starter_share=0.4,
    neighbours=(Neighbour("disco/Night Drive.flac", 75.0, 0.8, 3),),
    tags=(("techno", 0.9), ("beat", 0.5)),
    labels_by="Ada",
)


def test_y_opens_the_account_and_gives_the_page_before_back(still, qtbot):
    pages = still.window.pages
    pages.turn_to("take")
    qtbot.keyClick(still.window, Qt.Key.Key_Y)
    assert pages.current == "why"
    qtbot.keyClick(still.window, Qt.Key.Key_Y)
    assert pages.current == "take"


def test_it_tells_tags_neighbours_confidence_lag_and_smoothness(still):
    still.window.pages.turn_to("why")
    card = still.window.why
    status = replace(still.show.status(), why=WHY, fps=29.9, p95_ms=36.0, dropped=4)
    card.show_status(status)
    assert [row.told for row in card.tags] == [("techno", 0.9), ("beat", 0.5), *[("", 0.0)] * 3]
    assert card.neighbours[0].told == ("Night Drive · 1:15", 0.8)
    assert card.known.told == ("Confidence", 0.2)
    assert card.figures["coarse"].text().endswith(" s")
    assert [card.figures[name].text() for name in ("fps", "p95", "dropped")] == [
        "29.9",
        "36 ms",
        "4",
    ]
    assert not card.grab().isNull()  # every row is painted without a stumble


def test_confidence_is_said_in_words():
    assert "cannot say" in meaning(Why())
    assert "Hardly known" in meaning(WHY)
    assert "starter mapping paints 40%" in meaning(WHY)
    assert "Known well" in meaning(replace(WHY, confidence=0.9, starter_share=0.0))
    assert origin(WHY) == "Labels: Ada."
