"""The small parent of a kiosk: starts it, and starts it again when it crashed or stands still.

In: a command line, opening hours.  Out: an exit code.  Thread: main of a process that loads no
model and opens no window.

The kiosk writes a byte a second into a pipe (its number is in BEAT) from its first picture on.
One that ends with an error before it ever showed a picture was called wrongly: that ends all.
One that ends later, or falls silent, is started again, told by RETURNING that it shall go on
where the last one was; after three crashes in a row it begins as it was called, for what it returns
to may be what it crashes of. All but the first are told by AGAIN that they are not. A kiosk whose
parent is gone ends by itself when the pipe breaks.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from traumer_live.core.signals import calling_on_signals
from traumer_live.kiosk.hours import Hours

BEAT = "TRAUMER_LIVE_KIOSK_BEAT"
RESTARTS = "TRAUMER_LIVE_KIOSK_RESTARTS"
LAST_EXIT = "TRAUMER_LIVE_KIOSK_LAST_EXIT"
AFRESH = "TRAUMER_LIVE_KIOSK_AFRESH"
RETURNING = "TRAUMER_LIVE_KIOSK_RETURNING"
AGAIN = "TRAUMER_LIVE_KIOSK_AGAIN"
HANG_S = 20.0  # without a beat
END_S = 30.0  # a take is finished in that time
FORGIVEN = 2  # crashes in a row after which it is still started at once
STEADY_S = 60.0  # who lived that long is started again at once
LONGEST_PAUSE_S = 30.0
_LOOK_S = 0.25

Tell = Callable[[str], None]


class Supervisor:
    """Keeps one kiosk alive."""

    def __init__(self, command: Sequence[str], hours: Hours, tell: Tell) -> None:
        self._command = list(command)
        self._hours = hours
        self._tell = tell
        self._stopping = False
        self._was_up = False  # some child has shown a picture
        self._crashed = False  # the last one
        self._lives = 0
        self._restarts = 0
        self._last_exit = ""
        self._quick_ends = 0  # in a row

    def run(self, on_closed: Callable[[datetime], None] = lambda _opens: None) -> int:
        """Until somebody ends it; ``on_closed`` is told when it closes until when."""
        with calling_on_signals(self._stop):
            while not self._stopping:
                now = datetime.now()
                if not self._hours.is_open(now):
                    self._crashed = False  # before a night; the morning begins as it was called
                    on_closed(self._hours.opens_at(now))
                    self._wait(lambda: self._hours.is_open(datetime.now()))
                    continue
                began = time.monotonic()
                code, closed = self._one_life()
                self._crashed = not closed
                if closed:
                    continue
                if code == 0 or self._stopping or not self._was_up:
                    return self._code_of(code)
                self._pause_after(code, time.monotonic() - began)
        return 0

    def _one_life(self) -> tuple[int, bool]:
        """From a start to an end: exit code, and whether it was ended because of the hour."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        environment = {**os.environ, BEAT: str(writing)}
        if self._restarts:
            environment |= {RESTARTS: str(self._restarts), LAST_EXIT: self._last_exit}
        if self._crashed:
            environment |= {RETURNING: "1"}
        if self._quick_ends > FORGIVEN:
            environment |= {AFRESH: "1"}
        if self._lives:
            environment |= {AGAIN: "1"}
        self._lives += 1
        child = subprocess.Popen(self._command, env=environment, pass_fds=[writing])
        os.close(writing)
        try:
            closed = self._watch(child, reading)
            return _ended(child), closed
        finally:
            os.close(reading)

    def _watch(self, child: subprocess.Popen[bytes], reading: int) -> bool:
        """Until it ends, hangs, or shall end; True when the hour is over."""
        heard_at: float | None = None
        while child.poll() is None:
            if self._stopping or not self._hours.is_open(datetime.now()):
                child.terminate()
                return not self._stopping
            if select.select([reading], [], [], _LOOK_S)[0]:
                if not os.read(reading, 4096):
                    return False  # the pipe broke: it is ending
                heard_at, self._was_up = time.monotonic(), True
            elif heard_at is not None and time.monotonic() - heard_at > HANG_S:
                self._tell(f"The kiosk stood still for {HANG_S:.0f} s and is started again.")
                child.kill()
                return False
        return False

    def _pause_after(self, code: int, lived_s: float) -> None:
        self._restarts += 1
        self._last_exit = f"signal {-code}" if code < 0 else f"exit code {code}"
        self._quick_ends = 0 if lived_s > STEADY_S else self._quick_ends + 1
        # The first crash costs no time; one that comes back at once must not burn the machine.
        pause = (
            min(0.5 * 2**self._quick_ends, LONGEST_PAUSE_S) if self._quick_ends > FORGIVEN else 0.0
        )
        self._tell(f"The kiosk ended ({self._last_exit}) and is started again.")
        over_at = time.monotonic() + pause
        self._wait(lambda: time.monotonic() >= over_at)

    def _code_of(self, code: int) -> int:
        """The parent's own exit code; one that was killed before its first picture is told."""
        if code >= 0 or self._stopping:
            return max(code, 0)
        self._tell(f"The kiosk ended by signal {-code} before it showed a picture.")
        return 128 - code  # as shells say it

    def _wait(self, until: Callable[[], bool]) -> None:
        while not self._stopping and not until():
            time.sleep(_LOOK_S)

    def _stop(self) -> None:
        self._stopping = True


def _ended(child: subprocess.Popen[bytes]) -> int:
    """The exit code of a child that is ending; one that does not is killed."""
    try:
        return child.wait(END_S)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


def kiosk_command(words: Sequence[str]) -> list[str]:
    """The same program with the same words, as a child."""
    return [sys.executable, "-m", "traumer_live", *words, "--no-supervised"]


class Beat:
    """A child's sign of life; does nothing in a kiosk without a parent."""

    def __init__(self) -> None:
        self._pipe = int(os.environ.pop(BEAT, "-1"))
        self.restarts = int(os.environ.pop(RESTARTS, "0"))
        self.last_exit = os.environ.pop(LAST_EXIT, "")
        self.returning = bool(os.environ.pop(RETURNING, ""))  # the one before crashed
        self.afresh = bool(os.environ.pop(AFRESH, ""))  # do not return to where the last one was
        self.again = bool(os.environ.pop(AGAIN, ""))  # there was one before, however it ended
        self._due = 0.0
        self.orphaned = False
        if self._pipe >= 0:
            os.set_inheritable(self._pipe, False)  # a grandchild must not keep the pipe open

    @property
    def has_parent(self) -> bool:
        """Whether somebody listens."""
        return self._pipe >= 0

    def beat(self, now_s: float) -> None:
        """Say that we live, once a second."""
        if self._pipe < 0 or now_s < self._due:
            return
        self._due = now_s + 1.0
        try:
            os.write(self._pipe, b".")
        except OSError:
            self.orphaned = True  # nobody would start us again: end well


def can_supervise() -> bool:
    """Whether pipes can be watched here; Windows cannot."""
    return os.name == "posix" and hasattr(select, "select") and Path(sys.executable).exists()
