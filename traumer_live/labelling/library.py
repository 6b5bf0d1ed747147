"""A person's music: every clip of a folder that may be asked for, found in the background.

In: a folder, a way to get an encoder.  Out: clips as they are found, progress, what was left out
and why.  Thread: ``Library`` belongs to its owner; a thread of its own does the work and shares
immutable snapshots. What was heard is kept (``clip_cache``), so a scan that was stopped, or a
folder that was moved, goes on where it was.
"""

from __future__ import annotations

import os
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np

from traumer_live.core.errors import SourceError
from traumer_live.core.priority import stand_back
from traumer_live.embedding.encoder import Encoder
from traumer_live.labelling.clip_cache import ClipCache, Outcome
from traumer_live.labelling.cutting import cut_file
from traumer_live.labelling.identity import file_identity
from traumer_live.labelling.label import Clip

# Files that nobody takes for music are passed over without a word; everything else is tried.
NO_MUSIC = re.compile(
    r"\.(jpe?g|png|gif|bmp|webp|tiff?|svg|pdf|txt|md|nfo|log|cue|m3u8?|pls|xml|json|html?|url|lnk"
    r"|ini|db|zip|rar|7z|gz|tar|lrc|srt|sfv|md5|ffp|docx?|part|py|sh|exe|dll)",
    re.IGNORECASE,
)

State = Literal["waiting", "scanning", "done", "stopped", "vanished"]


@dataclass(frozen=True)
class Progress:
    """How far a scan is."""

    state: State = "waiting"
    files: int = 0  # found
    done: int = 0  # of these
    clips: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)  # reason -> files
    current: str = ""  # name of the file that is being heard
    notice: str = ""  # one sentence when something went wrong

    def __str__(self) -> str:
        left_out = ", ".join(f"{count} {reason}" for reason, count in self.skipped.items())
        told = f"{self.done} of {self.files} files, {self.clips} clips"
        return f"{told}; left out: {left_out}" if left_out else told


class Library:
    """The clips of a folder. ``start`` returns at once; ``stop`` waits for the file at hand."""

    def __init__(
        self,
        folder: Path,
        encoder: Callable[[], Encoder],
        encoder_sha256: str,
        *,
        cache: ClipCache | None = None,
    ) -> None:
        """A library that is not scanned yet.

        Args:
            folder: of music, with all folders in it.
            encoder: called once, on the library's own thread.
            encoder_sha256: of the encoder's weights.
            cache: where what was heard is kept; None is this machine's own place.

        Raises:
            SourceError: ``folder`` is no folder.
        """
        _require_folder(folder)
        self.folder = folder
        self._encoder = encoder
        self._cache = cache or ClipCache(encoder_sha256)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._scan, name="library", daemon=True)
        self._progress = Progress()
        self._clips: tuple[Clip, ...] = ()
        self._offered: set[str] = set()  # keys of the clips
        self._paths: dict[str, Path] = {}

    @property
    def progress(self) -> Progress:
        """How far it is now."""
        return self._progress

    @property
    def clips(self) -> tuple[Clip, ...]:
        """All clips found so far; earlier ones keep their places."""
        return self._clips

    def path_of(self, clip: Clip) -> Path | None:
        """Where the clip's sound is; None when the library has no such file."""
        return self._paths.get(clip.file)

    def start(self) -> None:
        """Begin in the background."""
        self._thread.start()

    def wait(self, timeout_s: float | None = None) -> Progress:
        """Until it has ended, or for so long."""
        self._thread.join(timeout_s)
        return self._progress

    @property
    def at_work(self) -> bool:
        """Whether it is still listening."""
        return self._thread.is_alive()

    def leave(self) -> None:
        """End soon, without being waited for; what was heard is kept for the next time."""
        self._stop.set()

    def stop(self) -> None:
        """End early, and wait for that."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _scan(self) -> None:
        stand_back()  # the pictures come first
        try:
            files = mixed_up(list(find_music(self.folder)))
            self._tell(state="scanning", files=len(files))
            encoder: Encoder | None = None
            for path in files:
                if self._stop.is_set():
                    break
                self._tell(current=path.name)
                identity = file_identity_or_none(path)
                piece = self._name(path)
                outcome = self._cache.recall(identity, piece) if identity else None
                if outcome is None:
                    encoder = encoder or self._encoder()
                    outcome = self._cut(path, identity, piece, encoder)
                if outcome is None:
                    break
                self._take(path, identity, outcome)
            self._end()
        except Exception as error:  # noqa: BLE001  (crosses the thread as a value, told once)
            self._tell(state="stopped", notice=f"The music could not be scanned: {error}")

    def _cut(
        self, path: Path, identity: str | None, piece: str, encoder: Encoder
    ) -> Outcome | None:
        """What the file holds; None when the whole folder is gone or the scan was stopped."""
        try:
            if identity is None:
                raise SourceError(f"{path} cannot be read.")
            # A person who waits for the first clip need not wait for the piece's others.
            outcome = cut_file(
                path,
                identity,
                piece,
                encoder,
                stopped=self._stop.is_set,
                found=lambda clip: self._offer(path, (clip,)),
            )
        except (SourceError, OSError):
            return Outcome((), "unreadable") if self.folder.is_dir() else None
        if self._stop.is_set():
            return None
        self._cache.keep(identity, outcome)
        return outcome

    def _take(self, path: Path, identity: str | None, outcome: Outcome) -> None:
        if identity is not None:
            self._offer(path, outcome.clips)
        skipped = Counter(self._progress.skipped)
        if outcome.reason is not None:
            skipped[outcome.reason] += 1
        done = self._progress.done + 1
        self._tell(done=done, clips=len(self._clips), skipped=dict(skipped))

    def _offer(self, path: Path, clips: tuple[Clip, ...]) -> None:
        """Let these be asked for, each once: the same file may lie in the folder twice."""
        new = tuple(clip for clip in clips if clip.key not in self._offered)
        for clip in new:
            self._paths.setdefault(clip.file, path)
            self._offered.add(clip.key)
        self._clips += new
        self._tell(clips=len(self._clips))

    def _end(self) -> None:
        if not self.folder.is_dir():
            notice = (
                f"{self.folder} is gone; the {len(self._clips)} clips heard so far are kept. Bring "
                "it back and scan again to go on."
            )
            self._tell(state="vanished", current="", notice=notice)
        else:
            finished = self._progress.done == self._progress.files
            self._tell(state="done" if finished else "stopped", current="")

    def _name(self, path: Path) -> str:
        """What people call the piece: its place in the folder, without the ending."""
        return str(path.relative_to(self.folder).with_suffix(""))

    def _tell(self, **news: object) -> None:
        self._progress = replace(self._progress, **news)  # type: ignore[arg-type]


def require_music(folder: Path) -> None:
    """Return when there is something to scan; whether it can be read is found out then.

    Raises:
        SourceError: ``folder`` is no folder, or nothing in it may be music.
    """
    _require_folder(folder)
    if next(find_music(folder), None) is None:
        raise SourceError(f"There is no music in {folder}; name the folder that holds yours.")


def _require_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise SourceError(f"{folder} is no folder; name the folder that holds your music.")


def find_music(folder: Path) -> Iterator[Path]:
    """Files that may be music, in all folders inside too; links to folders are not followed."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            if not name.startswith(".") and not NO_MUSIC.fullmatch(path.suffix) and path.is_file():
                yield path


def mixed_up(files: list[Path]) -> list[Path]:
    """In another order, the same every time: the first clips are then of all kinds of music."""
    order = np.random.default_rng(0).permutation(len(files))
    return [files[k] for k in order]


def file_identity_or_none(path: Path) -> str | None:
    """The identity, if the file can be read."""
    try:
        return file_identity(path)
    except OSError:
        return None
