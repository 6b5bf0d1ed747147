"""The command line: ``traumer-live run | kiosk | render | devices | doctor``.

In: arguments.  Out: an exit code; errors are one sentence on standard error.  Thread: main.
Each command is imported only when it is asked for, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from traumer_live.cli.parser import build_parser
from traumer_live.core.errors import TraumerError

INTERRUPTED = 130  # what shells expect of a program that Ctrl-C ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = build_parser().parse_args(arguments)
    try:
        return _command(options)
    except TraumerError as error:
        print(f"traumer-live: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return 1


def _command(options: argparse.Namespace) -> int:
    module = import_module(f"traumer_live.cli.{options.command}")
    code = module.run(options)
    assert isinstance(code, int)
    return code
