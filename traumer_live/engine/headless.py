"""The same live show without a window: drawn offscreen, counted as shown, recorded if asked.

In: a Show that is not started yet.  Out: what the show leaves behind (a take, statistics).
Thread: main.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from traumer_live.engine.screen import Screen
from traumer_live.engine.show import Show
from traumer_live.video.gl import release_standalone, standalone_context
from traumer_live.video.look import Size

POLL_S = 0.002


def run_headless(
    show: Show, *, size: Size, until: Callable[[], bool], tell: Callable[[str], None]
) -> None:
    """Draw the running ``show`` until ``until()`` or its sound ends; notices go to ``tell``.

    Raises:
        DisplayError: there is no OpenGL at all.
    """
    ctx = standalone_context()
    screen = Screen(show, ctx, size)
    try:
        while not until() and not show.finished:
            if not screen.refresh(time.monotonic()):
                time.sleep(POLL_S)
            show.stats.thread_cpu("main")
            show.watch_recorder()
            for notice in show.notices.drain():
                tell(notice)
    finally:
        screen.close()
        release_standalone(ctx)
