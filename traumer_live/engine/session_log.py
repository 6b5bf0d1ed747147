"""The session log beside a take: what was heard and turned, from which a night is painted again.

In: ears after every tick; or a path.  Out: a file that only ever grows; or the events in it.
Thread: ``hear`` is called by the ears and never waits, ``session`` writes; reading is the caller's.

docs/session-log.md says what stands in the file. There is no sound in it.
"""

from __future__ import annotations

import glob
import hashlib
import json
import queue
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, astuple, dataclass, fields
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from safetensors.numpy import load, save

from traumer_live.core.controls import Controls
from traumer_live.core.errors import OutputError, SourceError, TraumerError
from traumer_live.core.files import hash_file
from traumer_live.core.types import SAMPLES_PER_TICK, SHOW_RATE, TICK_RATE, Pulse
from traumer_live.engine.ears import Ears
from traumer_live.engine.mind import Heard, State, Told
from traumer_live.engine.models import Models, encoder_file
from traumer_live.latent.level_transfer import AnyTransfer
from traumer_live.latent.stored import from_tensors, to_tensors

ENDING = ".session"
MAGIC = b"traumer-session\n"
VERSION = 2  # 1 knew plain transfers only, written as they are now
READABLE = (1, 2)
FRAME = struct.Struct("<cI")  # kind, bytes of what follows; behind that its CRC-32
CHECK = struct.Struct("<I")
LONGEST = 1 << 28  # bytes of one record; a damaged length must not eat the memory
TICK = struct.Struct("<qq10d")  # sample index, then the pulse
FLUSH_S = 0.3


@dataclass(frozen=True)
class Began:
    """Models began to think: at the beginning of a log, and when others take over."""

    state: State
    told: dict[str, Any]  # names and hashes of the models


@dataclass(frozen=True)
class Header:
    """What a log says of itself and its take."""

    take: str  # name of the movie beside it
    start_index: int  # show time of the take's first sample
    size: tuple[int, int]
    raw: bool


class SessionLog:
    """One log, from its making to ``close``."""

    def __init__(self, take: Path, header: Header, tell: Callable[[str], None]) -> None:
        """Open the file beside ``take``.

        Raises:
            OutputError: it cannot be written.
        """
        self.path, self._file = _opened(take.with_suffix(ENDING))
        self._tell = tell
        self._start = header.start_index
        self._ears: Ears | None = None
        self._controls: Controls | None = None
        self._broken = False  # nobody writes any more, so nothing may be kept
        self._records: queue.SimpleQueue[Callable[[], bytes] | None] = queue.SimpleQueue()
        more = {"version": VERSION, "show_rate": SHOW_RATE, "tick_rate": TICK_RATE}
        self._put(b"H", {**more, **asdict(header)})
        self._thread = threading.Thread(target=self._write, name="session", daemon=True)
        self._thread.start()

    def hear(self, ears: Ears, models: Models) -> None:
        """Note what ``ears`` were told for their newest tick; new ears, all that they remember."""
        if self._broken:
            return
        if ears is self._ears:
            self._note(ears.recent[-1])
            return
        self._ears, self._controls = ears, None
        remembered = list(ears.recent)
        before = remembered[0].before
        self._records.put(lambda: _record(b"M", _began(before, models)))
        for told in remembered:
            self._note(told)

    def close(self, frames: int) -> None:
        """The take ended with so many pictures; wait until all is written."""
        self._put(b"E", {"at": self._start + frames * SAMPLES_PER_TICK})
        self._records.put(None)
        self._thread.join()

    def _note(self, told: Told) -> None:
        at = told.heard.sample_index
        if told.seed is not None:
            self._put(b"S", {"at": at, "seed": told.seed})
        if told.transfer is not None:
            transfer, since = told.transfer
            self._records.put(lambda: _record(b"X", _with_tensors({"at": since}, transfer)))
        if told.controls is not self._controls:
            self._put(b"C", {"at": at, "set": _changed(self._controls, told.controls)})
            self._controls = told.controls
        self._records.put(lambda: _record(b"T", _tick(told.heard)))

    def _put(self, kind: bytes, words: dict[str, Any]) -> None:
        self._records.put(lambda: _record(kind, json.dumps(words).encode()))

    def _write(self) -> None:
        try:
            with self._file as file:
                file.write(MAGIC)
                self._write_records(file)
        except (OSError, TraumerError) as error:
            self._broken = True
            self._tell(f"The session log {self.path.name} stopped ({error}); the take goes on.")

    def _write_records(self, file: BinaryIO) -> None:
        while True:
            record: Callable[[], bytes] | None
            try:
                record = self._records.get(timeout=FLUSH_S)
            except queue.Empty:
                file.flush()
                continue
            if record is None:
                return
            file.write(record())
            if self._records.empty():
                file.flush()


def session_of(path: Path) -> Path:
    """The log that ``path`` means: itself, or the one beside a take.

    Raises:
        SourceError: there is none.
    """
    if path.suffix == ENDING:
        return path
    beside = sorted(path.parent.glob(f"{glob.escape(path.stem)}*{ENDING}"))
    of_this = [log for log in beside if _take_of(log) == path.name]
    if not of_this:
        raise SourceError(f"There is no session log beside {path}; only live takes have one.")
    return max(of_this, key=lambda log: log.stat().st_mtime)  # an older take of this name is gone


def read_header(path: Path) -> Header:
    """What the log says of its take.

    Raises:
        SourceError: it is no session log, or of a version that is not known.
    """
    kind, payload = next(_records(path), (b"", b""))
    if kind != b"H":
        raise SourceError(f"{path} holds no session; it is damaged or empty.")
    words = json.loads(payload)
    if words.get("version") not in READABLE:
        raise SourceError(f"{path} is of version {words.get('version')}; update traumer-live.")
    return Header(words["take"], words["start_index"], tuple(words["size"]), words["raw"])


def _take_of(log: Path) -> str:
    try:
        return read_header(log).take
    except SourceError:
        return ""


def end_of(path: Path) -> int | None:
    """Show time at which the take ended; None when the program ended before it."""
    for kind, payload in _records(path):
        if kind == b"E":
            return int(json.loads(payload)["at"])
    return None


def events(path: Path) -> Iterator[Began | Told]:
    """Everything in a log, in order, as far as it is whole; unknown kinds are left out."""
    state: State | None = None
    controls, seed = Controls(), None
    transfer: tuple[AnyTransfer, int] | None = None
    for kind, payload in _records(path):
        if kind == b"M":
            words, state = _state(payload)
            controls, seed, transfer = Controls(), None, None
            yield Began(state, words)
        elif kind == b"C":
            controls = _with(controls, json.loads(payload)["set"])
        elif kind == b"S":
            seed = int(json.loads(payload)["seed"])
        elif kind == b"X":
            words, tensors = _split(payload)
            transfer = (from_tensors(tensors), int(words["at"]))
        elif kind == b"T" and state is not None:
            yield Told(state, seed, transfer, _heard(payload), controls)
            seed = transfer = None


def _records(path: Path) -> Iterator[tuple[bytes, bytes]]:
    """Kind and payload of every record up to the first that is not whole."""
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise SourceError(f"{path} is no session log.")
            while len(head := file.read(FRAME.size)) == FRAME.size:
                kind, length = FRAME.unpack(head)
                body = file.read(length + CHECK.size) if length <= LONGEST else b""
                if len(body) != length + CHECK.size:
                    return
                payload = body[:length]
                if CHECK.unpack(body[length:])[0] != zlib.crc32(payload, zlib.crc32(kind)):
                    return
                yield kind, payload
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror}).") from error


def _record(kind: bytes, payload: bytes) -> bytes:
    check = CHECK.pack(zlib.crc32(payload, zlib.crc32(kind)))
    return FRAME.pack(kind, len(payload)) + payload + check


def _tick(heard: Heard) -> bytes:
    numbers = astuple(heard.pulse)
    return TICK.pack(heard.sample_index, *numbers) + heard.embedding.astype("<f4").tobytes()


def _heard(payload: bytes) -> Heard:
    index, *pulse = TICK.unpack_from(payload)
    embedding = np.frombuffer(payload, "<f4", offset=TICK.size).astype(np.float32)
    return Heard(index, Pulse(*pulse), (), embedding)


def _began(before: State, models: Models) -> bytes:
    info = models.generator.info
    words = {
        "seed": before.seed,
        "preset": before.preset,
        "idle": list(before.idle),
        "choice": asdict(models.choice),
        "generator": info.name,
        "generator_sha256": info.sha256,
        "generator_w_space": info.w_space,
        "encoder_sha256": hash_file(encoder_file(models.choice)),
    }
    return _with_tensors(words, before.transfer, sway=before.sigma)


def _with_tensors(words: dict[str, Any], transfer: AnyTransfer, *, sway: Any = None) -> bytes:
    tensors = to_tensors(transfer)
    if sway is not None:
        tensors["sway"] = np.ascontiguousarray(sway)
    blob = save(tensors)
    words = {**words, "transfer_sha256": hashlib.sha256(blob).hexdigest()}
    text = json.dumps(words).encode()
    return CHECK.pack(len(text)) + text + blob


def _split(payload: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    (length,) = CHECK.unpack_from(payload)
    words = json.loads(payload[CHECK.size : CHECK.size + length])
    return words, load(payload[CHECK.size + length :])


def _state(payload: bytes) -> tuple[dict[str, Any], State]:
    words, tensors = _split(payload)
    share, at = words["idle"]
    return words, State(
        from_tensors(tensors), words["seed"], words["preset"], tensors.get("sway"), (share, at)
    )


def _changed(before: Controls | None, now: Controls) -> dict[str, Any]:
    old = asdict(before) if before else {}
    return {name: value for name, value in asdict(now).items() if old.get(name, ...) != value}


def _with(controls: Controls, values: dict[str, Any]) -> Controls:
    known = {known.name for known in fields(Controls)}
    return Controls(**{**asdict(controls), **{n: v for n, v in values.items() if n in known}})


def _opened(wanted: Path) -> tuple[Path, BinaryIO]:
    """A new file; one of this name belongs to another take and stays."""
    for number in count(1):
        path = wanted if number == 1 else wanted.with_name(f"{wanted.stem}-{number}{ENDING}")
        try:
            return path, path.open("xb")
        except FileExistsError:
            continue
        except OSError as error:
            raise OutputError(f"{path} cannot be written ({error.strerror}).") from error
    raise AssertionError("numbers never end")
