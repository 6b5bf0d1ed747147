"""The words of the commands that measure: ``traumer-live latency`` and ``traumer-live bench``.

In: the subparsers.  Out: two more.  Only the standard library is imported here.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

Size = tuple[int, int]


def add_measuring_commands(
    commands: Any,
    *,
    add_models: Callable[[argparse.ArgumentParser], None],
    parse_size: Callable[[str], Size],
) -> None:
    """Add both; ``add_models`` gives a command the options that choose models."""
    latency = commands.add_parser("latency", help="measure how soon a sound becomes a picture")
    latency.add_argument(
        "--source",
        metavar="SOURCE",
        help="loopback[:OUTPUT] or mic[:NAME], with an audible click; "
        "default: an output of its own that nobody hears",
    )
    latency.add_argument(
        "--clicks", type=_clicks, default=30, metavar="N", help="how many (default 30)"
    )
    bench = commands.add_parser(
        "bench", help="measure what this machine can carry, in about a minute"
    )
    for command in (latency, bench):
        command.add_argument(
            "--size", type=parse_size, metavar="WxH", help="of the picture that is drawn"
        )
        command.add_argument("--json", type=Path, metavar="FILE", help="write the numbers too")
        command.add_argument("--force", action="store_true", help="overwrite that file")
        add_models(command)


def _clicks(text: str) -> int:
    if not text.isdecimal() or not 3 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of clicks from 3 to 1000")
    return int(text)
