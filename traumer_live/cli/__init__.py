"""The command line: ``traumer-live run | kiosk | render | devices | doctor``.

In: arguments.  Out: an exit code; errors are one sentence on standard error.  Thread: main.
Each command is imported only when it is asked for, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from traumer_live.cli.parser import parsed
from traumer_live.cli.speech import fall_silent, write_any_name
from traumer_live.core.errors import TraumerError
from traumer_live.core.signals import raise_on_interrupt

INTERRUPTED = 130  # what shells expect of a program that Ctrl-C ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    write_any_name()
    options = parsed(arguments)
    try:
        code = _command(options)
        sys.stdout.flush()
        return code
    except TraumerError as error:
        print(f"traumer-live: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        fall_silent()
        return 1
    except OSError as error:
        fall_silent()
        print(f"traumer-live: {error}.", file=sys.stderr)
        return 1


def _command(options: argparse.Namespace) -> int:
    module = import_module(f"traumer_live.cli.{options.command}")
    raise_on_interrupt()
    code = module.run(options)
    assert isinstance(code, int)
    return code
