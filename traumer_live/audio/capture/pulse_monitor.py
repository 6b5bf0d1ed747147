"""Sound from a PulseAudio or PipeWire server: what an output plays, or one of its microphones.

In: a source of the server.  Out: its blocks at its own rate.  Thread: PortAudio's.

PortAudio lists no monitors, only one device called ``pulse``.  Which source that device opens is
said through the environment variable PULSE_SOURCE, set for the moment of opening.
"""

from __future__ import annotations

from traumer_live.audio.capture.portaudio import Stream, open_input
from traumer_live.audio.capture.pulse_server import PulseSnapshot, PulseSource, look
from traumer_live.audio.capture.types import Health, OnBlock, OnLost, SourceInfo, SourceSpec
from traumer_live.core.errors import SourceError

_DEVICE = "pulse"
_FOLLOW = "@DEFAULT_MONITOR@"  # the server moves such a stream along with its default output


class PulseCapture:
    """One source of the server; more than two channels are folded to stereo by the server."""

    finished = False

    def __init__(self, spec: SourceSpec, source: PulseSource) -> None:
        self.info = SourceInfo(spec, source.description)
        self.sample_rate = source.rate
        self.channels = min(source.channels, 2)
        self._follows = spec.kind == "loopback" and not spec.name
        self._name = source.name
        self._stream: Stream | None = None

    def open(self, on_block: OnBlock, on_lost: OnLost) -> None:
        """Start listening; this wakes a source that sleeps because nobody used it."""
        self._stream = open_input(
            _DEVICE,
            self.sample_rate,
            self.channels,
            on_block=on_block,
            on_lost=on_lost,
            pulse_source=_FOLLOW if self._follows else self._name,
        )

    def close(self) -> None:
        """End."""
        if self._stream:
            self._stream.close()

    def health(self) -> Health:
        """Moved when the server hung the stream elsewhere, which it does without a word."""
        snapshot = look()
        wanted = self._wanted(snapshot) if snapshot else None
        if snapshot is None or not snapshot.attached:
            return Health.FINE  # the stream's own end tells
        if wanted is None or wanted.index not in snapshot.attached:
            return Health.MOVED
        if wanted.rate != self.sample_rate and self._follows:
            return Health.MOVED  # the new default has another native rate
        return Health.SILENT if wanted.is_suspended else Health.FINE

    def _wanted(self, snapshot: PulseSnapshot) -> PulseSource | None:
        if self._follows:
            return snapshot.monitor()
        return next((s for s in snapshot.sources if s.name == self._name), None)


def pulse_loopback(spec: SourceSpec) -> PulseCapture:
    """The monitor that ``spec`` means.

    Raises:
        SourceError: there is no server or no such output.
    """
    snapshot = look()
    if snapshot is None:
        raise SourceError(
            "There is no PulseAudio or PipeWire server to listen to; start one, or use mic."
        )
    source = snapshot.monitor(spec.name)
    if source is None:
        known = ", ".join(m.monitor_of for m in snapshot.monitors) or "none"
        wanted = f"The output {spec.name!r}" if spec.name else "A default output"
        raise SourceError(f"{wanted} is not there; outputs to listen to: {known}.")
    return PulseCapture(spec, source)


def pulse_microphone(spec: SourceSpec) -> PulseCapture | None:
    """The server's microphone that ``spec`` means, or None when the server has no such."""
    snapshot = look()
    if snapshot is None:
        return None
    wanted = spec.name or snapshot.default_source
    named = [m for m in snapshot.microphones if wanted in (m.name, m.description)]
    return PulseCapture(spec, named[0]) if named else None


def pulse_loopbacks() -> list[SourceInfo]:
    """Every output of the server that can be listened to."""
    snapshot = look()
    if snapshot is None:
        return []
    return [
        SourceInfo(
            SourceSpec("loopback", m.monitor_of),
            m.description,
            m.monitor_of == snapshot.default_sink,
        )
        for m in snapshot.monitors
    ]


def pulse_microphones() -> list[SourceInfo]:
    """Every microphone or line input of the server."""
    snapshot = look()
    if snapshot is None:
        return []
    return [
        SourceInfo(SourceSpec("mic", m.name), m.description, m.name == snapshot.default_source)
        for m in snapshot.microphones
    ]
