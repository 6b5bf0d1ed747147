"""The way in, for ``traumer-live`` and ``python -m traumer_live``: quiet from the first moment.

In: the command line.  Out: an exit code.  Thread: main.

Importing takes a few tenths of a second. Ctrl-C in that time ends the process as the system does,
without a word; ``cli.main`` makes it an exception again as soon as there is something to end well.
"""

import signal
import sys


def main() -> int:
    """Run the command that was typed."""
    # A shell may have had Ctrl-C ignored for a job in the background; that stays as it is.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from traumer_live.cli import main as run_command
    from traumer_live.core.leaving import leave

    return leave(run_command())


if __name__ == "__main__":
    sys.exit(main())
