"""The audience's monitor is unplugged while the studio plays, and comes back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.models import SmallModels
from tests.two_monitors import FIRST_SIZE, SECOND, SECOND_SIZE, two_monitors
from tests.waiting import PATIENCE_S, wait_until

SECOND_PLACE = (FIRST_SIZE[0], 0, *SECOND_SIZE)
pytestmark = [pytest.mark.gl, pytest.mark.qt]


def test_the_output_returns_with_its_monitor(small_models: SmallModels, tmp_path: Path) -> None:
    with two_monitors(tmp_path) as monitors:
        words = ["run", "--source", "tone", "--fullscreen", "--screen", "fill"]
        words += ["--set", f"output_screen={SECOND}", "--record-size", "320x180"]
        studio = subprocess.Popen(
            [sys.executable, "-m", "traumer_live", *words, *small_models.options()],
            env=monitors.environment,
            stderr=subprocess.PIPE,
            text=True,
        )

        def place() -> tuple[int, int, int, int] | None:
            return monitors.screen.place(b"output")

        def reached(what: Callable[[], bool]) -> bool:
            return wait_until(lambda: what() or studio.poll() is not None) and studio.poll() is None

        try:
            assert reached(lambda: place() == SECOND_PLACE)
            assert reached(monitors.second_is_filled)
            monitors.unplug()
            assert reached(lambda: place() is None)  # it would cover the operator's own screen
            monitors.plug_in()
            assert reached(lambda: place() == SECOND_PLACE)
            assert reached(monitors.second_is_filled)
            studio.terminate()
            assert studio.wait(PATIENCE_S) == 0
        finally:
            studio.kill()
            studio.communicate()
