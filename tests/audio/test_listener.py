"""Show time over a source that stalls, bursts, drifts and vanishes, in made-up time."""

from __future__ import annotations

import numpy as np
import pytest

from traumer_live.audio.capture import Health, OnBlock, OnLost, SourceInfo, SourceSpec
from traumer_live.audio.listener import Listener
from traumer_live.audio.timeline import LOUDEST
from traumer_live.core.errors import SourceError
from traumer_live.core.types import SHOW_RATE

TICK = 1 / 100  # s between two pumps
SPEC = SourceSpec("tone")


class Stage:
    """Host time, and the sound that a source would make: sample n at rate has the value f(n)."""

    def __init__(self, rate: int = SHOW_RATE, channels: int = 2) -> None:
        self.time = 100.0
        self.rate = rate
        self.channels = channels
        self.openings: list[Script] = []
        self.can_open = True

    def now(self) -> float:
        return self.time

    def opener(self, spec: SourceSpec) -> Script:
        if not self.can_open:
            raise SourceError("The source is not there.")
        self.openings.append(Script(self))
        return self.openings[-1]

    @property
    def source(self) -> Script:
        return self.openings[-1]


class Script:
    """A capture that a test plays by hand: it delivers all sound up to now when told to."""

    def __init__(self, stage: Stage) -> None:
        self.info = SourceInfo(SPEC, "the band")
        self.sample_rate, self.channels = stage.rate, stage.channels
        self.finished = False
        self.closed = False
        self.says = Health.FINE
        self._stage = stage
        self._sent = 0  # samples of this opening

    def open(self, on_block: OnBlock, on_lost: OnLost) -> None:
        self._on_block, self.lose = on_block, on_lost
        self._since = self._stage.time

    def close(self) -> None:
        self.closed = True

    def health(self) -> Health:
        return self.says

    def deliver(self) -> None:
        """Send what was played until now, in blocks of 10 ms; each sample says when it was."""
        end = round((self._stage.time - self._since) * self.sample_rate)
        while self._sent < end:
            n = self._sent + np.arange(min(self.sample_rate // 100, end - self._sent))
            self._sent += len(n)
            wave = 0.5 + (n / self.sample_rate + self._since - 100) / 100  # 0.5 + seconds / 100
            self._on_block(np.repeat(wave[:, None], self.channels, axis=1).astype(np.float32))

    def forget(self) -> None:
        """What was played until now was never captured."""
        self._sent = 0
        self._since = self._stage.time


def run(stage: Stage, listener: Listener, seconds: float, *, deliver: bool = True) -> None:
    for _ in range(round(seconds / TICK)):
        stage.time += TICK
        if deliver and not stage.source.closed:
            stage.source.deliver()
        listener.pump()
        listener.supervise()


def started(stage: Stage, seconds: float = 3.0) -> Listener:
    listener = Listener(SPEC, opener=stage.opener, now=stage.now)
    listener.start(watch=False)
    run(stage, listener, seconds)
    return listener


def moments(listener: Listener, since: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Show seconds, and the host seconds that the sound there says; nan where silence is."""
    sound = listener.ring.read(since, listener.ring.written - since)[:, 0]
    show_s = (since + np.arange(len(sound))) / SHOW_RATE
    return show_s, np.where(sound == 0, np.nan, (sound - 0.5) * 100)


def jumps(said: np.ndarray) -> int:
    """How often neighbouring samples of sound are not neighbours in time (float32: 0.6 us)."""
    step = np.diff(said[~np.isnan(said)])
    return int(np.sum(np.abs(step - 1 / SHOW_RATE) > 2e-3))


def test_numbers_that_are_none_are_silence_and_leave_nothing_behind() -> None:
    stage = Stage(rate=44_100)
    listener = started(stage)
    deliver = stage.source._on_block

    def poisoned(block: np.ndarray) -> None:
        block[:4] = [[np.nan], [np.inf], [-np.inf], [3e38]]
        deliver(block)

    stage.source._on_block = poisoned
    run(stage, listener, 0.1)
    stage.source._on_block = deliver
    run(stage, listener, 1.0)
    sound = listener.ring.read(0, listener.ring.written)
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() < 2 * LOUDEST
    assert np.abs(sound[-SHOW_RATE // 2 :]).min() > 0.4


def test_lays_sound_without_a_gap() -> None:
    stage = Stage()
    listener = started(stage)
    _, said = moments(listener)
    assert listener.state == "playing"
    assert listener.counters.late_discarded == 0
    assert listener.counters.filled < 0.1 * SHOW_RATE
    assert jumps(said) == 0
    assert np.isnan(said).sum() == listener.counters.filled


@pytest.mark.parametrize(("rate", "channels"), [(44_100, 1), (96_000, 2), (48_000, 8)])
def test_any_rate_and_channel_count(rate: int, channels: int) -> None:
    stage = Stage(rate, channels)
    listener = started(stage, 5.0)
    show_s, said = moments(listener)
    gain = 2 if channels == 8 else 1  # four inputs a side, over the root of four
    raw = said / 100 + 0.5
    late = slice(3 * SHOW_RATE, None)
    heard = np.clip(0.5 + show_s, 0.5, None)  # rises by 0.01 a second
    assert raw.shape == heard.shape
    slope = np.polyfit(show_s[late], np.minimum(raw[late], 1.0), 1)[0]
    assert slope == pytest.approx(0 if gain == 2 else 0.01, abs=1e-4)
    assert listener.counters.late_discarded == 0


def test_complete_stays_ahead_of_due() -> None:
    stage = Stage()
    listener = started(stage)
    behind = 0
    for _ in range(500):
        run(stage, listener, TICK)
        behind += listener.ring.written < listener.clock.index_at(stage.time)
    assert behind == 0
    ahead = listener.ring.written - listener.clock.index_at(stage.time)
    assert ahead < 0.04 * SHOW_RATE


def test_an_ordinary_burst_is_no_gap() -> None:
    stage = Stage()
    listener = started(stage)
    filled = listener.counters.filled
    run(stage, listener, 0.2, deliver=False)
    run(stage, listener, 1.0)
    assert listener.counters.filled == filled
    assert listener.counters.late_discarded == 0
    assert jumps(moments(listener)[1]) == 0


def test_a_late_burst_is_not_counted_twice() -> None:
    stage = Stage()
    listener = started(stage)
    before = listener.counters.filled
    run(stage, listener, 0.8, deliver=False)
    assert listener.ring.written >= listener.clock.index_at(stage.time)
    run(stage, listener, 2.0)
    filled = listener.counters.filled - before
    assert 0.5 * SHOW_RATE < filled <= 0.8 * SHOW_RATE
    assert listener.counters.late_discarded == filled
    # Before and after the silence the sound lies where it would have lain without the stall.
    show_s, said = moments(listener)
    offset = (said - show_s)[~np.isnan(said)]
    assert np.ptp(offset) < 1e-3
    assert abs(listener.ring.written - listener.clock.index_at(stage.time)) < 0.1 * SHOW_RATE


def test_sound_that_was_never_made_leaves_silence() -> None:
    stage = Stage()
    listener = started(stage)
    stage.source.says = Health.SILENT  # suspended
    run(stage, listener, 5.0, deliver=False)
    assert listener.state == "no signal"
    assert len(stage.openings) == 1
    due = listener.clock.index_at(stage.time)
    assert 0 <= listener.ring.written - due < 0.1 * SHOW_RATE
    stage.source.forget()
    stage.source.says = Health.FINE
    run(stage, listener, 3.0)
    assert listener.state == "playing"
    show_s, said = moments(listener)
    offset = (said - show_s)[~np.isnan(said)]
    assert np.ptp(offset) < 0.1  # sound after the silence belongs to the moment it was made
    assert listener.counters.late_discarded < 0.4 * SHOW_RATE


def test_a_lost_source_is_opened_again() -> None:
    stage = Stage()
    listener = started(stage)
    stage.can_open = False
    stage.source.lose("its stream ended")
    run(stage, listener, 4.0)
    assert listener.state == "source lost, retrying"
    assert "the band was lost (its stream ended)" in listener.notice
    assert stage.openings[0].closed
    assert 0 <= listener.ring.written - listener.clock.index_at(stage.time) < 0.1 * SHOW_RATE
    stage.can_open = True
    run(stage, listener, 3.0)
    assert listener.state == "playing"
    assert listener.notice == "the band is back."
    show_s, said = moments(listener)
    assert np.ptp((said - show_s)[~np.isnan(said)]) < 0.1


def test_a_failure_that_nobody_foresaw_ends_no_watch() -> None:
    stage = Stage()
    failing = [True]

    def opener(spec: SourceSpec) -> Script:
        if stage.openings and failing[0]:
            raise RuntimeError("the library lost its head")
        return stage.opener(spec)

    listener = Listener(SourceSpec("mic"), opener=opener, now=stage.now)
    listener.start(watch=False)
    run(stage, listener, 2.0)
    stage.source.lose("unplugged")
    run(stage, listener, 2.0)
    assert "lost its head" in listener.notice
    failing[0] = False
    run(stage, listener, 3.0)
    assert listener.state == "playing"


def test_late_blocks_of_an_old_stream_are_ignored() -> None:
    stage = Stage()
    listener = started(stage)
    old = stage.source
    old.lose("unplugged")
    run(stage, listener, 2.0)
    assert len(stage.openings) == 2
    written = listener.ring.written
    old.deliver()
    listener.pump()
    assert listener.ring.written == written


@pytest.mark.parametrize("health", [Health.FINE, Health.MOVED])
def test_a_dead_or_moved_stream_counts_as_lost(health: Health) -> None:
    stage = Stage()
    listener = started(stage)
    stage.source.says = health
    run(stage, listener, 3.0, deliver=health is Health.MOVED)
    assert stage.openings[0].closed
    assert len(stage.openings) > 1


def test_attempts_back_off() -> None:
    stage = Stage()
    listener = started(stage, 1.0)
    stage.can_open = False
    attempts: list[float] = []
    real = stage.opener

    def counted(spec: SourceSpec) -> Script:
        attempts.append(stage.time)
        return real(spec)

    listener._supervisor._opener = counted
    stage.source.lose("gone")
    run(stage, listener, 10.0)
    gaps = np.diff(attempts)
    assert gaps[0] >= 0.25
    assert gaps.max() <= 1.1
    assert len(attempts) < 15


def test_ten_seconds_without_a_pump_is_an_overrun() -> None:
    stage = Stage()
    listener = started(stage)
    stage.time += 12.0
    stage.source.deliver()
    run(stage, listener, 3.0)
    assert listener.counters.overruns == 1
    assert abs(listener.ring.written - listener.clock.index_at(stage.time)) < 0.1 * SHOW_RATE
    assert listener.state == "playing"


def test_a_switch_keeps_show_time() -> None:
    stage = Stage()
    listener = started(stage)
    before = listener.ring.written
    listener.switch(SourceSpec("silence"))
    assert stage.openings[0].closed
    run(stage, listener, 2.0)
    assert listener.spec.kind == "silence"
    assert listener.ring.written - before == pytest.approx(2 * SHOW_RATE, abs=0.1 * SHOW_RATE)
    stage.can_open = False
    with pytest.raises(SourceError):
        listener.switch(SPEC)
    assert not stage.source.closed


def test_a_first_failure_is_an_error() -> None:
    stage = Stage()
    stage.can_open = False
    with pytest.raises(SourceError, match="not there"):
        Listener(SPEC, opener=stage.opener, now=stage.now).start()


def test_the_end_of_a_file_is_told() -> None:
    stage = Stage()
    listener = started(stage)
    stage.source.finished = True
    run(stage, listener, 2.0, deliver=False)
    assert listener.finished
    assert listener.state == "ended"
    assert len(stage.openings) == 1
