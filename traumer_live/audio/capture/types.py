"""What a source of sound is called, and what every capture backend can do.

In: text such as ``loopback:speakers``.  Out: frozen data, and the Protocol behind which each
backend hides.  Thread: any; everything but a Capture is immutable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Literal, Protocol, cast, get_args

from traumer_live.core.errors import SettingsError
from traumer_live.core.types import Array

SourceKind = Literal["mic", "loopback", "file", "tone", "silence"]
OnBlock = Callable[[Array], None]  # (n, channels), valid only during the call
OnLost = Callable[[str], None]  # why, as part of a sentence


@dataclass(frozen=True)
class SourceSpec:
    """Which sound is wanted, as typed after ``--source`` and kept in the settings.

    mic            the default microphone or line input
    mic:NAME       the input of that name
    loopback       what the default output plays, following it when it changes
    loopback:SINK  what that output plays
    file:PATH      a sound file in real time
    tone, silence  to try things out
    """

    kind: SourceKind
    name: str = ""
    loop: bool = False  # a file that starts again at its end

    @classmethod
    def parse(cls, text: str) -> SourceSpec:
        """The source meant by ``text``.

        Raises:
            SettingsError: it is none of the forms above.
        """
        kind, _, name = text.strip().partition(":")
        kind = kind.strip().lower()
        if kind not in get_args(SourceKind):
            raise SettingsError(
                f"{text!r} is no source; use mic, mic:NAME, loopback, loopback:OUTPUT, "
                "file:PATH, tone or silence."
            )
        if kind == "file" and not name:
            raise SettingsError("A file source needs a path; write file:PATH.")
        if kind in ("tone", "silence") and name:
            raise SettingsError(f"The source {kind} takes no name; write just {kind}.")
        return cls(cast(SourceKind, kind), name)

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind


@dataclass(frozen=True)
class SourceInfo:
    """One thing that can be captured."""

    spec: SourceSpec
    description: str  # for people
    is_default: bool = False  # of its kind


class Health(Enum):
    """What the sound system says about a stream, beside the blocks that come or do not."""

    FINE = "fine"  # nothing is known against it
    SILENT = "silent"  # it is alive, but nothing plays: missing blocks are silence
    MOVED = "moved"  # it hears something else than it should


class Capture(Protocol):
    """Sound in.  Created knowing its format; ``open`` starts it, ``close`` ends it for good."""

    @property
    def info(self) -> SourceInfo:
        """What is captured."""
        ...

    @property
    def sample_rate(self) -> int:
        """Hz, the source's own."""
        ...

    @property
    def channels(self) -> int:
        """How many columns a block has."""
        ...

    @property
    def finished(self) -> bool:
        """The source has come to its natural end (only a file does)."""
        ...

    def open(self, on_block: OnBlock, on_lost: OnLost) -> None:
        """Start; from now on ``on_block`` is called on the capture's own thread.

        Raises:
            SourceError: the source cannot be opened.
        """
        ...

    def close(self) -> None:
        """End; never hangs, may be called twice."""
        ...

    def health(self) -> Health:
        """What the sound system says; asked about once a second, may take some milliseconds."""
        ...
