"""What the program says on standard output, whoever listens there.

In: sentences.  Out: text; a listener that went away (a closed terminal, a full disk) never ends a
show.  Thread: main.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress


def say(sentence: str) -> None:
    """Tell the user something that is not an error."""
    try:
        print(sentence, flush=True)
    except OSError:
        fall_silent()


def fall_silent() -> None:
    """Send the rest nowhere, or Python complains about it once more when it ends."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def write_any_name() -> None:
    """Letters that the console does not know are replaced: names of files can hold any."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
