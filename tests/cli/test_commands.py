"""The commands as a person types them; in processes of their own where that makes a difference."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time

import av
import numpy as np
import pytest

from tests.music import tune, write_wav
from tests.waiting import PATIENCE_S, wait_until
from traumer_live.cli import main
from traumer_live.cli.render import progress_line

COMMAND = [sys.executable, "-m", "traumer_live"]


def run(*arguments, timeout=PATIENCE_S, **options):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        **options,
    )


def last_line_of(script):
    """What a Python of its own says last."""
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return answer.stdout.splitlines()[-1]


def frames_of(movie):
    with av.open(str(movie)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_help_names_every_command():
    answer = run("--help")
    assert answer.returncode == 0
    for command in ("run", "kiosk", "render", "devices", "doctor"):
        assert command in answer.stdout


@pytest.mark.gl
def test_a_headless_show_leaves_a_movie_and_its_numbers_without_torch(small_models, tmp_path):
    song = write_wav(tmp_path / "song.wav", tune(2))
    words = [
        "run", "--headless", "--source", f"file:{song}", "--record", str(tmp_path / "take.mp4"),
        "--record-size", "128x72", "--stats", str(tmp_path / "stats.json"),
        *small_models.options(),
    ]  # fmt: skip
    script = (
        f"import sys; from traumer_live.cli import main; code = main({words!r}); "
        "print(code, 'torch' in sys.modules, 'PyQt6' in sys.modules)"
    )
    assert last_line_of(script) == "0 False False"
    assert frames_of(tmp_path / "take.mp4") >= 50
    stats = json.loads((tmp_path / "stats.json").read_text())
    assert stats["frames"]["shown"] > 0
    assert stats["audio"]["overruns"] == 0
    assert stats["shown_interval_ms"].keys() >= {"p50", "p95", "p99"}
    assert {"synthesis", "ears", "look"} <= stats["stage_ms"].keys()
    assert {"coarse", "middle", "fine"} == stats["delay_s"].keys()
    assert {"ears", "dreams", "main"} <= stats["cpu"].keys()
    assert stats["peak_rss_mb"] > 50


@pytest.mark.gl
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_show_and_finishes_the_take(small_models, tmp_path, number):
    show = subprocess.Popen(
        [*COMMAND, "run", "--headless", "--source", "tone", "--record", str(tmp_path),
         "--record-size", "96x64", *small_models.options()],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    takes = lambda: list(tmp_path.glob("*.mp4"))  # noqa: E731
    assert wait_until(lambda: takes() and takes()[0].stat().st_size > 5_000)
    show.send_signal(number)
    out, err = show.communicate(timeout=PATIENCE_S)
    assert show.returncode == 0
    assert err == ""
    assert f"Recorded {takes()[0]}" in out
    assert frames_of(takes()[0]) > 0


@pytest.mark.gl
def test_render_and_interrupt(small_models, tmp_path):
    song = write_wav(tmp_path / "song.wav", np.tile(tune(2), (60, 1)))
    movie = tmp_path / "m.mp4"
    rendering = subprocess.Popen(
        [*COMMAND, "render", str(song), "-o", str(movie), "--size", "64x64",
         *small_models.options()],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert wait_until(lambda: movie.exists() and movie.stat().st_size > 20_000)
    rendering.send_signal(signal.SIGINT)
    out, err = rendering.communicate(timeout=PATIENCE_S)
    assert rendering.returncode == 130
    assert "Traceback" not in err
    assert "holds the first" in out
    assert frames_of(movie) > 10


def test_devices_and_doctor_answer_without_sound_or_screen():
    bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    bare["PULSE_SERVER"] = "unix:/nowhere"
    devices = run("devices", env=bare)
    assert devices.returncode == 0
    assert devices.stdout.strip()
    doctor = run("doctor", env=bare)
    assert "Traceback" not in doctor.stderr
    assert "onnx" in doctor.stdout.lower()


def test_the_progress_bar_tells_the_time_left():
    line = progress_line(30, 60, 2.0)
    assert "50 %" in line
    assert "0:15 left" in line
    assert "done" in progress_line(30, None, 2.0)


@pytest.mark.gl
def test_a_wide_generator_leaves_a_wide_raw_take(small_models, tmp_path):
    words = [
        "run", "--headless", "--source", "tone", "--seconds", "0.5", "--wide", "--record-raw",
        "--record", str(tmp_path / "take.mp4"), *small_models.options(),
    ]  # fmt: skip
    assert main(words) == 0
    with av.open(str(tmp_path / "take.mp4")) as container:
        video = container.streams.video[0]
        assert (video.width, video.height) == (112, 64)


def test_a_class_that_a_generator_does_not_have(small_models, tmp_path, capsys):
    song = write_wav(tmp_path / "song.wav", tune(1))
    target = str(tmp_path / "x.mp4")
    assert main(["render", str(song), "-o", target, "--class", "3", *small_models.options()]) == 1
    assert "has no class 3" in capsys.readouterr().err


@pytest.mark.gl
def test_nobody_needs_to_listen(small_models, tmp_path):
    """A closed terminal or a full disk behind standard output ends no show."""
    command = [
        *COMMAND, "run", "--headless", "--source", "silence", "--seconds", "0.5",
        "--record", tmp_path / "☾.mp4", "--record-size", "128x72",
        "--stats", tmp_path / "s.json", *small_models.options(),
    ]  # fmt: skip
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            list(map(str, command)), stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert frames_of(tmp_path / "☾.mp4") > 0
    assert (tmp_path / "s.json").exists()


def test_a_table_that_cannot_be_written_is_one_sentence():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, "devices"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "No space left" in done.stderr


def test_a_console_that_knows_few_letters(monkeypatch):
    console = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stderr", console)
    assert main(["render", "☾.wav", "-o", "m.mp4"]) == 1
    console.flush()
    assert b"?.wav" in console.buffer.getvalue()


@pytest.mark.gl
def test_a_saved_source_that_makes_no_sense_is_passed_over(
    small_models,
    tmp_path,
    monkeypatch,
    capsys,
):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "traumer-live").mkdir()
    (tmp_path / "traumer-live" / "settings.toml").write_text('version = 1\nsource = "radio"\n')
    words = ["run", "--headless", "--seconds", "0.3", "--record-size", "128x72"]
    assert main([*words, *small_models.options()]) == 0
    assert "'radio'" in capsys.readouterr().out


@pytest.mark.parametrize("after_s", [0.05, 0.2])
def test_an_interrupt_while_everything_is_still_imported_is_quiet(tmp_path, after_s):
    """Whenever it comes after Python itself has started, which no program can be quiet in."""
    script = "import sys; from traumer_live.__main__ import main; print('!', flush=True); main()"
    command = subprocess.Popen(
        [sys.executable, "-c", script, "render", "none.wav", "-o", str(tmp_path / "m.mp4")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert command.stdout.readline() == "!\n"
    time.sleep(after_s)
    command.send_signal(signal.SIGINT)
    _, err = command.communicate(timeout=PATIENCE_S)
    assert "Traceback" not in err
    assert "Error" not in err


def test_an_interrupt_that_the_shell_had_ignored_stays_ignored():
    script = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); import sys; "
        "from traumer_live.__main__ import main; sys.argv[1:] = ['models', 'list']; main(); "
        "print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"
    )
    assert last_line_of(script) == "True"


def test_an_interrupt_is_an_exception_again_once_a_command_runs():
    script = (
        # A shell may have ignored Ctrl-C for this very test run.
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from traumer_live.__main__ import main; "
        "sys.argv[1:] = ['models', 'list']; main(); "
        "print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    )
    assert last_line_of(script) == "True"
