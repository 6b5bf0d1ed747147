"""The takes that were kept: which files of a folder are takes, and what one of them looks like.

In: a folder, a movie.  Out: paths, newest first; length, size and a picture of its own.
Thread: any but a window's; files are opened and one picture is decoded.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import av
from PIL import Image

from traumer_live.video.look import Size
from traumer_live.video.take_names import PATTERN

THUMBNAIL = (192, 108)  # pixels, at most
_QUALITY = 85  # of its JPEG
_LOG_ENDING = ".session"
_PREFIX = PATTERN.partition("%")[0]


@dataclass(frozen=True)
class KeptTake:
    """A movie of ours, and what can be said of it without playing it."""

    path: Path
    file_size: int  # bytes
    changed_s: float  # when it was written last, seconds since 1970
    seconds: float = 0.0  # 0: it cannot be played
    size: Size = (0, 0)  # width, height
    thumbnail: bytes = b""  # a JPEG; empty: it has no picture
    log: Path | None = None  # by which it can be painted again


def last_takes(folder: Path, most: int) -> list[Path]:
    """The newest takes in ``folder``; other movies in it are none of ours.

    A take has a name as we give it, or a session log beside it. No folder: no takes.
    """
    found = []
    try:
        for path in folder.glob("*.mp4"):
            if path.name.startswith(_PREFIX) or path.with_suffix(_LOG_ENDING).is_file():
                found.append((path.stat().st_mtime, path))
    except OSError:  # unplugged while it was read
        return []
    return [path for _, path in sorted(found, reverse=True)[:most]]


def look_at(path: Path) -> KeptTake | None:
    """What ``path`` holds; None when it is gone, no length when it cannot be played."""
    try:
        stat = path.stat()
        log = path.with_suffix(_LOG_ENDING)
        take = KeptTake(path, stat.st_size, stat.st_mtime, log=log if log.is_file() else None)
    except OSError:
        return None
    try:
        with av.open(f"file:{path}") as movie:
            seconds = (movie.duration or 0) / av.time_base
            frame = _frame_at(movie, seconds / 3)
    except (av.FFmpegError, OSError, IndexError):
        return take
    return KeptTake(
        path,
        take.file_size,
        take.changed_s,
        seconds,
        (frame.width, frame.height) if frame else (0, 0),
        _thumbnail(frame),
        take.log,
    )


def _frame_at(movie: av.container.InputContainer, seconds: float) -> av.VideoFrame | None:
    """The last whole picture before ``seconds``; two a second need none of the others."""
    stream = movie.streams.video[0]
    stream.thread_count = 1
    movie.seek(int(seconds * av.time_base))
    return next(iter(movie.decode(stream)), None)


def _thumbnail(frame: av.VideoFrame | None) -> bytes:
    if frame is None:
        return b""
    scale = max(frame.width / THUMBNAIL[0], frame.height / THUMBNAIL[1], 1.0)
    small = frame.reformat(round(frame.width / scale), round(frame.height / scale), format="rgb24")
    written = io.BytesIO()
    Image.fromarray(small.to_ndarray()).save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()
