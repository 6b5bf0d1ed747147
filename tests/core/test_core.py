"""Controls, settings, mailbox, statistics and careful files."""

from __future__ import annotations

import errno
import json
import os
import threading
import time

import numpy as np
import pytest

from tests.waiting import PATIENCE_S
from traumer_live.core.controls import ControlBoard, Controls
from traumer_live.core.errors import OutputError, SettingsError
from traumer_live.core.files import (
    refuse_overwrite,
    refuse_same_file,
    require_writable,
    written_atomically,
)
from traumer_live.core.mailbox import Latest
from traumer_live.core.paths import runtime_dir
from traumer_live.core.settings import (
    Settings,
    load_settings,
    read_settings,
    said_in,
    save_settings,
    with_value,
)
from traumer_live.core.stats import Stats, Timings, write_report


def test_a_change_is_seen_whole_and_told():
    board = ControlBoard()
    told = []
    board.observe(told.append)
    board.change(pulse_strength=0.25, fit="crop")
    assert board.now == Controls(pulse_strength=0.25, fit="crop") == told[-1]
    assert board.toggle("blackout").blackout


@pytest.mark.parametrize(
    "bad", [{"pulse_strength": 1.5}, {"fit": "stretch"}, {"volume": 1}, {"preset": "x"}]
)
def test_nonsense_is_refused_and_changes_nothing(bad):
    board = ControlBoard()
    with pytest.raises(SettingsError):
        board.change(**bad)
    assert board.now == Controls()


def test_settings_come_back_without_blackout(tmp_path):
    path = tmp_path / "s.toml"
    kept = Settings(source="tone", seed=7, controls=Controls(truncation_psi=0.5, blackout=True))
    save_settings(kept, path)
    loaded, trouble = load_settings(path)
    assert trouble is None
    assert loaded == Settings(source="tone", seed=7, controls=Controls(truncation_psi=0.5))


@pytest.mark.parametrize(
    "text", ["not toml [", "version = 99", "version = 1\n[controls]\npulse_strength = 8.0", "\0"]
)
def test_broken_settings_are_set_aside(tmp_path, text):
    path = tmp_path / "s.toml"
    path.write_text(text)
    settings, trouble = load_settings(path)
    assert settings == Settings()
    assert "set aside" in trouble
    assert (tmp_path / "s.broken.toml").read_text() == text
    assert not path.exists()


@pytest.mark.parametrize(
    "line", ["controls = 3", "source = 3", 'seed = "a"', "[controls]\nhud = 1", "generator = []"]
)
def test_settings_of_another_kind_are_set_aside(tmp_path, line):
    path = tmp_path / "settings.toml"
    path.write_text(f"version = 1\n{line}\n")
    settings, sentence = load_settings(path)
    assert settings == Settings()
    assert "set aside" in sentence


def test_a_whole_number_will_do_for_a_control(tmp_path):
    path = tmp_path / "settings.toml"
    path.write_text("version = 1\n[controls]\ntruncation_psi = 1\n")
    assert load_settings(path)[0].controls.truncation_psi == 1


def test_no_settings_yet_is_no_trouble(tmp_path):
    assert load_settings(tmp_path / "none.toml") == (Settings(), None)


def test_the_newest_wins_and_losses_are_counted():
    box = Latest()
    for value in range(5):
        box.put(value)
    assert box.take() == 4
    assert box.take() is None
    assert box.dropped == 4


def test_a_taker_is_woken_by_put_and_by_close():
    box = Latest()
    seen = []
    taker = threading.Thread(target=lambda: seen.extend(box.take(PATIENCE_S) for _ in range(2)))
    taker.start()
    box.put("frame")
    while not seen and box._value:
        pass
    box.close()
    taker.join(PATIENCE_S)
    assert not taker.is_alive()
    assert seen == ["frame", None]


def test_percentiles_are_right_to_a_per_cent():
    timings = Timings()
    values = np.random.default_rng(0).gamma(2.0, 10.0, 5000)
    for value in values:
        timings.add(value)
    for percent in (50, 95, 99):
        assert timings.percentile(percent) == pytest.approx(
            np.percentile(values, percent), rel=0.02
        )


def test_the_rate_falls_when_pictures_stop_and_a_pause_is_no_interval():
    stats = Stats()
    now = time.monotonic()
    for k in range(30):
        stats.shown(now - 5 + k / 30)  # the last one four seconds ago
    assert stats.recent_fps() < 0.3
    stats.paused()
    assert stats.recent_fps() == pytest.approx(30, rel=0.01)
    stats.shown(now + 60)
    assert stats.shown_intervals.percentile(100) < 40


def test_the_report_holds_what_is_promised(tmp_path):
    stats = Stats()
    with stats.stage("synthesis"):
        pass
    for now in (0.0, 0.033, 0.066, 0.1):
        stats.shown(now)
    stats.thread_cpu("ears")
    stats.counters["audio.overruns"] = 0
    write_report(tmp_path / "s.json", stats.report(delay_s={"coarse": 1.0}))
    report = json.loads((tmp_path / "s.json").read_text())
    assert report["fps"] == pytest.approx(30, rel=0.01)
    assert report["frames"] == {"made": 0, "shown": 4, "dropped": 0, "repeated": 0}
    assert report["shown_interval_ms"].keys() == {"p50", "p95", "p99"}
    assert report["stage_ms"]["synthesis"].keys() == {"p50", "p95"}
    assert report["audio"]["overruns"] == 0
    assert report["delay_s"]["coarse"] == 1.0
    assert report["cpu"]["ears"] >= 0
    assert report["peak_rss_mb"] > 1


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail_half_way() -> None:
        with written_atomically(path) as temporary:
            temporary.write_text("new")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_existing_files_are_not_overwritten_unless_forced(tmp_path):
    path = tmp_path / "a.mp4"
    refuse_overwrite(path, force=False)
    path.touch()
    refuse_overwrite(path, force=True)
    with pytest.raises(OutputError, match="--force"):
        refuse_overwrite(path, force=False)
    with pytest.raises(OutputError, match="is a folder"):
        refuse_overwrite(tmp_path, force=True)


def test_a_written_file_may_be_read_as_any_other(tmp_path):
    with written_atomically(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")
    (tmp_path / "b.txt").touch()
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "b.txt").stat().st_mode


def test_a_link_stays_a_link_and_no_folder_or_device_is_replaced(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with written_atomically(tmp_path / "link") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"
    os.mkfifo(tmp_path / "pipe")
    for name, why in ((".", "is a folder"), ("pipe", "no ordinary file")):
        with pytest.raises(OutputError, match=why):
            require_writable(tmp_path / name)


def test_what_cannot_be_written_is_known_beforehand_and_nothing_is_left(tmp_path):
    (tmp_path / "file").touch()
    require_writable(tmp_path / "s.json")
    with pytest.raises(OutputError, match="cannot be written"):
        require_writable(tmp_path / "file" / "s.json")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_write_that_fails_for_the_disk_is_one_sentence(tmp_path):
    def write() -> None:
        with written_atomically(tmp_path / "s.json"):
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OutputError, match="No space left"):
        write()
    assert not list(tmp_path.iterdir())


def test_a_source_is_never_overwritten(tmp_path):
    song = tmp_path / "song.mp4"
    refuse_same_file(song, song)  # neither is there
    song.touch()
    refuse_same_file(tmp_path / "other.mp4", song)
    with pytest.raises(OutputError, match="the source itself"):
        refuse_same_file(tmp_path / "." / "song.mp4", song)


def test_any_setting_can_be_given_by_its_name():
    settings = with_value(Settings(), "controls.truncation_psi", "0.5")
    settings = with_value(with_value(settings, "seed", "7"), "kiosk.keys", "true")
    assert (settings.controls.truncation_psi, settings.seed, settings.kiosk.keys) == (0.5, 7, True)
    for name, text in (("no.such", "1"), ("seed", "x"), ("controls.truncation_psi", "9")):
        with pytest.raises(SettingsError):
            with_value(settings, name, text)


def test_a_named_file_is_read_and_never_moved(tmp_path):
    path = tmp_path / "kiosk.toml"
    path.write_text("version = 1\n[kiosk]\ntake_minutes = 10\n")
    assert read_settings(path).kiosk.take_minutes == 10
    assert said_in(path) == {"kiosk.take_minutes"}
    path.write_text("version = 1\n[kiosk]\ntake_minutes = true\n")
    with pytest.raises(SettingsError, match="take_minutes is True"):
        read_settings(path)
    assert path.exists()


def test_settings_set_aside_before_are_kept(tmp_path):
    path = tmp_path / "settings.toml"
    for text in ("first [", "second ["):
        path.write_text(text)
        load_settings(path)
    assert {p.read_text() for p in tmp_path.iterdir()} == {"first [", "second ["}


def test_without_a_login_session_the_runtime_folder_is_found_in_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert runtime_dir().name == "traumer-live"  # pytest makes a warning an error
