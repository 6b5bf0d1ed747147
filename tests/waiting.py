"""Waiting in tests: for a condition, never for a time.

A busy machine may take ten times as long as a free one, and nobody waits on a free one: the limit
is only there so that a failure ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 180.0


def wait_until(what: Callable[[], object], within_s: float = PATIENCE_S) -> bool:
    """Poll until ``what`` is true; False when it did not become so in time."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.005)
    return bool(what())
