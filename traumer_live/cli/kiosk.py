"""``traumer-live kiosk``: the picture alone, fullscreen, without Qt.

In: parsed options.  Out: an exit code.  Thread: main.
"""

from __future__ import annotations

import argparse

from traumer_live.cli.session import Session
from traumer_live.cli.speech import say


def run(options: argparse.Namespace) -> int:
    """Run the kiosk until it is told to end."""
    from traumer_live.kiosk.window import require_display, run_kiosk

    require_display()
    session = Session.open(options)
    return run_kiosk(
        session.show,
        settings=session.settings,
        size=session.size,
        monitor=options.monitor,
        windowed=options.windowed,
        keys=not options.no_keys,
        seconds=options.seconds,
        stats_path=options.stats,
        record=session.record_target,
        record_raw=options.record_raw,
        force=options.force,
        tell=say,
    )
