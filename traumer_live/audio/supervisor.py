"""Keeps one source open: notices when it is lost and opens it again.

In: a SourceSpec and a way to open it.  Out: the intake that is being filled now.  Thread: one
that may wait for the sound system, ten times a second; ``intake`` may be read from any.
"""

from __future__ import annotations

from collections.abc import Callable

from traumer_live.audio.capture import Capture, Health, SourceSpec
from traumer_live.audio.timeline import Intake
from traumer_live.core.errors import SourceError

Opener = Callable[[SourceSpec], Capture]

_STALL_S = 1.0  # s without a block; a living source sends one every 0.1 s at least
_FIRST_S = 3.0  # s; on an idle null sink the first block came after 2.3 s
_HEALTH_S = 1.0  # s between questions to the sound system
_BACK_OFF_S = (0.25, 1.0)  # s between attempts: the first, and at most


class Supervisor:
    """Opens a source, watches it, and opens it again when it is lost."""

    def __init__(self, spec: SourceSpec, opener: Opener, now: Callable[[], float]) -> None:
        self.spec = spec
        self.description = str(spec)
        self.intake: Intake | None = None  # of the newest opening; its ``lost`` says if it ended
        self.notice = ""  # one sentence about the last loss or return
        self.is_silent = False  # the system says that the source is alive and nothing plays
        self._opener = opener
        self._now = now
        self._capture: Capture | None = None
        self._ended = False
        self._back_off = _BACK_OFF_S[0]
        self._retry_at = 0.0
        self._asked = 0.0

    @property
    def finished(self) -> bool:
        """The source has come to its natural end."""
        return self._ended or (self._capture is not None and self._capture.finished)

    def open(self) -> None:
        """Open the source.

        Raises:
            SourceError: it cannot be opened.
        """
        capture = self._opener(self.spec)
        intake = Intake(capture.sample_rate, capture.channels, self._now)
        capture.open(intake.on_block, intake.on_lost)
        self._capture, self.intake = capture, intake
        self.description = capture.info.description
        self.is_silent = False
        self._asked = self._now()

    def close(self) -> None:
        """Close the source for good."""
        self._ended = self.finished
        if self._capture:
            self._capture.close()
        self._capture = None

    def step(self) -> None:
        """Look after the source once."""
        if self._capture is None:
            self._try_again()
        elif not self.finished and (why := self._loss(self._capture)):
            self._drop(why)

    def _try_again(self) -> None:
        if self._now() < self._retry_at:
            return
        try:
            self.open()
        except SourceError:
            self._wait_longer()
        else:
            self._back_off = _BACK_OFF_S[0]
            self.notice = f"{self.description} is back."

    def stumble(self, error: Exception) -> None:
        """Asking the sound system failed in a way that nobody foresaw: say so, try again later."""
        self.notice = f"{self.description} cannot be looked after ({error!r}); trying again."
        self._wait_longer()

    def _wait_longer(self) -> None:
        self._back_off = min(2 * self._back_off, _BACK_OFF_S[1])
        self._retry_at = self._now() + self._back_off

    def _drop(self, why: str) -> None:
        assert self._capture is not None
        assert self.intake is not None
        self.intake.on_lost(why)
        self._capture.close()
        self._capture = None
        self._retry_at = self._now() + self._back_off
        self.notice = f"{self.description} was lost ({why}); silence until it is back."

    def _loss(self, capture: Capture) -> str:
        """Why the source counts as lost; empty while it does not."""
        assert self.intake is not None
        if self.intake.lost:
            return self.intake.lost
        waited = self._now() - (self.intake.newest or self.intake.opened)
        stalled = waited > (_STALL_S if self.intake.newest else _FIRST_S)
        if not stalled:
            self.is_silent = False
        if self._now() - self._asked < _HEALTH_S:
            return ""
        self._asked = self._now()
        health = capture.health()
        if health is Health.MOVED:
            return "the sound system moved it elsewhere"
        self.is_silent = stalled and health is Health.SILENT
        return f"no sound for {waited:.0f} s" if stalled and not self.is_silent else ""
