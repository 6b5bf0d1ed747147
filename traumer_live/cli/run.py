"""``traumer-live run``: the live show in the studio window, or without any window.

In: parsed options.  Out: an exit code.  Thread: main.
"""

from __future__ import annotations

import argparse
import os
import sys

from traumer_live.cli.session import DEMO_TRACK, Session
from traumer_live.cli.speech import say
from traumer_live.core.errors import DisplayError
from traumer_live.core.paths import data_file
from traumer_live.core.settings import Settings

DEMO_TAKE = "out/traumer-live_%Y-%m-%d_%H-%M-%S.mp4"


def run(options: argparse.Namespace) -> int:
    """Run the show until it is closed, interrupted, or its time is over."""
    if options.demo:
        _prepare_demo(options)
    if not options.headless:
        _require_display()
    session = Session.open(options)
    if options.headless:
        return session.run_headless()
    from traumer_live.app.studio import run_studio

    return run_studio(
        session.show,
        settings=session.settings,
        size=session.size,
        seconds=options.seconds,
        stats_path=options.stats,
        record=session.record_target,
        record_raw=options.record_raw,
        force=options.force,
        fullscreen=options.fullscreen,
        small=options.small,
        welcome=welcomes(options, session.settings),
        source_named=bool(options.source),
        remembers=options.config is None,  # another file's settings are not this room's
        tell=say,
    )


def welcomes(options: argparse.Namespace, settings: Settings) -> bool:
    """Whether the studio begins with its welcome: the first time that somebody sits before it."""
    is_set_up = options.record is not None or options.fullscreen or options.small or options.stats
    return options.welcome or not (settings.welcomed or is_set_up or options.seconds)


def has_display() -> bool:
    """Whether windows can be opened here."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _prepare_demo(options: argparse.Namespace) -> None:
    """The bundled track; with no display the same show headless, leaving a movie."""
    options.source = options.source or f"file:{data_file(DEMO_TRACK)}"
    if not has_display() and not options.headless:
        options.headless = True
        if options.record is None:
            options.record = DEMO_TAKE
        say("There is no display: the show runs without a window and leaves a movie in ./out.")


def _require_display() -> None:
    """Fail before models are loaded and a source is opened."""
    if not has_display():
        raise DisplayError(
            "There is no display to open a window on; add --headless --record FILE.mp4 to make a "
            "movie, or set DISPLAY."
        )
    from traumer_live.app.display import check_display

    check_display()
