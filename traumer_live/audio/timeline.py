"""Show time laid out of what one capture after the other delivers.

In: intakes (blocks at a native rate with their arrival times).  Out: the show ring, 48 kHz
stereo without a gap, and the clock that says what is due.  Thread: a capture's thread writes its
own Intake; everything else belongs to the one thread that calls ``advance``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from traumer_live.audio.resample import Resampler
from traumer_live.audio.ring import Overrun, Ring
from traumer_live.audio.stereo import to_stereo
from traumer_live.core.clock import ShowClock
from traumer_live.core.types import SHOW_RATE, Array

SHOW_SECONDS = 64  # what the show ring remembers: 25 MB
_NATIVE_SECONDS = 10  # a burst of 3 s has been seen
_GRACE_S = 0.3  # s without a block before silence is assumed; bursts wait 0.1 s at most
_LEAD_S = 0.03  # s that a new source's first block is laid ahead of the line; then it is measured
_AHEAD_S = 0.4  # s; sound further ahead of the line than this belongs to the past
_LATE_S = 0.25  # s; sound that stays late for longer than this was not a late burst
LOUDEST = 8.0  # 18 dB over full scale; beyond it nothing is music
_QUIET_S = 2.0  # s of zeros that count as no signal
_FILL = np.zeros((4800, 2), np.float32)  # (4800, 2): silence, 0.1 s at a time


@dataclass
class Counters:
    """What did not go as it should, since the start."""

    overruns: int = 0  # times that captured sound was overwritten before it was read
    filled: int = 0  # show samples of silence put where no sound came
    late_discarded: int = 0  # show samples that came for time already filled


class Intake:
    """One opening of a capture: its thread puts blocks here.

    A block of an old stream that still trickles in lands in its own, forgotten intake.
    """

    def __init__(self, rate: int, channels: int, now: Callable[[], float]) -> None:
        self.rate = rate
        self.channels = channels
        self.opened = now()
        self.ring = Ring(_NATIVE_SECONDS * rate, channels)
        self.arrivals: deque[tuple[float, int]] = deque(maxlen=8192)  # (host time, written)
        self.newest: float | None = None  # host time of the newest block
        self.lost: str | None = None  # why nothing will come any more
        self._now = now

    def on_block(self, block: Array) -> None:
        """Copy ``block`` (n, channels) and note when it came."""
        self.ring.write(block)
        self.newest = self._now()
        self.arrivals.append((self.newest, self.ring.written))

    def on_lost(self, why: str) -> None:
        """The stream has ended by itself."""
        self.lost = self.lost or why


class Timeline:
    """The show ring, its clock, and where the present source stands on it."""

    def __init__(self, now: float) -> None:
        self.ring = Ring(SHOW_SECONDS * SHOW_RATE, 2)
        self.clock = ShowClock(now)
        self.counters = Counters()
        self._heard = 0  # show index after the newest sample that was not zero
        self._filled_to = 0  # show index after the newest silence put in
        self._period: _Period | None = None

    def begin(self, intake: Intake) -> None:
        """From now on listen to ``intake``, whose newest sound belongs to the moment it comes."""
        if self._period:
            self._take(self._period)
        self._period = _Period(intake)
        self.clock.restart()

    def advance(self, now: float) -> int:
        """Take in what has come and fill what never will; the index up to which all is there."""
        if self._period:
            self._take(self._period)
        if self._period is None or self._period.is_stalled(now):
            self._fill_to(self.clock.index_at(now))
        return self.ring.written

    @property
    def has_signal(self) -> bool:
        """Something else than zeros came within the last two seconds."""
        return self.ring.written - self._heard < _QUIET_S * SHOW_RATE

    @property
    def drained(self) -> bool:
        """Everything that the present source delivered is on the show ring."""
        return self._period is None or self._period.read == self._period.intake.ring.written

    def _take(self, period: _Period) -> None:
        arrivals = period.intake.arrivals
        while arrivals:
            self._place(period, *arrivals.popleft())
        if period.start is None:
            return
        try:
            at, sound = period.take()
        except Overrun:
            self.counters.overruns += 1
            period.skip()
            return
        self._lay(at, sound)

    def _place(self, period: _Period, host: float, written: int) -> None:
        """Decide where on the show the sound lies of which ``written`` samples had come."""
        due = self.clock.index_at(host)
        there = period.there(written)
        if there is None or self._is_misplaced(period, host, there - due, there):
            there = due + int(_LEAD_S * SHOW_RATE)
            period.put(written, there)
            self.clock.restart()
        if period.late_since is None:
            self.clock.arrived(host, there)

    def _is_misplaced(self, period: _Period, host: float, ahead: int, there: int) -> bool:
        """Sound came for a time far ahead, or it stays late: something was lost for good."""
        if there > self._filled_to:
            period.late_since = None
            return ahead > _AHEAD_S * SHOW_RATE
        if period.late_since is None:
            period.late_since = host
        return host - period.late_since > _LATE_S

    def _lay(self, at: int, sound: Array) -> None:
        """Put ``sound`` (m, 2) at ``at``: gaps before it are filled, what is late is dropped."""
        late = min(max(0, self.ring.written - at), len(sound))
        self.counters.late_discarded += late
        if late == len(sound):
            return
        self._fill_to(at)
        self.ring.write(sound[late:])
        if sound[late:].any():
            self._heard = self.ring.written

    def _fill_to(self, index: int) -> None:
        while (missing := index - self.ring.written) > 0:
            self.ring.write(_FILL[:missing])
            self.counters.filled += min(missing, len(_FILL))
            self._filled_to = self.ring.written


class _Period:
    """Where one intake lies on the show: native sample ``base`` is show index ``start``."""

    def __init__(self, intake: Intake) -> None:
        self.intake = intake
        self.read = 0  # native samples taken
        self.start: int | None = None  # show index; None until the first block has come
        self.late_since: float | None = None  # host time since when all that comes is too late
        self._base = 0  # native index at which the resampler began
        self._made = 0  # samples that it has made since
        # More than two channels are folded first: resampling is the dearer of the two.
        self._resampler = Resampler(intake.rate, SHOW_RATE, min(intake.channels, 2))

    def is_stalled(self, now: float) -> bool:
        """Nothing will come, or nothing came for longer than a burst can take."""
        newest = self.intake.newest
        return newest is None or self.intake.lost is not None or now - newest > _GRACE_S

    def there(self, written: int) -> int | None:
        """The show index up to which sound is surely made when ``written`` samples have come."""
        if self.start is None:
            return None
        return self.start + self._resampler.promised(written - self._base)

    def put(self, written: int, there: int) -> None:
        """Lay the sound so that ``written`` samples reach to the show index ``there``."""
        self.start = there - self._resampler.promised(written - self._base)
        self.late_since = None

    def take(self) -> tuple[int, Array]:
        """What has come since the last call: its show index and the sound (m, 2)."""
        assert self.start is not None
        at = self.start + self._made
        end = self.intake.ring.written
        native = self.intake.ring.read(self.read, end - self.read)  # (n, channels)
        self.read = end
        # A program that plays one number that is none, or a filter of its that runs away, must not
        # leave that in every filter of ours for ever.
        np.nan_to_num(native, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        np.clip(native, -LOUDEST, LOUDEST, out=native)
        folded = native if native.shape[1] == 1 else to_stereo(native)  # (n, 1 or 2)
        sound = to_stereo(self._resampler.push(folded))  # (m, 2)
        self._made += len(sound)
        return at, sound

    def skip(self) -> None:
        """Go on with the next block that comes; what was there is lost."""
        self.read = self._base = self.intake.ring.written
        self._made = 0
        self.start = None
        self._resampler.reset()
