"""Ctrl-C, a polite kill and a closed terminal end a show properly, takes included.

In: what to do then.  Out: nothing.  Thread: main; elsewhere no signal arrives and nothing is done.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows knows the first two


@contextmanager
def calling_on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` at any of the signals; the handlers before are put back at the end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop()

    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def raise_on_interrupt() -> None:
    """Make Ctrl-C a KeyboardInterrupt again, where ``__main__`` let it end the process."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def stopping_on_signals() -> Iterator[threading.Event]:
    """An event that any of the signals sets."""
    stopped = threading.Event()
    with calling_on_signals(stopped.set):
        yield stopped
