"""Which of our own threads goes first when a machine has too much to do.

In: nothing.  Out: a thread that stands back.  Thread: the one that stands back calls it.
"""

from __future__ import annotations

import os
import sys
import threading

BEHIND = 2  # niceness: about two thirds of the share of a thread that does not stand back


def stand_back() -> None:
    """Let the other threads of this program go first from now on; only Linux knows how.

    Where it cannot be done nothing happens: it only matters when other programs want the cores.
    """
    if sys.platform != "linux":
        return
    try:
        thread = threading.get_native_id()
        present = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, min(present + BEHIND, 19))
    except OSError:
        return
