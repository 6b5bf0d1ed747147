"""What somebody wants to label with.

In: the command line, or a dialog.  Out: Wishes.  Thread: any; nothing of Qt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from traumer_live.engine.models import Choice


@dataclass(frozen=True)
class Wishes:
    """What somebody wants to label with."""

    music: Path
    store: Path
    choice: Choice = field(default_factory=Choice)
    annotator: str = ""
    note: str = ""  # kept with every label
    beside_show: bool = False  # a show is running, which goes first
