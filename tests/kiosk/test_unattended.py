"""A kiosk that nobody looks after: killed, called wrongly, closed at night, its takes bounded."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import av
import numpy as np
import pytest

from tests.kiosk.x_screen import XScreen
from tests.models import SmallModels
from tests.waiting import PATIENCE_S, wait_until
from traumer_live.audio.capture import SourceSpec
from traumer_live.cli.kiosk_child import take_target, with_state
from traumer_live.cli.parser import parsed
from traumer_live.core.controls import Controls
from traumer_live.core.errors import OutputError, SettingsError
from traumer_live.core.settings import KioskSettings
from traumer_live.engine.show import Show
from traumer_live.kiosk import supervisor
from traumer_live.kiosk.day import DayPlan
from traumer_live.kiosk.duty import UnattendedDuty
from traumer_live.kiosk.hours import Hours
from traumer_live.kiosk.memory import LastPicture, State, load_state, save_state
from traumer_live.kiosk.status import Health, StatusPage
from traumer_live.kiosk.supervisor import AFRESH, AGAIN, BEAT, RETURNING, Beat, Supervisor
from traumer_live.kiosk.takes import Ledger, Limits, Takes
from traumer_live.scenes.scene import Scene
from traumer_live.scenes.store import SceneStore

FLAGS = (AGAIN, RETURNING, AFRESH)  # what a kiosk may be told of the lives before it


def until(what: Callable[[], object], process: subprocess.Popen[str]) -> None:
    if not wait_until(lambda: what() or process.poll() is not None):
        pytest.fail("it never happened")
    if process.poll() is not None:
        pytest.fail("the kiosk ended")


def status_of(name: str) -> dict[str, object]:
    path = Path(os.environ["XDG_RUNTIME_DIR"], "traumer-live", name, "status.json")
    try:
        found: dict[str, object] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found


@pytest.mark.gl
def test_a_kiosk_that_was_killed_goes_on_where_it_was(
    small_models: SmallModels, tmp_path: Path, display: str
) -> None:
    SceneStore().save(Scene("Dusk", {"hue": 20.0}, seed=9, slot=4, crossfade_s=0.0))
    takes = tmp_path / "takes"
    command = [sys.executable, "-m", "traumer_live", "kiosk", "--source", "tone", "--windowed"]
    command += ["--name", "killed", "--record", f"{takes}/", "--record-size", "96x64", "--keys"]
    process = subprocess.Popen(
        [*command, *small_models.options()], stdout=subprocess.DEVNULL, text=True
    )
    state = Path(os.environ["XDG_RUNTIME_DIR"], "traumer-live", "killed", "state.json")
    screen = XScreen(display)

    def in_the_scene() -> bool:
        """Press once more: a key that comes before the window has the focus is lost."""
        screen.press("4")
        found = load_state(state)
        return found is not None and (found.scene, found.controls.hue, found.seed) == (
            "Dusk",
            20.0,
            9,
        )

    try:
        until(lambda: status_of("killed").get("recording"), process)
        until(in_the_scene, process)
        before = load_state(state)
        first = int(str(status_of("killed")["pid"]))
        loaded = Path(f"/proc/{first}/maps").read_text()
        assert "onnxruntime" in loaded
        assert not any(name in loaded for name in ("torch", "PyQt6"))
        os.kill(first, signal.SIGKILL)
        until(lambda: status_of("killed").get("pid") != first, process)
        until(lambda: status_of("killed").get("recording"), process)
        after = status_of("killed")
        assert (after["restarts"], after["last_exit"]) == (1, "signal 9")
        assert after["scene"] == "Dusk"
        assert load_state(state) == before
        assert len(list(takes.glob("*.mp4"))) == 2  # the crashed take is not written over
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
        newest = max(takes.glob("*.mp4"), key=lambda path: path.stat().st_mtime)
        assert newest.read_bytes()[4:8] == b"ftyp"
        assert b"moov" in newest.read_bytes()[-200_000:]  # finished
    finally:
        process.kill()
        process.wait()
        screen.close()
        SceneStore().remove("Dusk")


@pytest.mark.gl
def test_one_file_is_enough_and_the_keyboard_is_not_heard(
    small_models: SmallModels, tmp_path: Path, display: str
) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(
        'version = 1\nsource = "tone"\n[controls]\nhue = 20.0\n'
        '[kiosk]\nname = "filed"\nwindowed = true\n'
    )
    command = [sys.executable, "-m", "traumer_live", "kiosk", "--config", str(file)]
    process = subprocess.Popen([*command, *small_models.options()], stdout=subprocess.DEVNULL)
    screen = XScreen(display)

    def shown_in_spite_of_keys(count: int) -> bool:
        for key in ("b", "r", "q"):
            screen.press(key)
        return int(str(status_of("filed").get("frames_shown", 0))) > count

    try:
        until(lambda: shown_in_spite_of_keys(0), process)
        first = int(str(status_of("filed")["frames_shown"]))
        until(lambda: shown_in_spite_of_keys(first), process)
        assert status_of("filed")["recording"] is None
        state = load_state(
            Path(os.environ["XDG_RUNTIME_DIR"], "traumer-live", "filed", "state.json")
        )
        assert state is not None
        assert (state.controls.hue, state.controls.blackout, state.recording) == (
            20.0,
            False,
            False,
        )
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.wait()
        screen.close()


def test_models_and_seed_of_a_crash_go_before_those_that_were_asked_for() -> None:
    asked = parsed(["kiosk", "--generator", "mine", "--scene", "Dawn", "--source", "tone"])
    state = State(Controls(), False, {"generator": "", "mapping": "m", "class_index": 3}, seed=7)
    now = with_state(asked, state)
    assert (now.generator, now.encoder, now.mapping, now.class_index) == ("", "", "m", 3)
    assert (now.scene, now.seed, now.wide, now.source) == (None, 7, False, "tone")


def test_a_kiosk_that_crashes_again_and_again_begins_as_it_was_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "lives"
    crash = f"""if True:
        import os, signal
        with open({str(log)!r}, "a") as file:
            words = [name for name in {FLAGS!r} if name in os.environ]
            file.write(" ".join(word.rpartition("_")[2] for word in words) + chr(10))
        os.write(int(os.environ[{BEAT!r}]), b".")
        lives = open({str(log)!r}).read().count(chr(10))
        os.kill(os.getpid() if lives < 5 else os.getppid(), signal.SIGKILL if lives < 5 else 15)
    """
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE_S", 0.0)
    keeper = Supervisor([sys.executable, "-S", "-c", crash], Hours(), lambda _sentence: None)
    assert keeper.run() == 0
    assert log.read_text().splitlines() == [
        "",
        "AGAIN RETURNING",
        "AGAIN RETURNING",
        "AGAIN RETURNING AFRESH",
        "AGAIN RETURNING AFRESH",
    ]


def test_a_kiosk_that_is_killed_before_its_first_picture_ends_with_an_error() -> None:
    told: list[str] = []
    killed = [sys.executable, "-S", "-c", "import os; os.kill(os.getpid(), 11)"]
    assert Supervisor(killed, Hours(), told.append).run() == 128 + 11
    assert told == ["The kiosk ended by signal 11 before it showed a picture."]


def test_a_kiosk_that_was_called_wrongly_is_not_started_again(display: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "traumer_live", "kiosk", "--generator", str(tmp_path / "none")]
    done = subprocess.run(
        [*command, "--source", "tone", "--name", "wrong"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("traumer-live: ") == 1
    assert "started again" not in done.stdout


MONDAY = datetime(2026, 11, 23)


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ((0, 9, 59), False),
        ((0, 10, 0), True),
        ((0, 18, 0), False),
        ((5, 12, 0), True),
        ((6, 1, 59), True),
        ((6, 2, 0), False),
        ((6, 12, 0), False),
    ],
)
def test_opening_hours(when: tuple[int, int, int], is_open: bool) -> None:
    hours = Hours.parse("mon-fri 10:00-18:00, sat 12:00-02:00")
    day, hour, minute = when
    assert hours.is_open(MONDAY.replace(day=23 + day, hour=hour, minute=minute)) is is_open


def test_hours_over_the_end_of_the_week_and_the_next_opening() -> None:
    hours = Hours.parse("sun 22:00-03:00")
    assert hours.is_open(MONDAY.replace(hour=2, minute=59))
    assert not hours.is_open(MONDAY.replace(hour=3))
    assert hours.opens_at(MONDAY.replace(hour=3)) == datetime(2026, 11, 29, 22, 0)
    assert Hours.parse("").is_open(MONDAY)


def test_a_plan_of_scenes_is_followed_and_what_is_chosen_by_hand_stays(tmp_path: Path) -> None:
    plan = "10:00 Dawn, fri-sun 22:00 Late Dusk, 6:00 3"
    duty = UnattendedDuty(tmp_path, KioskSettings(scenes=plan), Beat())
    recalled: list[str] = []
    for day, hour in ((23, 5), (23, 6), (23, 9), (23, 10), (23, 23), (27, 22), (28, 1), (28, 6)):
        duty.follow_plan(datetime(2026, 11, day, hour), recalled.append)
    # Monday before six is still Sunday night; on Monday night nothing comes after Dawn.
    assert recalled == ["Late Dusk", "3", "Dawn", "Late Dusk", "3"]


def test_midnight_after_friday_is_saturday() -> None:
    plan = DayPlan.parse("10:00 Dawn, fri 24:00 Night")
    friday, saturday = MONDAY.replace(day=27), MONDAY.replace(day=28)
    assert plan.scene_at(friday.replace(hour=9)) == "Dawn"
    assert plan.scene_at(saturday) == "Night"
    assert plan.scene_at(saturday.replace(hour=10)) == "Dawn"


def test_after_a_crash_the_plan_goes_on_where_it_was(tmp_path: Path) -> None:
    """What was chosen by hand since stays; what fell due meanwhile is not lost."""
    save_state(tmp_path / "state.json", State(Controls(), recording=False, planned="Dawn"))
    state = load_state(tmp_path / "state.json")
    assert state is not None
    settings = KioskSettings(scenes="10:00 Dawn, 18:00 Dusk")
    duty = UnattendedDuty(tmp_path, settings, Beat(), planned=state.planned)
    recalled: list[str] = []
    duty.follow_plan(MONDAY.replace(hour=17, minute=59), recalled.append)
    assert recalled == []
    duty.follow_plan(MONDAY.replace(hour=18), recalled.append)
    assert recalled == ["Dusk"]


@pytest.mark.parametrize(
    ("asked", "kept", "recording", "again", "target"),
    [
        (None, "", None, False, None),
        ("night.mp4", "", None, False, "night.mp4"),
        (None, "/takes/", None, True, "/takes/"),
        (None, "", None, True, None),
        ("/srv/night.mp4", "", None, True, "/srv/"),  # the next day: not over the last one's
        ("/srv/night.mp4", "", True, True, "/srv/"),  # after a crash
        ("/srv/night.mp4", "", False, True, None),  # somebody had ended it
        ("%H.mp4", "", True, True, "%H.mp4"),
        (None, "", True, True, ""),  # begun by hand: the videos folder
        ("", "", None, True, ""),
    ],
)
def test_where_takes_go_in_each_life(
    asked: str | None, kept: str, recording: bool | None, again: bool, target: str | None
) -> None:
    resumed = None if recording is None else State(Controls(), recording)
    assert take_target(asked, kept, resumed, again=again) == target


@pytest.mark.parametrize("text", ["Dawn", "18 Dusk", "25:00 Dusk", "noday 10:00 Dusk"])
def test_plans_that_make_no_sense(text: str) -> None:
    with pytest.raises(SettingsError, match=r"plans no scene|no clock"):
        DayPlan.parse(text)


@pytest.mark.parametrize("text", ["10-18", "mon 25:00-26:00", "noon", "10:00-18:60"])
def test_hours_that_make_no_sense(text: str) -> None:
    with pytest.raises(SettingsError, match=r"opening hours|no clock"):
        Hours.parse(text)


def test_the_last_picture_comes_back_whole(tmp_path: Path) -> None:
    path = tmp_path / "picture.bin"
    kept = LastPicture(path)
    pictures = np.random.default_rng(1).integers(0, 255, (3, 8, 12, 4), dtype=np.uint8)
    for number, picture in enumerate(pictures):
        kept.keep(picture, float(number))
    read = LastPicture(path).read()  # nobody closed it, as after kill -9
    assert read is not None
    np.testing.assert_array_equal(read, pictures[-1])
    path.write_bytes(path.read_bytes()[:50])
    assert LastPicture(path).read() is None


def test_a_state_that_makes_no_sense_is_none(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    state = State(Controls(blackout=True), False, {"generator": "mine", "aspect": None}, 3, "Dusk")
    save_state(path, state)
    assert load_state(path) == state
    path.write_text(path.read_text().replace('"blackout"', '"nonsense"'))
    assert load_state(path) is None


def test_only_own_oldest_takes_are_deleted(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "takes.json")
    (tmp_path / "foreign.mp4").write_bytes(bytes(500))
    own = [tmp_path / f"{number}.mp4" for number in range(4)]
    for take in own:
        take.write_bytes(bytes(80))
        take.with_suffix(".session").write_bytes(bytes(20))
        ledger.add(take)
    assert ledger.make_room(250, now_writing=own[0]) == [own[1].resolve(), own[2].resolve()]
    assert [path.exists() for path in own] == [True, False, False, True]
    assert [path.with_suffix(".session").exists() for path in own] == [True, False, False, True]
    assert (tmp_path / "foreign.mp4").exists()


@pytest.fixture
def show(small_models: SmallModels) -> Iterator[Show]:
    with Show(small_models.settings(), small_models.load(), SourceSpec("tone")) as running:
        yield running


def is_whole(take: Path) -> bool:
    with av.open(str(take)) as movie:  # its table is at the end: it was finished
        return b"moov" in take.read_bytes()[-200_000:] and bool(movie.streams.audio)


def test_takes_follow_each_other_and_the_oldest_makes_room(show: Show, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "takes.json")
    folder = tmp_path / "takes"

    def begin() -> None:
        show.start_recording(f"{folder}/", size=(96, 64))

    takes = Takes(show, Limits(seconds=0.5), ledger, begin)
    begin()

    def are_there(count: int) -> bool:
        takes.watch(0.0)
        return len(ledger.takes()) >= count

    assert wait_until(lambda: are_there(3))
    takes.close()
    show.stop_recording()
    assert ledger.takes() == sorted(path.resolve() for path in folder.glob("*.mp4"))
    assert all(is_whole(take) for take in ledger.takes())
    assert len(list(folder.glob("*.session"))) == len(ledger.takes())

    small = Takes(show, Limits(keep_bytes=1.0), ledger, begin)
    begin()
    small.watch(0.0)
    (running,) = ledger.takes()
    assert show.recorder is not None
    assert running == show.recorder.status().path.resolve()
    assert len(list(folder.glob("*.session"))) == 1


def test_a_take_that_ended_by_itself_is_tried_again_after_a_minute(
    show: Show, tmp_path: Path
) -> None:
    begun: list[float] = []
    takes = Takes(show, Limits(), Ledger(tmp_path / "takes.json"), lambda: begun.append(now_s))
    takes.wanted = True
    show.start_recording(tmp_path / "take.mp4", size=(96, 64))
    now_s = 100.0
    takes.watch(now_s)
    show.stop_recording()  # as it does by itself before the disk is full
    for now_s in (101.0, 159.0, 161.0, 162.0, 222.0):
        takes.watch(now_s)
        takes.close()
    assert begun == [161.0, 222.0]
    takes.wanted = False  # somebody ended it
    takes.watch(now_s := 400.0)
    takes.close()
    assert begun == [161.0, 222.0]


class Door(Hours):
    """Closes when it is told, and opens again at once."""

    closed = False

    def is_open(self, now: datetime) -> bool:
        return not self.closed

    def opens_at(self, now: datetime) -> datetime:
        return now


def test_at_closing_time_it_ends_well_and_at_opening_time_it_begins_again(tmp_path: Path) -> None:
    log, door = tmp_path / "lives", Door()
    kiosk = f"""if True:
        import os, signal, time
        from pathlib import Path
        log = Path({str(log)!r})
        def note(word):
            with log.open("a") as file:
                file.write(word + chr(10))
        def end(*_):
            note("closed")
            raise SystemExit(0)
        signal.signal(signal.SIGTERM, end)
        note("open " + " ".join(n.rpartition("_")[2] for n in {FLAGS!r} if n in os.environ))
        os.write(int(os.environ[{BEAT!r}]), b".")
        if log.read_text().count("open") > 1:
            raise SystemExit(0)
        while True:
            time.sleep(0.05)
    """
    told: list[object] = []

    def on_closed(opens: datetime) -> None:
        told.append(opens)
        door.closed = False

    keeper = Supervisor([sys.executable, "-S", "-c", kiosk], door, told.append)
    closes = threading.Thread(
        target=lambda: wait_until(log.exists) and setattr(door, "closed", True)
    )
    closes.start()
    assert keeper.run(on_closed) == 0
    closes.join()
    # The second is no first start, yet nothing crashed that it should return to.
    assert log.read_text().split() == ["open", "closed", "open", "AGAIN"]
    assert len(told) == 1  # that it closed, and nothing of a crash


def test_a_port_that_is_none_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot use port 70000"):
        StatusPage(Health(tmp_path / "status.json"), 70000)


def test_the_status_page_answers_this_machine_only(tmp_path: Path) -> None:
    health = Health(tmp_path / "status.json")
    page = StatusPage(health, 0)
    try:
        assert page._server.server_address[0] == "127.0.0.1"
        address = f"http://127.0.0.1:{page.port}"
        with urllib.request.urlopen(f"{address}/status.json") as answer:
            assert json.load(answer) == {"state": "starting"}
        health.now = {"last_notice": "<script>"}
        with urllib.request.urlopen(address) as answer:
            assert b"&lt;script&gt;" in answer.read()
        foreign = urllib.request.Request(address, headers={"Host": "evil.example:80"})
        with pytest.raises(urllib.error.HTTPError, match="403") as refused:
            urllib.request.urlopen(foreign)
        refused.value.close()
    finally:
        page.close()
