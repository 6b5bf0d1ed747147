"""What a PulseAudio or PipeWire server offers and where our own streams hang.

In: nothing; the server is asked anew each time.  Out: frozen snapshots.  Thread: any; a question
takes a few milliseconds, two seconds at most when the server does not answer.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cache
from typing import Any

_ANSWER_S = 2.0  # s to wait for the server; a busy machine takes half a one now and then


@dataclass(frozen=True)
class PulseSource:
    """An input of the server: a microphone, or the monitor of an output."""

    index: int
    name: str
    description: str
    monitor_of: str  # name of the output it listens to; empty for a microphone
    rate: int  # Hz
    channels: int
    is_suspended: bool


@dataclass(frozen=True)
class PulseSnapshot:
    """The server at one moment."""

    sources: tuple[PulseSource, ...]
    default_sink: str
    default_source: str
    attached: frozenset[int]  # indices of the sources that this process listens to

    @property
    def monitors(self) -> list[PulseSource]:
        """What outputs play."""
        return [source for source in self.sources if source.monitor_of]

    @property
    def microphones(self) -> list[PulseSource]:
        """Real inputs."""
        return [source for source in self.sources if not source.monitor_of]

    def monitor(self, sink: str = "") -> PulseSource | None:
        """The monitor of ``sink``, by default of the default output."""
        wanted = sink or self.default_sink
        return next((m for m in self.monitors if wanted in (m.monitor_of, m.name)), None)


def look() -> PulseSnapshot | None:
    """Ask the server; None when there is none."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        pulsectl = _pulsectl()
    except (ImportError, OSError):  # the package or libpulse is missing
        return None
    try:
        with pulsectl.Pulse("traumer-live", connect=False) as server:
            server.connect(timeout=_ANSWER_S)
            return _snapshot(server)
    except pulsectl.PulseError:
        return None


@cache
def _pulsectl() -> Any:
    """The library, mended in two places (seen with 24.12).

    It hands out ``sample_spec`` as a view into memory that is used again as soon as the list has
    been read: all sources then seem to have the rate of the last one. And when it may wait only so
    long for a connection, it always waits as long as it may: 0.50 instead of 0.01 s a question.
    """
    import pulsectl

    def keep(source: Any, spec: Any) -> None:
        source.sample_rate = int(spec.rate)

    tell = pulsectl.Pulse._pulse_state_cb

    def tell_and_wait_no_more(server: Any, context: Any, userdata: Any) -> None:
        tell(server, context, userdata)
        if server.connected is not None:
            server._loop_stop = True

    pulsectl.PulseSourceInfo.sample_spec = property(None, keep)
    pulsectl.Pulse._pulse_state_cb = tell_and_wait_no_more
    return pulsectl


def _snapshot(server: Any) -> PulseSnapshot:
    info = server.server_info()
    process = str(os.getpid())
    return PulseSnapshot(
        sources=tuple(_source(source) for source in server.source_list()),
        default_sink=info.default_sink_name or "",
        default_source=info.default_source_name or "",
        attached=frozenset(
            output.source
            for output in server.source_output_list()
            if output.proplist.get("application.process.id") == process
        ),
    )


def _source(source: Any) -> PulseSource:
    return PulseSource(
        index=source.index,
        name=source.name,
        description=source.description or source.name,
        monitor_of=source.monitor_of_sink_name or "",
        rate=source.sample_rate,
        channels=source.channel_count,
        is_suspended=source.state == "suspended",
    )
