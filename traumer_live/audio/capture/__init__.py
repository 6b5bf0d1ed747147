"""Sound in: one Protocol, one file per backend."""

from traumer_live.audio.capture.choose import choose_source, list_sources, open_capture
from traumer_live.audio.capture.types import (
    Capture,
    Health,
    OnBlock,
    OnLost,
    SourceInfo,
    SourceSpec,
)

__all__ = [
    "Capture",
    "Health",
    "OnBlock",
    "OnLost",
    "SourceInfo",
    "SourceSpec",
    "choose_source",
    "list_sources",
    "open_capture",
]
