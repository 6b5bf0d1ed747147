"""What the operator reads: meter, badges, facts about the take, screens. No window needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PyQt6.QtCore import QRect, Qt
from PyQt6.QtWidgets import QWidget

from traumer_live.app.badges import MOST, BadgeShelf
from traumer_live.app.ballistics import FLOOR_DB, Ballistics, fraction
from traumer_live.app.conditions import Patience, conditions
from traumer_live.app.meter import level_text
from traumer_live.app.preview import picture_place
from traumer_live.app.record_card import clock, facts, minutes_left
from traumer_live.app.screens import Wanted, describe, device_of, pick_screen, wanted_screen
from traumer_live.audio.preamp import PreampState
from traumer_live.core.types import Pulse
from traumer_live.engine.status import RecordingStatus, ShowStatus

STATUS = ShowStatus(30.0, 34.0, 0, "Microphone", "playing", Pulse(level_dbfs=-20.0), ())
TAKE = RecordingStatus(Path("take.mp4"), seconds=60.0, megabytes=60.0, repeated=0)


def test_the_meter_rises_at_once_and_falls_slowly():
    meter = Ballistics()
    meter.push(-6.0, -3.0, now_s=0.0)
    assert meter.bar_db == -6.0
    meter.push(-60.0, -60.0, now_s=0.5)
    assert -20 < meter.bar_db < -10
    meter.push(-60.0, -60.0, now_s=5.0)
    assert meter.bar_db == FLOOR_DB


def test_the_peak_stays_a_second_and_the_clip_light_until_clicked():
    meter = Ballistics()
    meter.push(-12.0, 0.0, now_s=0.0)
    meter.push(-30.0, -30.0, now_s=0.9)
    assert meter.peak_db == 0.0
    meter.push(-30.0, -30.0, now_s=1.5)
    assert meter.peak_db < -10
    assert meter.clipped


def test_levels_lie_between_floor_and_ceiling():
    assert [fraction(db) for db in (-120.0, -60.0, -30.0, 0.0, 6.0)] == [0, 0, 0.5, 1, 1]
    assert [level_text(db) for db in (-60.0, -12.3)] == ["silent", "−12 dB"]


@pytest.mark.qt
def test_a_click_puts_the_clip_light_out(still, qtbot):
    meter = still.window.top.meter
    meter.ballistics.push(0.0, 0.0, now_s=0.0)
    qtbot.mouseClick(meter, Qt.MouseButton.LeftButton)
    assert not meter.ballistics.clipped


def test_facts_of_a_take():
    assert clock(12 * 60 + 31) == "00:12:31"
    assert facts(None, 79_300_000_000) == "79.3 GB free"
    assert facts(TAKE, 1_100_000_000) == "60 MB · 10 min left"  # it ends while 500 MB are free
    assert facts(TAKE, 72_500_000_000) == "60 MB · 20 h left"
    assert minutes_left(replace(TAKE, seconds=1.0), 10**9) is None


def test_troubles_become_conditions():
    assert conditions(STATUS, 10**12) == {}
    assert conditions(replace(STATUS, fps=0.0), 10**12) == {}  # nothing was shown yet
    troubled = replace(STATUS, fps=12.0, source_state="source lost, retrying", recording=TAKE)
    found = conditions(troubled, 1_040_000_000)
    assert [what for what, _ in found.values()] == [
        "Source lost, retrying",
        "Slow dreams: 12 fps",
        "Disk: 9 min left",
    ]
    assert all(advice for _, advice in found.values())


def test_silence_is_told_as_what_it_is():
    silent = replace(STATUS, pulse=Pulse(level_dbfs=-72.0))
    assert conditions(silent, 10**12)["silence"][0] == "No signal for 5 s"
    gated = replace(silent, preamp=PreampState(gate_open=False))
    assert conditions(gated, 10**12)["silence"][0] == "Only the room is heard"
    lost = replace(silent, source_state="source lost, retrying")
    assert list(conditions(lost, 10**12)) == ["source"]


def test_a_passing_trouble_is_not_worth_a_badge():
    patience = Patience(5.0)
    trouble = {"source": ("No signal", "Play something.")}
    assert patience.filter(trouble, now_s=0.0) == {}
    assert patience.filter({}, now_s=4.0) == {}
    assert patience.filter(trouble, now_s=5.0) == {}
    assert patience.filter(trouble, now_s=10.0) == trouble


def test_the_picture_makes_way_for_badges():
    room = (160, 150)
    assert picture_place((16, 9), room, 0) == (0, 30, 160, 90)
    assert picture_place((16, 9), room, 40) == (0, 20, 160, 90)
    assert picture_place((16, 9), (160, 100), 55) == (40, 0, 80, 45)


@pytest.fixture
def shelf(qtbot, qapp):
    parent = QWidget()
    parent.resize(900, 500)
    qtbot.addWidget(parent)
    parent.show()
    yield BadgeShelf(parent)
    parent.close()  # and so the parent lives as long as the test


@pytest.mark.qt
def test_badges_tell_once_and_the_oldest_goes(shelf):
    for sentence in ("one", "two", "two", "three", "four"):
        shelf.tell(sentence)
    assert shelf.sentences == ["three", "four"]
    assert len(shelf.sentences) == MOST


@pytest.mark.qt
def test_a_lasting_badge_stays_until_its_trouble_is_over(shelf):
    trouble = {"source": ("No signal", "Play something.")}
    shelf.keep(trouble)
    shelf.keep(trouble)
    assert shelf.sentences == ["No signal"]
    shelf.keep({})
    assert shelf.sentences == []
    assert not shelf.isVisible()


@pytest.mark.qt
def test_a_click_shows_the_advice_and_the_next_one_puts_the_badge_away(shelf, qtbot):
    trouble = {"source": ("No signal", "Play something.")}
    shelf.keep(trouble)
    badge = shelf.findChild(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    qtbot.mouseClick(badge, Qt.MouseButton.LeftButton)
    assert badge._words.text() == "No signal Play something."
    qtbot.mouseClick(badge, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shelf.sentences == [])
    shelf.keep(trouble)  # still there, but seen
    assert shelf.sentences == []
    shelf.keep({})
    shelf.keep(trouble)  # it came back
    assert shelf.sentences == ["No signal"]


@dataclass(frozen=True)
class Monitor:
    connector: str
    serial: str = ""

    def name(self) -> str:
        return self.connector

    def model(self) -> str:
        return "EB-L1075" if self.connector.startswith("HDMI") else ""

    def manufacturer(self) -> str:
        return "Epson" if self.connector.startswith("HDMI") else ""

    def serialNumber(self) -> str:  # noqa: N802  Qt's name
        return self.serial

    def geometry(self) -> QRect:
        return QRect(0, 0, 1920, 1080)


def test_the_audience_gets_the_second_screen_unless_another_is_wanted():
    laptop, projector, wall = Monitor("eDP-1"), Monitor("HDMI-1"), Monitor("DP-2")
    anything = Wanted()
    assert pick_screen([laptop], anything, "eDP-1") is laptop
    assert pick_screen([laptop, projector, wall], anything, "eDP-1") is projector
    assert pick_screen([laptop, projector, wall], Wanted("DP-2"), "eDP-1") is wall
    assert pick_screen([laptop, projector], Wanted("DP-2"), "eDP-1") is projector
    assert pick_screen([laptop], Wanted("HDMI-1"), "eDP-1") is laptop
    assert describe(projector) == "HDMI-1 · EB-L1075 · 1920 × 1080"


def test_a_screen_is_known_by_its_serial_number_at_any_connector():
    laptop = Monitor("eDP-1", "0")
    wanted = wanted_screen(Monitor("HDMI-1", "X123"))
    assert wanted == Wanted("HDMI-1", "Epson EB-L1075 X123")
    twin, moved = Monitor("HDMI-1", "X124"), Monitor("HDMI-2", "X123")
    assert pick_screen([laptop, twin, moved], wanted, "eDP-1") is moved
    assert pick_screen([laptop, twin], wanted, "eDP-1") is twin  # where it was is better than none
    nameless = Monitor("HDMI-1")
    assert device_of(nameless) == ""
    assert pick_screen([laptop, Monitor("HDMI-2"), nameless], wanted, "eDP-1") is nameless
