"""Keeping awake: the right helpers, and none of them outlives the program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.waiting import PATIENCE_S, wait_until
from traumer_live.core import keep_awake
from traumer_live.core.keep_awake import KeepAwake, holding_commands, reminding_command

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux helpers")


def found(*names: str):  # type: ignore[no-untyped-def]
    return lambda name: f"/usr/bin/{name}" if name in names else None


def test_each_system_has_its_helpers() -> None:
    assert holding_commands("x", platform="linux", find=found()) == []
    (inhibit,) = holding_commands("a show", platform="linux", find=found("systemd-inhibit"))
    assert inhibit[0] == "systemd-inhibit"
    assert "--why=a show" in inhibit
    (caffeinate,) = holding_commands("x", platform="darwin", find=found("caffeinate"))
    assert caffeinate[-2:] == ["-w", str(os.getpid())]
    (dark,) = holding_commands("x", platform="darwin", screen=False, find=found("caffeinate"))
    assert set(caffeinate) - set(dark) == {"-d"}
    assert reminding_command(platform="linux", find=found("xset")) == ["xset", "s", "reset"]
    assert reminding_command(platform="linux", find=found("xset", "xdg-screensaver")) == [
        "xdg-screensaver",
        "reset",
    ]
    assert reminding_command(platform="win32", find=found("xset")) == []


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for systemd-inhibit that notes its process id and then is the command."""
    noted = tmp_path / "pid"
    program = tmp_path / "systemd-inhibit"
    program.write_text(f"#!/bin/sh\necho $$ > {noted}.new\nmv {noted}.new {noted}\nexec /bin/cat\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    return noted


def read_pid(noted: Path) -> int:
    assert wait_until(noted.exists), "the helper never started"
    return int(noted.read_text())


def is_gone(pid: int) -> bool:
    def ended() -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
        except OSError:
            return True

    return wait_until(ended)


@linux_only
def test_the_helper_runs_from_start_to_stop(helper: Path) -> None:
    with KeepAwake():
        pid = read_pid(helper)
        assert Path(f"/proc/{pid}").exists()
    assert is_gone(pid)


@linux_only
def test_the_helper_ends_when_the_program_is_killed(helper: Path) -> None:
    code = "from traumer_live.core.keep_awake import KeepAwake; KeepAwake().start(); input()"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, cwd=ROOT)
    pid = read_pid(helper)
    process.kill()
    process.wait()
    assert process.stdin is not None
    process.stdin.close()
    assert is_gone(pid)


@linux_only
def test_a_helper_that_fails_is_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("systemd-inhibit", "xset"):
        (tmp_path / name).write_text("not a program")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with KeepAwake():
        pass


@linux_only
def test_a_reminder_that_was_too_slow_once_is_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keep_awake, "_GIVE_UP_S", 0.3)
    monkeypatch.setattr(keep_awake, "REMIND_S", 0.01)
    slow, reminded = tmp_path / "slow", tmp_path / "reminded"
    program = tmp_path / "xset"
    program.write_text(
        f"#!/bin/sh\nif [ -e {slow} ]; then : > {reminded}; else : > {slow}; exec sleep 60; fi\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    if "xset" not in reminding_command(platform="linux"):
        pytest.skip("another helper is in /bin")
    with KeepAwake():
        assert wait_until(reminded.exists)


@linux_only
@pytest.mark.parametrize("screen", [True, False])
def test_a_screen_that_nobody_looks_at_may_go_dark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, screen: bool
) -> None:
    reminded = tmp_path / "reminded"
    program = tmp_path / "xset"
    program.write_text(f"#!/bin/sh\n: > {reminded}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    if "xset" not in reminding_command(platform="linux"):
        pytest.skip("another helper is in /bin")
    with KeepAwake(screen=screen):
        assert wait_until(reminded.exists, PATIENCE_S if screen else 0.2) is screen
