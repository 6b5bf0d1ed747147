"""The very end of the program, where a thread may still be deep inside a runtime.

In: the exit code; what must be done whatever the end.  Out: the same code, or the end of the
process.  Thread: main, the last thing it does; ``at_the_end`` from any.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

_last: list[Callable[[], object]] = []


def at_the_end(do: Callable[[], object]) -> None:
    """Call ``do`` when the process ends by itself, by ``leave`` or otherwise; once."""
    _last.append(do)


@atexit.register
def _do_last() -> None:
    while _last:
        with suppress(Exception):  # whatever it was, the process must still end
            _last.pop()()


def leave(code: int) -> int:
    """``code`` when only the main thread is left; else the process ends here, with that code.

    A daemon thread that comes back from a runtime (a picture that takes seconds, a graph being
    compiled) while Python shuts down is ended by force, and C++ then aborts the whole process:
    exit code -6 after a show whose every file was written. Nobody waits for that picture any more.
    """
    if not any(thread.daemon for thread in threading.enumerate()):
        return code
    _do_last()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)
