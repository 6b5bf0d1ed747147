"""What a kiosk knows after a crash: the last picture, what played, how everything was turned.

In: pictures and states while it runs.  Out: the same in the next process.  Thread: main.

The picture lies in a file mapped into memory, so that writing it is a copy and it outlives
``kill -9``. It has two places; the header names the one that is complete, so it is never torn.
"""

from __future__ import annotations

import json
import mmap
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from traumer_live.core.controls import Controls, checked
from traumer_live.core.errors import OutputError, SettingsError
from traumer_live.core.files import written_atomically
from traumer_live.core.types import Pixels

_HEADER = struct.Struct("<8sIII")  # magic, width, height, which place holds the newest
_MAGIC = b"TRLIVE01"
_LARGEST = 8192  # pixels; a larger side is no picture of ours
MODELS = ("generator", "encoder", "mapping", "class_index", "aspect")  # of engine.models.Choice
VERSION = 2  # of the state
EVERY_S = 0.1  # how old the picture may be


class LastPicture:
    """Keeps the newest of the generator's pictures (H, W, 4)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._map: mmap.mmap | None = None
        self._shape = (0, 0, 4)
        self._place = 0
        self._kept: Pixels | None = None
        self._due = 0.0

    def keep(self, picture: Pixels | None, now_s: float) -> None:
        """Keep ``picture`` if it is another one and the last is old enough; never raises."""
        if picture is None or picture is self._kept or now_s < self._due:
            return
        self._due, self._kept = now_s + EVERY_S, picture
        with suppress(OSError, ValueError):  # a full disk costs the picture, not the show
            self._write(picture)

    def read(self) -> Pixels | None:
        """The picture that the process before us kept; None where there is none."""
        try:
            data = self._path.read_bytes()
            magic, width, height, place = _HEADER.unpack_from(data)
        except (OSError, struct.error):
            return None
        size = width * height * 4
        known = magic == _MAGIC and 0 < width <= _LARGEST and 0 < height <= _LARGEST
        if not known or place > 1 or len(data) < _HEADER.size + 2 * size:
            return None
        pixels = np.frombuffer(data, np.uint8, size, _HEADER.size + place * size)
        return pixels.reshape(height, width, 4).copy()

    def close(self) -> None:
        """Let the file go; it stays."""
        if self._map is not None:
            self._map.close()
            self._map = None

    def _write(self, picture: Pixels) -> None:
        if self._map is None or picture.shape != self._shape:
            self._open(picture.shape)
        assert self._map is not None
        self._place = 1 - self._place
        start = _HEADER.size + self._place * picture.nbytes
        self._map[start : start + picture.nbytes] = picture.tobytes()
        height, width = picture.shape[:2]
        self._map[: _HEADER.size] = _HEADER.pack(_MAGIC, width, height, self._place)

    def _open(self, shape: tuple[int, ...]) -> None:
        self.close()
        with self._path.open("w+b") as file:
            file.truncate(_HEADER.size + 2 * shape[0] * shape[1] * 4)
            self._map = mmap.mmap(file.fileno(), 0)
        self._shape = (shape[0], shape[1], 4)


@dataclass(frozen=True)
class State:
    """How a kiosk was turned, what it played, and whether it was recording."""

    controls: Controls
    recording: bool
    models: Mapping[str, Any] = field(default_factory=dict)  # those of MODELS that were chosen
    seed: int = 0
    scene: str = ""  # that was recalled last
    planned: str = ""  # the scene that the plan asked for last


def save_state(path: Path, state: State) -> None:
    """Write ``state``; a disk that is full costs no show."""
    with suppress(OutputError), written_atomically(path) as temporary:
        document = {"version": VERSION, **asdict(state)}
        temporary.write_text(json.dumps(document), encoding="utf-8")


def load_state(path: Path) -> State | None:
    """The state of the process before us; None where it is missing or makes no sense."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if found["version"] != VERSION:
            return None  # of another program, which was just replaced by this one
        return State(
            checked(Controls(**found["controls"])),
            bool(found["recording"]),
            {name: found["models"][name] for name in MODELS if name in found["models"]},
            max(int(found["seed"]), 0),
            str(found["scene"]),
            str(found.get("planned", "")),
        )
    except (OSError, ValueError, TypeError, KeyError, SettingsError):
        return None
