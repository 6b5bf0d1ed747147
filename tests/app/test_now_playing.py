"""Now playing, on a session bus of the test's own with a player of nobody's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from traumer_live.app.caption import Caption
from traumer_live.app.now_playing import NowPlaying, Track, session_bus, track_of
from traumer_live.core.paths import user_data_dir

pytest.importorskip("PyQt6.QtDBus", reason="this Qt comes without D-Bus")

pytestmark = pytest.mark.qt


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a private bus."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed, so there is no bus to listen on")
    socket = tmp_path_factory.mktemp("bus") / "bus"
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
    daemon = subprocess.Popen(
        [*command, f"--address=unix:path={socket}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert daemon.stdout is not None
    yield daemon.stdout.readline().strip()
    daemon.terminate()
    daemon.communicate()


class Player:
    """The player's other end."""

    def __init__(self, bus: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("fake_player.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": bus},
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def has_on(self, title: str, artist: str = "Ada", status: str = "Playing") -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{title}\t{artist}\t{status}\n")
        self._process.stdin.flush()

    def leave(self) -> None:
        self._process.communicate()


@pytest.fixture
def player(bus: str) -> Iterator[Player]:
    made = Player(bus)
    yield made
    made.leave()


@pytest.fixture
def now_playing(qapp, bus: str) -> Iterator[NowPlaying]:
    made = NowPlaying(bus)
    yield made
    made.close()


@pytest.fixture
def no_scenes() -> Iterator[None]:
    yield
    shutil.rmtree(user_data_dir() / "scenes", ignore_errors=True)


def words(now_playing: NowPlaying) -> str:
    return now_playing.track.words if now_playing.track else ""


def test_a_player_that_is_there_or_comes_is_followed_and_forgotten_when_it_goes(
    bus, player, now_playing, qtbot
):
    began = []
    now_playing.began.connect(lambda track: began.append(track.title))
    now_playing.start()
    qtbot.waitUntil(lambda: words(now_playing) == "First · Ada")
    player.has_on("Second", "Bob")
    qtbot.waitUntil(lambda: words(now_playing) == "Second · Bob")
    player.has_on("Second", "Bob", "Paused")
    qtbot.waitUntil(lambda: now_playing.track is None)
    player.has_on("Second", "Bob")
    qtbot.waitUntil(lambda: now_playing.track is not None)
    assert began == ["Second"]  # neither the one that played already nor the one that went on
    player.leave()
    qtbot.waitUntil(lambda: now_playing.track is None)
    another = Player(bus)
    qtbot.waitUntil(lambda: words(now_playing) == "First · Ada")
    another.leave()


def test_scenes_change_with_the_track_and_the_title_is_shown_on_request(
    bus, player, make_show, open_studio, no_scenes, qtbot, monkeypatch
):
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    studio = open_studio(make_show(run=False))
    studio.desk.start()
    strip = studio.window.scenes
    row = strip.advance.findText("With the track")
    assert row >= 0
    strip.advance.setCurrentIndex(row)
    strip.advance.activated.emit(row)
    for slot in (1, 2):
        studio.desk.scenes.keep(slot)
        qtbot.waitUntil(lambda n=slot: len(studio.desk.scenes.kept) >= n)
    assert studio.desk.scenes.current == "Scene 2"
    qtbot.waitUntil(lambda: words(studio.desk.music) == "First · Ada")
    player.has_on("Second")
    qtbot.waitUntil(lambda: studio.desk.scenes.current == "Scene 1")
    studio.window.keys.press("N")
    assert studio.projector.title == "Second · Ada"


def test_without_a_bus_it_is_absent_quietly(qapp, monkeypatch, tmp_path, still):
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert session_bus() == ""
    for address in ("", f"unix:path={tmp_path}/nobody"):
        nobody = NowPlaying(address)
        nobody.start()
        assert not nobody.available
        assert nobody.track is None
    assert still.window.scenes.advance.findText("With the track") == -1


@pytest.mark.parametrize("values", [{}, {"Metadata": 3}, {"PlaybackStatus": None}])
def test_what_makes_no_sense_changes_nothing(values):
    before = Track("A", ("B",), plays=True)
    assert track_of(values, before) == before
    assert track_of({"Metadata": {"xesam:title": 7, "xesam:artist": "C"}}, before) == Track(
        "", ("C",), plays=True
    )


def test_a_title_is_drawn_in_any_script_and_shortened_to_its_room(qapp):
    caption = Caption()
    caption.update("夢 · Ада", window=(320, 180))
    image = caption.image
    assert image is not None
    assert image.shape[1] + 2 * caption.margin <= 320
    assert image[..., 3].max() == 255  # the letters
    caption.update("夢 · Ада", window=(320, 180))
    assert caption.image is image  # nothing changed, nothing is drawn
    caption.update("A very long title " * 20, window=(320, 180))
    assert caption.image.shape[1] + 2 * caption.margin <= 320
