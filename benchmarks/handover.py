"""How long a value is on its way from one thread to another, while Python works beside them.

    python -m benchmarks.handover [--rounds 200] [--json FILE]

In: values put 30 times a second.  Out: milliseconds from put to taken, for the mailbox of the show
(woken by a condition), for looking every 2 ms as windows do, and for a queue (the baseline); each
alone and beside a thread of pure Python, with Python's own switch interval and with the show's.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks._report import Report, options
from traumer_live.cli.session import SWITCH_INTERVAL_S
from traumer_live.core.mailbox import Latest

EVERY_S = 1 / 30
LOOK_S = 0.002
PYTHON_S = 0.005  # the interpreter's default
Way = tuple[Callable[[float], None], Callable[[], float | None]]  # put, take


def main() -> None:
    chosen = options(__doc__, rounds=200).parse_args()
    report = Report("hand-over between threads, milliseconds")
    for interval, busy in ((PYTHON_S, False), (PYTHON_S, True), (SWITCH_INTERVAL_S, True)):
        beside = f"beside Python, {1e3 * interval:g} ms" if busy else "alone"
        sys.setswitchinterval(interval)
        with python_beside(busy):
            for name, way in ways().items():
                report.add(f"{name}, {beside}", times(way, chosen.rounds))
    report.compare("queue, alone")
    report.finish(chosen.json)


def ways() -> dict[str, Way]:
    """Every way of handing over."""
    line: queue.Queue[float] = queue.Queue()
    woken: Latest[float] = Latest()
    looked: Latest[float] = Latest()

    def look() -> float | None:
        value = looked.take()
        if value is None:
            time.sleep(LOOK_S)
        return value

    return {
        "queue": (line.put, lambda: _from(line)),
        "mailbox": (woken.put, lambda: woken.take(timeout=0.2)),
        "mailbox, looked into every 2 ms": (looked.put, look),
    }


def _from(line: queue.Queue[float]) -> float | None:
    try:
        return line.get(timeout=0.2)
    except queue.Empty:
        return None


def times(way: Way, rounds: int) -> list[float]:
    """Milliseconds of each hand-over."""
    put, take = way
    found: list[float] = []

    def receive() -> None:
        while len(found) < rounds:
            sent = take()
            if sent is not None:
                found.append(1e3 * (time.perf_counter() - sent))

    receiver = threading.Thread(target=receive)
    receiver.start()
    while len(found) < rounds:
        put(time.perf_counter())
        time.sleep(EVERY_S)
    receiver.join()
    return found[:rounds]


@contextmanager
def python_beside(wanted: bool) -> Iterator[None]:
    """A thread that holds the interpreter as often as it may."""
    quit_it = threading.Event()

    def work() -> None:
        while not quit_it.is_set():
            sum(range(1000))

    thread = threading.Thread(target=work, daemon=True)
    if wanted:
        thread.start()
    try:
        yield
    finally:
        quit_it.set()
        if wanted:
            thread.join()


if __name__ == "__main__":
    main()
