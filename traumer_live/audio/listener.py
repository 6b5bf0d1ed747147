"""The show's ear: one source, kept alive, laid on show time without a gap.

In: a SourceSpec.  Out: the show ring (48 kHz stereo) and how far it is complete.  Thread:
``pump`` belongs to one worker, thirty times a second or more; a thread of its own watches the
source, because asking the sound system may take a while.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from traumer_live.audio.capture import SourceSpec, open_capture
from traumer_live.audio.ring import Ring
from traumer_live.audio.supervisor import Opener, Supervisor
from traumer_live.audio.timeline import Counters, Intake, Timeline
from traumer_live.core.clock import ShowClock, host_time

_WATCH_S = 0.1  # s between two looks at the source


class Listener:
    """Listens to one source at a time; when it is lost, silence goes on in its place."""

    def __init__(
        self,
        spec: SourceSpec,
        *,
        opener: Opener = open_capture,
        now: Callable[[], float] = host_time,
    ) -> None:
        self._opener = opener
        self._now = now
        self._timeline = Timeline(now())
        self._supervisor = Supervisor(spec, opener, now)
        self._laid: Intake | None = None  # the intake that the timeline listens to
        self._quit = threading.Event()
        self._changing = threading.Lock()  # the supervisor is stepped or replaced, never both
        self._thread = threading.Thread(target=self._watch, name="listener", daemon=True)

    def start(self, *, watch: bool = True) -> None:
        """Open the source; show time begins now.  Without ``watch`` call supervise() yourself.

        Raises:
            SourceError: the source cannot be opened.
        """
        self._supervisor.open()
        self._timeline = Timeline(self._now())
        if watch:
            self._thread.start()

    def stop(self) -> None:
        """Close the source; never hangs."""
        self._quit.set()
        if self._thread.is_alive():
            self._thread.join(5.0)
        self._supervisor.close()

    def switch(self, spec: SourceSpec) -> None:
        """Listen to another source; show time goes on.  May take a second.

        Raises:
            SourceError: it cannot be opened; the old one stays.
        """
        fresh = Supervisor(spec, self._opener, self._now)
        fresh.open()
        with self._changing:
            old, self._supervisor = self._supervisor, fresh
        old.close()

    def pump(self) -> int:
        """Lay on the show ring what has come; the show index up to which sound is complete."""
        intake = self._supervisor.intake
        if intake is not None and intake is not self._laid:
            self._timeline.begin(intake)
            self._laid = intake
        return self._timeline.advance(self._now())

    def supervise(self) -> None:
        """Look after the source once."""
        with self._changing:
            try:
                self._supervisor.step()
            except Exception as error:  # noqa: BLE001  (the thread's edge: the source must come back)
                self._supervisor.stumble(error)

    @property
    def ring(self) -> Ring:
        """The last minute of the show, 48 kHz stereo; final from start() on."""
        return self._timeline.ring

    @property
    def clock(self) -> ShowClock:
        """Which show index is due when; final from start() on."""
        return self._timeline.clock

    @property
    def counters(self) -> Counters:
        """What did not go as it should."""
        return self._timeline.counters

    @property
    def spec(self) -> SourceSpec:
        """The source that is wanted now."""
        return self._supervisor.spec

    @property
    def description(self) -> str:
        """What is listened to, for people."""
        return self._supervisor.description

    @property
    def finished(self) -> bool:
        """The source has ended, and all of it is on the show ring."""
        return self._supervisor.finished and self._timeline.drained

    @property
    def notice(self) -> str:
        """One sentence about the last loss or return of the source; empty when all went well."""
        return self._supervisor.notice

    @property
    def state(self) -> str:
        """A few words for a badge."""
        intake = self._supervisor.intake
        if self.finished:
            return "ended"
        if intake is None or intake.lost is not None:
            return "source lost, retrying"
        if self._supervisor.is_silent:
            return "no signal"
        if intake.newest is None:
            return "starting"
        return "playing" if self._timeline.has_signal else "no signal"

    def _watch(self) -> None:
        while not self._quit.wait(_WATCH_S):
            self.supervise()
