"""Passages from anywhere in a sound file, without reading what stands before them.

In: a path, a place in seconds.  Out: sound (n, 2) at 48 kHz.  Thread: any; memory is the passage's.

A container that cannot be searched is decoded from its beginning, and what comes before is dropped
as it is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from traumer_live.audio.files import Converter, decodable_frames, open_sound
from traumer_live.core.errors import SourceError
from traumer_live.core.types import SHOW_RATE, Array

if TYPE_CHECKING:
    from av import AudioFrame
    from av.container import InputContainer

PROTECTED_ENDINGS = frozenset({".m4p", ".aax", ".aa"})
PROTECTED_TAGS = frozenset({"drms", "drmi", "enca", "encv"})  # of MP4, Apple's and the common one
EARLY_S = 0.5  # decoders need a run-up before what is asked for


def is_protected(path: Path) -> bool:
    """Whether the file is locked by its seller, so that only their own player can read it."""
    import av

    if path.suffix.lower() in PROTECTED_ENDINGS:
        return True
    try:
        with av.open(f"file:{path}", "r", metadata_errors="ignore") as container:
            tags = [s.codec_context.codec_tag for s in container.streams.audio if s.codec_context]
    except (av.FFmpegError, OSError, ValueError):
        return False
    return any(tag.strip("\0 ").lower() in PROTECTED_TAGS for tag in tags)


def lacks_sound(path: Path) -> bool:
    """Whether the file is a whole container of something else: a picture, a film without sound."""
    import av

    try:
        with av.open(f"file:{path}", "r", metadata_errors="ignore") as container:
            return len(container.streams) > 0 and not container.streams.audio
    except (av.FFmpegError, OSError, ValueError):
        return False


def read_passage(path: Path, start_s: float, length_s: float) -> Array:
    """The sound (n, 2) from ``start_s`` on; shorter than ``length_s`` where the file ends.

    Raises:
        SourceError: the file cannot be read.
    """
    import av

    try:
        with av.open(f"file:{path}", "r", metadata_errors="ignore") as container:
            found = _searched(container, start_s, length_s)
    except (av.FFmpegError, OSError, ValueError, IndexError) as error:
        raise SourceError(f"{path} cannot be read as sound; it is damaged or gone.") from error
    return _from_the_beginning(path, start_s, length_s) if found is None else found


def _searched(container: InputContainer, start_s: float, length_s: float) -> Array | None:
    """The passage by the time stamps; None when the container has none or cannot be searched."""
    zero = _searched_zero(container, start_s)
    if zero is None:
        return None
    frames = decodable_frames(container)
    first = next(frames, None)
    if first is None or first.time is None or first.time - zero > start_s + 1e-3:
        return None
    begin = first.time - zero
    sound = _converted(chain([first], frames), round((start_s - begin + length_s) * SHOW_RATE))
    skipped = round((start_s - begin) * SHOW_RATE)
    return sound[skipped : skipped + round(length_s * SHOW_RATE)]


def _searched_zero(container: InputContainer, start_s: float) -> float | None:
    """Go to just before ``start_s``; the time stamp of the file's beginning, in seconds."""
    import av

    stream = container.streams.audio[0]
    if stream.time_base is None:
        return None
    zero = float((stream.start_time or 0) * stream.time_base)
    if start_s > EARLY_S:
        try:
            aim = int((start_s - EARLY_S + zero) / float(stream.time_base))
            container.seek(aim, stream=stream)
        except av.FFmpegError:
            return None
    return zero


def _converted(frames: Iterator[AudioFrame], needed: int) -> Array:
    """At least ``needed`` samples (n, 2) of them, if there are as many."""
    converter, blocks, have = Converter(), [np.zeros((0, 2), np.float32)], 0
    for frame in frames:
        for block in converter.push(frame):
            blocks.append(block)
            have += len(block)
        if have >= needed:
            break
    else:
        blocks.extend(converter.flush())
    return np.concatenate(blocks)


def _from_the_beginning(path: Path, start_s: float, length_s: float) -> Array:
    first, last = round(start_s * SHOW_RATE), round((start_s + length_s) * SHOW_RATE)
    kept, position = [np.zeros((0, 2), np.float32)], 0
    for block in open_sound(path).blocks():
        kept.append(block[max(first - position, 0) : max(last - position, 0)])
        position += len(block)
        if position >= last:
            break
    return np.concatenate(kept)
