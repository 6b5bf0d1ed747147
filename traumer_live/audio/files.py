"""Sound files of any kind as 48 kHz stereo, block by block.

In: a path to anything that PyAV decodes; of a video its sound.  Out: blocks (n, 2) float32.
Thread: its owner's.  Memory does not grow with the length of the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from traumer_live.audio.stereo import to_stereo
from traumer_live.core.errors import SourceError, reason_of
from traumer_live.core.types import SHOW_RATE, Array

if TYPE_CHECKING:
    from av import AudioFrame, AudioResampler
    from av.container import InputContainer


@dataclass(frozen=True)
class SoundFile:
    """A file that is known to hold at least one decodable piece of sound."""

    path: Path
    duration_s: float | None  # None when the file does not say

    def blocks(self) -> Iterator[Array]:
        """All of its sound from the beginning, in blocks (n, 2) of no fixed length.

        Pieces that cannot be decoded are left out; what follows them is played.
        """
        with _opened(self.path) as container:
            yield from _sound(container)


def open_sound(path: str | Path) -> SoundFile:
    """Look into the file at ``path`` far enough to know that it can be played.

    Raises:
        SourceError: it is missing, a folder, empty, without sound, or cannot be decoded.
    """
    path = Path(path).expanduser()
    _refuse_what_is_no_file(path)
    with _opened(path) as container:
        if not container.streams.audio:
            raise SourceError(f"{path} has no sound in it; choose a sound file or another movie.")
        duration_s = _duration_s(container)
        if next(_sound(container), None) is None:
            raise SourceError(f"{path} holds no sound that can be decoded; it may be damaged.")
    return SoundFile(path, duration_s)


def _refuse_what_is_no_file(path: Path) -> None:
    if path.is_dir():
        raise SourceError(f"{path} is a folder; name a sound file inside it.")
    if not path.exists():
        raise SourceError(f"{path} does not exist; check the name of the sound file.")
    if path.is_file() and path.stat().st_size == 0:
        raise SourceError(f"{path} is empty; choose another sound file.")


def _opened(path: Path) -> InputContainer:
    import av

    try:
        # "file:" keeps a colon in the name from being taken for a protocol.
        return av.open(f"file:{path}", "r", metadata_errors="ignore")
    except PermissionError as error:
        raise SourceError(f"{path} may not be read; check its permissions.") from error
    except (av.FFmpegError, OSError, ValueError) as error:
        raise SourceError(
            f"{path} cannot be read as sound; it is damaged or of an unknown kind."
        ) from error


def _duration_s(container: InputContainer) -> float | None:
    import av

    stream = container.streams.audio[0]
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else None


def _sound(container: InputContainer) -> Iterator[Array]:
    """Blocks (n, 2); frames whose format changes midway get a resampler of their own."""
    import av

    converter = Converter()
    try:
        for frame in decodable_frames(container):
            yield from filter(len, converter.push(frame))
        yield from filter(len, converter.flush())
    except av.FFmpegError as error:  # such as 32 channels of which nobody says what they are
        raise SourceError(
            f"{container.name.removeprefix('file:')} cannot be turned into stereo "
            f"({reason_of(error)}); save it with two channels."
        ) from error


def decodable_frames(container: InputContainer) -> Iterator[AudioFrame]:
    """Every frame that decodes; damage is stepped over."""
    import av

    packets = container.demux(container.streams.audio[0])
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.FFmpegError:  # the rest of the container cannot be found any more
            return
        try:
            yield from packet.decode()
        except av.FFmpegError:  # a damaged packet; the next one may be whole
            continue


class Converter:
    """Frames of any format to blocks (n, 2) at 48 kHz."""

    def __init__(self) -> None:
        self._resampler: AudioResampler | None = None
        self._format: tuple[str, str, int] | None = None

    def push(self, frame: AudioFrame) -> Iterator[Array]:
        """What one more frame makes."""
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if form != self._format:
            yield from self.flush()
            self._resampler, self._format = _resampler_for(frame), form
        frame.pts = None  # gaps in the time stamps of a damaged file are not filled up
        assert self._resampler is not None
        for made in self._resampler.resample(frame):
            yield _samples(made)

    def flush(self) -> Iterator[Array]:
        """What the resampler still holds."""
        if self._resampler is not None:
            for made in self._resampler.resample(None):
                yield _samples(made)
        self._resampler = self._format = None


def _resampler_for(frame: AudioFrame) -> AudioResampler:
    import av

    # Mono is doubled by us: the library would lower it by 3 dB.
    layout = "mono" if frame.layout.nb_channels == 1 else "stereo"
    return av.AudioResampler(format="flt", layout=layout, rate=SHOW_RATE)


def _samples(frame: AudioFrame) -> Array:
    packed = frame.to_ndarray().reshape(-1, frame.layout.nb_channels)  # (n, 1 or 2)
    # Files of floating numbers may hold some that are none.
    np.nan_to_num(packed, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
    # A surround mix folded into two channels, and some decoders, overshoot full scale.
    return to_stereo(np.clip(packed, -1, 1).astype(np.float32, copy=False))  # (n, 2)
