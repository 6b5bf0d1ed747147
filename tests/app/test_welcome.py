"""The welcome of the first start: finds sound, measures, and never stands in anybody's way."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace

import pytest

from traumer_live.app import source_search
from traumer_live.app.source_search import in_order
from traumer_live.app.texts.welcome import NOTHING_PLAYS
from traumer_live.app.welcome import CHECK_LOOKS, DEMO, verdict
from traumer_live.audio.capture import SourceInfo, SourceSpec
from traumer_live.cli.run import welcomes
from traumer_live.core.settings import Settings, load_settings
from traumer_live.core.types import Pulse
from traumer_live.engine.status import ShowStatus

pytestmark = [pytest.mark.qt, pytest.mark.gl]

STATUS = ShowStatus(30.0, 34.0, 0, "Microphone", "playing", Pulse(), ())
BROKEN = SourceInfo(SourceSpec("file", "/nowhere.wav"), "Broken", is_default=True)
TONE = SourceInfo(SourceSpec("tone"), "Tone")


def test_it_comes_once_and_never_where_nobody_sits():
    plain = Namespace(
        welcome=False, record=None, fullscreen=False, small=False, stats=None, seconds=None
    )
    seen = Settings(welcomed=True)
    assert welcomes(plain, Settings())
    assert not welcomes(plain, seen)
    for name, value in (("record", ""), ("fullscreen", True), ("small", True), ("seconds", 5.0)):
        assert not welcomes(Namespace(**{**vars(plain), name: value}), Settings())
    assert welcomes(Namespace(**{**vars(plain), "welcome": True}), seen)


def test_it_finds_the_source_that_sounds_passes_over_what_is_broken_and_keeps_what_it_found(
    make_show, open_studio, qtbot, monkeypatch
):
    monkeypatch.setattr("traumer_live.app.desk.list_sources", lambda: [TONE, BROKEN])
    monkeypatch.setattr(source_search, "LISTEN_MS", 10**8)  # the test says when it was long enough
    studio = open_studio(make_show(source="silence"))
    studio.desk.start()
    studio.window.greet(search=True)
    welcome = studio.window.welcome
    assert not studio.window.pages.choice.isVisible()
    qtbot.waitUntil(lambda: "silence" in welcome.sound.sentence)
    welcome.search._judge()
    qtbot.waitUntil(lambda: "Tone" in welcome.sound.sentence)
    qtbot.waitUntil(lambda: welcome.search._loudest > -20)
    welcome.search._judge()
    assert welcome.sound.sentence == "I hear 440 Hz tone."
    assert not studio.window.badges.sentences
    welcome.start.click()
    assert studio.window.welcome is None
    assert studio.window.pages.choice.isVisible()
    assert studio.desk.chosen_source == SourceSpec("tone")
    qtbot.waitUntil(lambda: load_settings()[0].welcomed)


def test_where_nothing_sounds_the_demo_plays_until_it_is_over(
    make_show, open_studio, qtbot, monkeypatch
):
    monkeypatch.setattr("traumer_live.app.desk.list_sources", list)
    monkeypatch.setattr(source_search, "LISTEN_MS", 10**8)
    studio = open_studio(make_show(source="silence"))
    studio.desk.start()
    studio.window.greet(search=True)
    welcome = studio.window.welcome
    qtbot.waitUntil(lambda: "silence" in welcome.sound.sentence)
    welcome.search._judge()
    qtbot.waitUntil(lambda: studio.desk.source == DEMO)
    assert welcome.sound.sentence == NOTHING_PLAYS
    studio.window.keys.press("Esc")
    qtbot.waitUntil(lambda: studio.desk.source == SourceSpec("silence"))
    assert studio.desk.chosen_source is None


def test_esc_skips_it_and_the_source_stays_unremembered(still):
    still.window.greet(search=False)
    still.window.keys.press("Esc")
    assert still.window.welcome is None
    assert still.window.dream.isVisible()


def test_ten_seconds_are_counted_and_the_first_two_of_them_do_not_count(still):
    still.window.greet(search=False)
    welcome = still.window.welcome
    for look in range(CHECK_LOOKS):
        welcome.follow(replace(STATUS, fps=3.0 if look < 8 else 29.6))
    assert welcome.check.sentence == "30 pictures a second: full speed."


def test_the_verdict_says_what_to_do():
    assert "good enough" in verdict(24.0, STATUS)
    assert "smaller generator" in verdict(9.0, STATUS)
    assert verdict(1.2, STATUS).startswith("1 picture a second")
    assert verdict(30.0, replace(STATUS, rung="128 px · 34 keys/s")).endswith(
        "It paints at 128\N{NO-BREAK SPACE}px."
    )


def test_defaults_are_tried_first_and_the_present_source_is_not_tried_twice():
    order = in_order([TONE, BROKEN], SourceSpec("silence"))
    assert [source.description for source in order] == ["Broken", "Tone"]
    assert in_order([TONE], SourceSpec("tone")) == []
