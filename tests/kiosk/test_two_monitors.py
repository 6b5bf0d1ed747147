"""The kiosk's monitor is unplugged and comes back, with and without a window manager."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.models import SmallModels
from tests.two_monitors import SECOND, two_monitors, window_manager
from tests.waiting import PATIENCE_S, wait_until

pytestmark = pytest.mark.gl


@pytest.mark.parametrize("managed", [False, True], ids=["bare", "openbox"])
def test_the_kiosk_follows_its_monitor(
    small_models: SmallModels, tmp_path: Path, managed: bool
) -> None:
    with ExitStack() as stack:
        monitors = stack.enter_context(two_monitors(tmp_path))
        if managed:
            stack.enter_context(window_manager(monitors, tmp_path))
        words = ["kiosk", "--source", "tone", "--no-supervised", "--name", "monitors"]
        words += ["--monitor", SECOND, "--screen", "fill", "--record-size", "320x180"]
        kiosk = subprocess.Popen(
            [sys.executable, "-m", "traumer_live", *words, *small_models.options()],
            env=monitors.environment,
        )

        def reached(what: Callable[[], bool]) -> bool:
            return wait_until(lambda: what() or kiosk.poll() is not None) and kiosk.poll() is None

        try:
            assert reached(monitors.second_is_filled)
            assert not monitors.first_is_filled()
            monitors.unplug()
            assert reached(monitors.first_is_filled)
            monitors.plug_in()
            assert reached(monitors.second_is_filled)
            assert reached(lambda: not monitors.first_is_filled())
            kiosk.terminate()
            assert kiosk.wait(PATIENCE_S) == 0
        finally:
            kiosk.kill()
            kiosk.wait()
