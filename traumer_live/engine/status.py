"""What windows and the HUD may know of a running show: one immutable snapshot.

In: nothing.  Out: frozen data.  Thread: any.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from traumer_live.audio.preamp import PreampState
from traumer_live.core.types import Pulse
from traumer_live.engine.why import Why
from traumer_live.latent.levels import Level


@dataclass(frozen=True)
class RecordingStatus:
    """A take that is being written."""

    path: Path
    seconds: float
    megabytes: float
    repeated: int


@dataclass(frozen=True)
class ShowStatus:
    """One look at the running show."""

    fps: float  # pictures shown a second, over the last few seconds
    p95_ms: float  # 95th percentile of the intervals between them
    dropped: int  # pictures made but never shown
    source: str  # such as "Loopback · Built-in Audio"
    source_state: str  # such as "playing", "no signal", "source lost, retrying"
    pulse: Pulse
    tags: tuple[tuple[str, float], ...]
    delay_s: dict[Level, float] = field(default_factory=dict)
    recording: RecordingStatus | None = None
    mapping_share: float | None = None  # of the mapping that is made beside the show, 0..1
    teaching: str = ""  # "learning" or "undoing" while the mapping is taught beside the show
    device: str = ""  # what runs the generator, such as "onnx · CPU · 2 threads"
    limiting: bool = False  # the flash limiter holds something back
    safe: bool = False  # the safe scene is played
    preamp: PreampState = field(default_factory=PreampState)  # what stands before the ears
    why: Why = field(default_factory=Why)  # what the mapping knows of the music that plays now
    rung: str = ""  # of the ladder of detail, such as "256 px" or "128 px · 3 keys/s"


class Notices:
    """Sentences for the user; each is told once, however often it happens."""

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._waiting: deque[str] = deque(maxlen=32)
        self._changing = threading.Lock()

    def tell(self, sentence: str) -> None:
        """Have ``sentence`` shown, unless it was already."""
        with self._changing:
            if sentence not in self._told:
                self._told.add(sentence)
                self._waiting.append(sentence)

    def forget(self, sentence: str) -> None:
        """The trouble is over: should it come back, it is told again."""
        with self._changing:
            self._told.discard(sentence)

    def tell_again(self, sentence: str) -> None:
        """Have ``sentence`` shown even if it was before: it happened once more."""
        self.forget(sentence)
        self.tell(sentence)

    def drain(self) -> list[str]:
        """What has not been shown yet, oldest first."""
        with self._changing:
            waiting = list(self._waiting)
            self._waiting.clear()
        return waiting
