"""How many processor cores there are for this process.

In: nothing but this machine.  Out: their number.  Thread: any.
"""

from __future__ import annotations

import os


def usable_cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
