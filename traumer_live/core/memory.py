"""Memory of models that are gone goes back to the system.

In: something large whose end is to be noticed.  Out: nothing.  Thread: any; a daemon does the work.

The C library of most Linux systems keeps what was freed for itself, in a pool for every thread that
ever asked: ten switches between two small generators left a gigabyte that nobody used. Elsewhere
this is not so, and nothing is done.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import time
import weakref
from collections.abc import Callable
from functools import cache
from queue import SimpleQueue

POOLS = 2  # of the C library; eight threads with one each held 40 MB more that nobody used
_M_ARENA_MAX = -8  # glibc's number for their limit
SETTLE_S = 1.0  # from the end of an object: more may follow, and its runtime ends after it


def share_pools() -> None:
    """Let all threads that start from now on share a few of the C library's pools."""
    limit = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if limit is not None:
        limit(_M_ARENA_MAX, POOLS)


def return_when_gone(large: object) -> None:
    """Once ``large`` is no more, let the C library return what it freed."""
    gone = _gone()
    if gone is not None:
        weakref.finalize(large, gone.put, None).atexit = False


def return_soon() -> None:
    """The same for something that ended just now."""
    gone = _gone()
    if gone is not None:
        gone.put(None)


@cache
def _gone() -> SimpleQueue[None] | None:
    """Where ends are told, if anything can be done: a queue that may be filled at any moment."""
    trim = _trim()
    if trim is None:
        return None
    gone: SimpleQueue[None] = SimpleQueue()
    threading.Thread(target=_return, args=(gone, trim), name="memory", daemon=True).start()
    return gone


def _return(gone: SimpleQueue[None], trim: Callable[[int], int]) -> None:
    while True:
        gone.get()
        time.sleep(SETTLE_S)
        while not gone.empty():
            gone.get()
        trim(0)


def _trim() -> Callable[[int], int] | None:
    """glibc's own way, where this is glibc."""
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
