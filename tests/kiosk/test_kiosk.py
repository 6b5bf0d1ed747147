"""A real window under Xvfb whose pixels are looked at, its keys, and a clean end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import glfw
import pytest

from tests.kiosk.x_screen import XScreen
from tests.models import SmallModels
from tests.waiting import PATIENCE_S, wait_until
from traumer_live.audio.capture import SourceSpec
from traumer_live.core.errors import DisplayError, OutputError
from traumer_live.core.settings import Settings
from traumer_live.core.types import Pixels
from traumer_live.engine.show import Show
from traumer_live.kiosk.actions import Actions, TakePlan
from traumer_live.kiosk.monitors import choose_monitor
from traumer_live.kiosk.surface import Surface
from traumer_live.kiosk.window import Projection, run_kiosk

pytestmark = pytest.mark.gl
SIZE = (320, 180)
LIVELY = 8  # grey levels of deviation; an empty window has none
LEFT, TOP = (1280 - SIZE[0]) // 2, (800 - SIZE[1]) // 2


class Kiosk:
    """The kiosk's parts, turned by hand."""

    def __init__(self, show: Show, folder: Path, screen: XScreen) -> None:
        self.show, self.screen = show, screen
        self.actions = Actions(show, TakePlan(folder / "take.mp4", SIZE))
        self.surface = Surface(SIZE, monitor=None, saved_monitor="", on_key=self.actions.on_key)
        self.projection = Projection(show, self.surface, self.surface.open(), SIZE)
        self.actions.surface = self.surface
        self.now_s = time.monotonic()

    def turn(self, seconds: float = 0.1) -> None:
        self.now_s += seconds
        self.projection.refresh(self.now_s)
        self.surface.poll()

    def turn_until(self, what: Callable[[], object]) -> None:
        def turned() -> object:
            self.turn()
            return what()

        assert what() or wait_until(turned), "it never happened"

    def window(self) -> Pixels:
        return self.screen.pixels()[TOP : TOP + SIZE[1], LEFT : LEFT + SIZE[0]]

    def press(self, key: int) -> None:
        """As GLFW reports it, through the callback that the window registered."""
        callback = glfw.set_key_callback(self.surface.handle, None)
        assert callback is not None
        glfw.set_key_callback(self.surface.handle, callback)
        callback(self.surface.handle, key, 0, glfw.PRESS, 0)

    def close(self) -> None:
        self.projection.close()
        self.surface.close()


def tone_show(models: SmallModels) -> Show:
    settings = models.settings()
    return Show(settings, models.load(), SourceSpec("tone"))


@pytest.fixture
def screen(display: str) -> Iterator[XScreen]:
    connection = XScreen(display)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def show(small_models: SmallModels, display: str) -> Iterator[Show]:
    with tone_show(small_models) as running:
        yield running


@pytest.fixture
def kiosk(show: Show, tmp_path: Path, screen: XScreen) -> Iterator[Kiosk]:
    show.controls.change(hud=False, blackout=False, frozen=False)
    made = Kiosk(show, tmp_path, screen)
    yield made
    made.close()


def test_the_window_shows_the_picture_in_the_middle_of_its_monitor(kiosk: Kiosk) -> None:
    kiosk.turn()
    kiosk.surface.show_window()
    kiosk.turn_until(lambda: kiosk.show.stats.counters["frames.shown"] > 2)
    kiosk.turn_until(lambda: kiosk.window().std() > LIVELY)
    around = kiosk.screen.pixels()
    around[TOP : TOP + SIZE[1], LEFT : LEFT + SIZE[0]] = 0
    assert around.max() == 0  # the picture is where it should be, and nowhere else


def test_the_window_is_not_seen_before_its_first_picture(kiosk: Kiosk) -> None:
    assert not glfw.get_window_attrib(kiosk.surface.handle, glfw.VISIBLE)
    assert kiosk.screen.pixels().max() == 0


def test_fullscreen_fills_the_monitor_and_escape_leads_back(kiosk: Kiosk) -> None:
    kiosk.surface.show_window()
    kiosk.press(glfw.KEY_F)
    kiosk.turn_until(lambda: kiosk.surface.size == (1280, 800))
    assert kiosk.surface.fills_monitor
    assert glfw.get_input_mode(kiosk.surface.handle, glfw.CURSOR) == glfw.CURSOR_HIDDEN
    # 16:9 in 16:10 leaves 40 rows of black above and below.
    kiosk.turn_until(lambda: (kiosk.screen.pixels()[400].max(axis=1) > 0).mean() > 0.9)
    shown = kiosk.screen.pixels()
    assert shown[:39].max() == 0
    assert shown[41:759].std() > LIVELY
    kiosk.press(glfw.KEY_ESCAPE)
    kiosk.turn_until(lambda: kiosk.surface.size == SIZE)
    assert not kiosk.surface.fills_monitor


def test_a_monitor_that_went_before_glfw_has_told_of_it(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiosk.surface.show_fullscreen()

    def gone(_monitor: object) -> None:
        raise ValueError("NULL pointer access")  # as the binding says it

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(glfw, "get_video_mode", gone)
        assert kiosk.surface.refresh_hz == 0.0
        kiosk.surface._look_at = 0.0
        kiosk.turn()
        kiosk.surface.show_fullscreen()
    kiosk.turn_until(lambda: kiosk.surface.size == (1280, 800))


def test_blackout_makes_it_black_and_light_again(kiosk: Kiosk) -> None:
    kiosk.surface.show_window()
    kiosk.turn_until(lambda: kiosk.window().std() > LIVELY)
    kiosk.press(glfw.KEY_B)
    kiosk.turn_until(lambda: kiosk.window().max() == 0)
    kiosk.press(glfw.KEY_B)
    kiosk.turn_until(lambda: kiosk.window().std() > LIVELY)


def test_keys_for_the_safe_scene_and_the_fade(kiosk: Kiosk) -> None:
    controls = kiosk.show.controls
    controls.change(look="neon", fade_s=0.2)
    kiosk.press(glfw.KEY_S)
    assert (controls.now.safe, controls.played.look) == (True, "plain")
    kiosk.press(glfw.KEY_S)
    assert (controls.now.safe, controls.played.look) == (False, "neon")
    controls.change(look="plain")
    kiosk.surface.show_window()
    kiosk.turn_until(lambda: kiosk.window().std() > LIVELY)
    kiosk.press(glfw.KEY_D)
    kiosk.turn_until(lambda: kiosk.window().max() == 0)
    kiosk.press(glfw.KEY_D)
    kiosk.turn_until(lambda: kiosk.window().std() > LIVELY)


def test_the_status_line_stands_over_a_dark_window(kiosk: Kiosk) -> None:
    kiosk.surface.show_window()
    kiosk.turn_until(lambda: kiosk.window().std() > LIVELY)
    kiosk.show.controls.change(blackout=True)
    kiosk.turn_until(lambda: kiosk.window().max() == 0)
    kiosk.press(glfw.KEY_H)
    kiosk.turn_until(lambda: kiosk.window().max() > 150)
    line = kiosk.window()
    assert line[: SIZE[1] // 2].max() == 0  # it keeps to the bottom


def test_space_freezes_and_q_ends(kiosk: Kiosk) -> None:
    kiosk.press(glfw.KEY_SPACE)
    assert kiosk.show.controls.now.frozen
    kiosk.press(glfw.KEY_Z)  # means nothing
    assert not kiosk.actions.quits
    kiosk.press(glfw.KEY_Q)
    assert kiosk.actions.quits


def test_r_records_what_is_seen(kiosk: Kiosk, tmp_path: Path) -> None:
    kiosk.surface.show_window()
    kiosk.press(glfw.KEY_R)
    kiosk.turn_until(lambda: kiosk.show.recorder and kiosk.show.recorder.status().frames > 10)
    kiosk.press(glfw.KEY_R)
    with av.open(str(next(tmp_path.glob("*.mp4")))) as movie:
        pictures = [frame.to_ndarray(format="rgb24") for frame in movie.decode(video=0)]
    assert len(pictures) > 10
    assert pictures[-1].shape == (SIZE[1], SIZE[0], 3)
    assert pictures[-1].std() > LIVELY


def test_a_take_that_cannot_be_written_is_told_and_the_show_goes_on(
    kiosk: Kiosk, tmp_path: Path
) -> None:
    kiosk.actions = Actions(kiosk.show, TakePlan(tmp_path / "is_a_file" / "take.mp4", SIZE))
    (tmp_path / "is_a_file").write_text("not a folder")
    kiosk.show.notices.drain()
    kiosk.actions.toggle_recording()
    assert len(kiosk.show.notices.drain()) == 1
    assert kiosk.show.recorder is None


def test_a_second_take_never_overwrites_the_first(kiosk: Kiosk, tmp_path: Path) -> None:
    first = tmp_path / "take.mp4"
    kiosk.actions = Actions(kiosk.show, TakePlan(first, SIZE, force=True))
    kiosk.actions.toggle_recording()
    kiosk.turn_until(lambda: kiosk.show.recorder and kiosk.show.recorder.status().frames > 5)
    kiosk.actions.toggle_recording()
    before = first.read_bytes()
    kiosk.actions.toggle_recording()
    kiosk.actions.toggle_recording()
    assert first.read_bytes() == before
    assert len(list(tmp_path.glob("*.mp4"))) == 2


def test_choosing_a_monitor() -> None:
    names = ["eDP-1", "HDMI-1"]
    assert choose_monitor(names, wanted="HDMI-1", saved="") == 1
    assert choose_monitor(names, wanted=None, saved="eDP-1") == 0
    assert choose_monitor(names, wanted=None, saved="gone") == 1
    assert choose_monitor(["eDP-1"], wanted=None, saved="") == 0
    with pytest.raises(DisplayError, match=r"no monitor '3'; choose one of 1 \(eDP-1\)"):
        choose_monitor(names, wanted="3", saved="")


def test_without_a_display_there_is_one_sentence_and_the_show_is_stopped(
    small_models: SmallModels,
    monkeypatch: pytest.MonkeyPatch,
    display: str,
) -> None:
    monkeypatch.delenv("DISPLAY")
    show = tone_show(small_models)
    show.start()
    with pytest.raises(DisplayError, match="There is no display"):
        run_kiosk(show, settings=Settings(), size=SIZE)
    assert show._stopping.is_set()


@pytest.mark.parametrize("again", [False, True])
def test_a_take_that_cannot_begin_ends_the_first_start_only(
    small_models: SmallModels, display: str, tmp_path: Path, again: bool
) -> None:
    """After a night's closing, or a crash, a full disk must not leave the screen black."""
    (tmp_path / "file").touch()
    show = tone_show(small_models)
    show.start()
    told: list[str] = []
    options = {"record": tmp_path / "file" / "take.mp4", "again": again, "seconds": 0.5}

    def shown() -> int:
        settings = Settings()
        return run_kiosk(show, settings=settings, size=SIZE, tell=told.append, **options)

    if again:
        assert shown() == 0
        assert any("take.mp4" in sentence for sentence in told)
    else:
        with pytest.raises(OutputError, match=r"take\.mp4"):
            shown()


def test_a_second_signal_does_not_cut_off_the_take(
    small_models: SmallModels, display: str, tmp_path: Path
) -> None:
    take = tmp_path / "take.mp4"
    process = _kiosk_process(small_models, "--record", take, "--no-supervised")
    _wait_until(process, lambda: take.exists() and take.stat().st_size > 20_000)
    for _ in range(3):  # as systemd and the parent do, and somebody who is impatient
        process.send_signal(signal.SIGTERM)
        time.sleep(0.02)
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode in (0, -signal.SIGTERM)  # the last may come when all is written
    assert "moof" not in top_level_boxes(take)


def top_level_boxes(movie: Path) -> list[str]:
    data, at, names = movie.read_bytes(), 0, []
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        names.append(data[at + 4 : at + 8].decode())
        at += size or len(data)
    return names


def _kiosk_process(models: SmallModels, *options: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "traumer_live", "kiosk", "--source", "tone"]
    size = ["--record-size", "x".join(map(str, SIZE))]
    return subprocess.Popen(
        [*command, *size, *models.options(), *map(str, options)], stderr=subprocess.PIPE, text=True
    )


def _wait_until(process: subprocess.Popen[str], what: Callable[[], object]) -> None:
    if not wait_until(lambda: what() or process.poll() is not None) or process.poll() is not None:
        process.kill()
        pytest.fail(f"the kiosk did not get so far: {process.communicate()[1]}")


def test_a_polite_kill_finishes_the_take_and_writes_the_statistics(
    small_models: SmallModels,
    tmp_path: Path,
    screen: XScreen,
) -> None:
    take, stats = tmp_path / "take.mp4", tmp_path / "stats.json"
    process = _kiosk_process(small_models, "--record", take, "--stats", stats)
    _wait_until(process, lambda: screen.pixels()[41:759].std() > LIVELY and take.exists())
    _wait_until(process, lambda: take.stat().st_size > 20_000)
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=PATIENCE_S)[1]
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert top_level_boxes(take) == ["ftyp", "free", "mdat", "moov"]  # an ordinary, finished MP4
    report = json.loads(stats.read_text())
    assert report["frames"]["shown"] > 0
    assert {"look", "present", "synthesis", "ears"} <= report["stage_ms"].keys()
    assert report["cpu"]["main"] > 0
    assert screen.pixels().max() == 0  # nothing is left on the screen


def test_keys_that_come_through_the_x_server(
    small_models: SmallModels,
    screen: XScreen,
) -> None:
    process = _kiosk_process(small_models, "--windowed", "--keys")
    _wait_until(process, lambda: screen.pixels().std() > 1)
    small = (screen.pixels().max(axis=2) > 0).mean()
    assert small < 0.1
    screen.press("f")
    _wait_until(process, lambda: (screen.pixels().max(axis=2) > 0).mean() > 0.7)
    screen.press("Escape")
    _wait_until(process, lambda: 0 < (screen.pixels().max(axis=2) > 0).mean() < 0.1)
    screen.press("q")
    said = process.communicate(timeout=PATIENCE_S)[1]
    assert process.returncode == 0, said
    assert not said
