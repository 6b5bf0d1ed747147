"""The studio on a running show: sources, takes, and the whole from first moment to last."""

from __future__ import annotations

import json
from pathlib import Path

import av
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication

from traumer_live.app.display import check_display
from traumer_live.app.picture_window import PictureWindow
from traumer_live.app.studio import run_studio
from traumer_live.audio.capture import SourceInfo, SourceSpec
from traumer_live.core.controls import Controls
from traumer_live.core.errors import DisplayError
from traumer_live.core.settings import load_settings

pytestmark = [pytest.mark.qt, pytest.mark.gl]


def test_the_top_bar_tells_what_is_heard(live, qtbot):
    top = live.window.top
    qtbot.waitUntil(lambda: len(top.tags.text().split("·")) == 3)
    qtbot.waitUntil(lambda: top.meter.ballistics.bar_db > -20)
    qtbot.waitUntil(lambda: float(top.fps.text().split()[0]) > 1)
    assert live.window.dream._lags["coarse"].text().endswith(" s")
    assert "CPU" in live.window.bottom._machine.text()


def test_the_source_menu_offers_what_there_is_and_chooses_it(
    make_show, open_studio, qtbot, monkeypatch
):
    found = [
        SourceInfo(SourceSpec("loopback"), "Built-in Audio", is_default=True),
        SourceInfo(SourceSpec("mic", "usb"), "USB & more"),
    ]
    monkeypatch.setattr("traumer_live.app.desk.list_sources", lambda: found)
    live = open_studio(make_show())
    chooser = live.window.top.source
    with qtbot.waitSignal(live.desk.sources_found):
        live.desk.start()
    entries = {a.data() or a.text(): a for a in chooser.menu_of_sources.actions()}
    assert {"loopback", "mic:usb", "tone", "silence", "Sound file…"} <= entries.keys()
    assert entries["tone"].isChecked()
    assert entries["mic:usb"].text() == "USB && more"
    entries["silence"].trigger()
    qtbot.waitUntil(lambda: live.desk.chosen_source == SourceSpec("silence"))
    assert live.desk.source == SourceSpec("silence")


def test_a_source_that_cannot_be_opened_is_told_and_the_old_one_stays(live, qtbot):
    with qtbot.waitSignal(live.desk.notice) as told:
        live.desk.choose_source(SourceSpec("file", "/nowhere/at/all.wav"))
    assert "/nowhere/at/all.wav" in told.args[0]
    assert live.desk.source == SourceSpec("tone")
    assert live.window.badges.sentences


def test_r_begins_a_take_and_ends_it(live, qtbot, tmp_path: Path):
    qtbot.keyClick(live.window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: live.window.record.button.isChecked())
    recorded = lambda: live.show.recorder is not None and live.show.recorder.status().seconds  # noqa: E731
    qtbot.waitUntil(lambda: recorded() > 0.5)
    live.window.record.button.click()
    qtbot.waitUntil(lambda: live.show.recorder is None)
    qtbot.waitUntil(lambda: not live.window.record.button.isChecked())
    (take,) = tmp_path.glob("*.mp4")
    with av.open(str(take)) as movie:
        assert sum(1 for _ in movie.decode(video=0)) >= 10
    qtbot.waitUntil(lambda: any(s.startswith("Recorded") for s in live.window.badges.sentences))


def test_a_take_that_cannot_be_written_is_told_and_the_show_goes_on(live, qtbot, tmp_path: Path):
    (tmp_path / "file").touch()
    live.desk.choose_folder(str(tmp_path / "file" / "takes"))
    with qtbot.waitSignal(live.desk.notice) as told:
        live.window.record.button.click()
    assert "choose another folder" in told.args[0]
    assert not live.desk.recording


def test_the_studio_runs_keeps_and_remembers(qapp, make_show, small_models, tmp_path: Path):
    show = make_show(controls=Controls(fit="crop", blackout=True))
    code = run_studio(
        show,
        settings=small_models.settings(),
        size=(320, 180),
        seconds=1.5,
        stats_path=tmp_path / "stats.json",
        record=tmp_path / "take.mp4",
        fullscreen=True,
    )
    assert code == 0
    assert not [w for w in QGuiApplication.allWindows() if isinstance(w, PictureWindow)]
    assert show.recorder is None
    with av.open(str(tmp_path / "take.mp4")) as movie:
        assert next(movie.decode(video=0)).width == 320
    stats = json.loads((tmp_path / "stats.json").read_text())
    assert stats["frames"]["shown"] > 0
    assert stats["cpu"]["main"] > 0
    remembered, _ = load_settings()
    assert remembered.controls == Controls(fit="crop", blackout=False)
    assert remembered.generator == ""  # what the command line named is not remembered


@pytest.mark.parametrize("display", ["", ":4242"])
def test_no_display_is_one_sentence(monkeypatch, display):
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    with pytest.raises(DisplayError, match="--headless"):
        check_display()
