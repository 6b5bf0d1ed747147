"""``traumer-live settings``: what holds, and whether a flag, the file or the default says so.

In: parsed options, the same ones as ``run`` and ``kiosk`` take.  Out: a table.  Thread: main.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict

from traumer_live.cli.kiosk_options import kiosk_settings
from traumer_live.cli.session import apply_options
from traumer_live.cli.settings_file import settings_of
from traumer_live.cli.speech import say
from traumer_live.core.settings import flat, said_in, settings_path


def run(options: argparse.Namespace) -> int:
    """Print every setting with its origin."""
    path = options.config or settings_path()
    filed = said_in(path)
    of_file = settings_of(options)
    effective = kiosk_settings(apply_options(of_file, options), options)
    before, now = flat(asdict(of_file)), flat(asdict(effective))
    flagged = {name.partition("=")[0] for name in options.set or ()}
    if options.source:
        now["source"] = options.source
        flagged.add("source")
    say(f"# {path}" + ("" if path.exists() else " (there is none yet)"))
    for name, value in now.items():
        is_flag = name in flagged or value != before.get(name)
        origin = "flag" if is_flag else "file" if name in filed else "default"
        say(f"{name:28} {_written(value):32} {origin}")
    return 0


def _written(value: object) -> str:
    """As TOML writes it, so that a line can be copied into the file."""
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"
