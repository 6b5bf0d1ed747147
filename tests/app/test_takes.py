"""The record card: how good the next take is, how long the disk lasts, the takes that were kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtGui import QGuiApplication

from traumer_live.video.take import Take

pytestmark = pytest.mark.qt


def keep_take(folder: Path, name: str) -> Path:
    take = Take(folder / name, (64, 36))
    for slot in range(30):
        take.write_frame(np.full((36, 64, 4), 180, np.uint8), slot)
    take.close()
    return folder / name


def test_a_kept_take_shows_its_picture_and_gives_the_command_that_paints_it_again(
    still, qtbot, tmp_path: Path
):
    movie = keep_take(tmp_path, "traumer-live_2026-01-01_10-00-00.mp4")
    movie.with_suffix(".session").touch()
    still.desk.takes.read()
    rows = still.window.record.rows
    qtbot.waitUntil(lambda: len(rows.rows) == 1)
    row = rows.rows[0]
    assert not row.picture._pixmap.isNull()
    row.again.click()
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("traumer-live rerender ")
    assert str(movie.with_suffix(".session")) in copied
    still.desk.takes.read()  # known already: the row stays, with what the mouse does on it
    with qtbot.waitSignal(still.desk.takes.changed):
        movie.unlink()
        still.desk.takes.read()
    assert rows.rows == []


def test_the_quality_of_the_next_take_is_chosen_and_remembered(still):
    card = still.window.record
    assert card.qualities.button("standard").isChecked()
    card.qualities.button("fine").click()
    assert still.show.take_wish.quality == "fine"
    assert "cut" in card._meaning.text()
    assert still.desk.choices("").takes == still.show.take_wish


def test_a_graphics_card_is_offered_only_where_one_picture_proved_it(still):
    takes, button = still.desk.takes, still.window.record.hardware
    takes._probed(None)
    assert button.isHidden()
    takes._probed("h264_nvenc")
    assert not button.isHidden()
    assert "h264_nvenc" in button.toolTip()
    button.click()
    assert not still.show.take_wish.hardware
