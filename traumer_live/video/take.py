"""One movie file in the making: H.264 and AAC in an MP4 that survives a crash.

In: pictures (H, W, 4) by slot and sound (n, 2) in order.  Out: a file, playable at every moment.
Thread: the caller's (the recorder's live); nothing here waits for a clock.

While it grows the file is a fragmented MP4, two fragments a second; closing makes it ordinary.
`delay_moov` keeps both tracks starting at zero: without it the picture begins 67 ms late.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from traumer_live.core.errors import OutputError
from traumer_live.core.types import SHOW_RATE, TICK_RATE, Array, Pixels
from traumer_live.video.encoders import Encoder, software_encoder
from traumer_live.video.fragments import trim
from traumer_live.video.look import Size

_CONTAINER = {
    "movflags": "hybrid_fragmented+frag_keyframe+delay_moov",
    "flush_packets": "1",
}
# A crash costs the unfinished fragment and what the encoder still looks at. Killed at several
# moments, two a second lost at most 0.5 s (ultrafast) or 0.6 s (veryfast) for 17 % more bits.
_FRAGMENTS_A_SECOND = 2
_BT709 = 1  # ITU-T H.273 code for primaries, transfer and matrix alike
_STUDIO_RANGE = 1  # H.273: black 16, white 235
_AAC_BLOCK = 1024  # samples
_AAC_BITS = 192_000  # a second
_TROUBLE = (OSError, av.FFmpegError)


class Take:
    """Writes one movie. Lost without ``close`` it still plays up to about its last second."""

    def __init__(
        self,
        path: Path,
        size: Size,
        *,
        fps: int = TICK_RATE,
        audio_rate: int = SHOW_RATE,
        encoder: Encoder | None = None,
    ) -> None:
        """Open the file, which is overwritten when it exists.

        Raises:
            OutputError: the file cannot be written or the encoder does not start.
        """
        self.path = path
        self.frames = 0
        self.samples = 0
        self._size = size
        self._encoder = encoder or software_encoder()
        self._picture: Pixels | None = None
        self._converted: av.VideoFrame | None = None
        self._waiting: Array = np.zeros((0, 2), np.float32)
        with self._telling():
            # "file:" keeps a colon in the name from being taken for a protocol.
            self._container = av.open(f"file:{path}", "w", format="mp4", options=dict(_CONTAINER))
            self._video = self._add_video(fps)
            self._sound = self._add_sound(audio_rate)
            self._container.start_encoding()

    def write_frame(self, pixels: Pixels, slot: int) -> None:
        """Show ``pixels`` (H, W, 4) from ``slot / fps`` seconds on; slots rise by one.

        The very same array again is converted only once.
        """
        with self._telling():
            frame = self._as_video(pixels)
            frame.pts = slot
            self._mux(self._video.encode(frame))
        self.frames += 1

    def write_sound(self, samples: Array) -> None:
        """Append ``samples`` (n, 2) float32 in -1..1."""
        self._waiting = np.concatenate([self._waiting, samples.astype(np.float32, copy=False)])
        whole = len(self._waiting) // _AAC_BLOCK * _AAC_BLOCK
        with self._telling():
            for start in range(0, whole, _AAC_BLOCK):
                self._encode_sound(self._waiting[start : start + _AAC_BLOCK])
        self._waiting = self._waiting[whole:]

    def close(self) -> None:
        """Write what the encoders still hold and make the file an ordinary MP4."""
        with self._telling():
            if len(self._waiting):
                self._encode_sound(self._waiting)
            self._mux(self._video.encode(None))
            self._mux(self._sound.encode(None))
            self._container.close()

    def _add_video(self, fps: int) -> av.VideoStream:
        stream = self._container.add_stream(self._encoder.name, rate=fps)
        video = cast(av.VideoStream, stream)
        context = video.codec_context
        context.width, context.height = self._size
        context.pix_fmt = self._encoder.pixel_format
        context.time_base = Fraction(1, fps)
        context.gop_size = max(fps // _FRAGMENTS_A_SECOND, 1)
        context.thread_count = self._encoder.threads
        context.options = dict(self._encoder.options)
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = _STUDIO_RANGE
        return video

    def _add_sound(self, rate: int) -> av.AudioStream:
        sound = self._container.add_stream("aac", rate=rate, layout="stereo")
        sound.codec_context.bit_rate = _AAC_BITS
        return sound

    def _as_video(self, pixels: Pixels) -> av.VideoFrame:
        """The picture in the encoder's colours; untagged conversion would be BT.601, too red."""
        if pixels is not self._picture or self._converted is None:
            frame = av.VideoFrame.from_ndarray(pixels, format="rgba")
            self._converted = frame.reformat(
                format=self._encoder.pixel_format,
                dst_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
                threads=1,
            )
            self._converted.time_base = self._video.codec_context.time_base
            self._picture = pixels
        return self._converted

    def _encode_sound(self, block: Array) -> None:
        planes = np.ascontiguousarray(block.T)  # (2, n)
        frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout="stereo")
        frame.sample_rate = self._sound.codec_context.sample_rate
        frame.time_base = Fraction(1, frame.sample_rate)
        frame.pts = self.samples
        self.samples += len(block)
        self._mux(self._sound.encode(frame))

    def _mux(self, packets: Iterable[av.Packet[Any]]) -> None:
        for packet in packets:
            self._container.mux(packet)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Turn what the disk or the encoder says into one sentence, and let the file go."""
        try:
            yield
        except _TROUBLE as error:
            self._let_go()
            raise OutputError(self._sentence(error)) from error

    def _let_go(self) -> None:
        container = getattr(self, "_container", None)
        if container is not None:
            with suppress(*_TROUBLE):
                container.close()  # fails again, yet gives the file handle back
            with suppress(OSError):
                trim(self.path)

    def _sentence(self, error: Exception) -> str:
        code = getattr(error, "errno", None)
        if self.frames == 0 and code not in (errno.ENOSPC, errno.EDQUOT):
            return f"{self.path} cannot be written ({_reason(error)}); choose another place."
        kept = "the recording stopped, and what was written until then is kept."
        if code in (errno.ENOSPC, errno.EDQUOT):
            return f"The disk of {self.path} is full; {kept}"
        return f"{self.path} cannot be written any more ({_reason(error)}); {kept}"


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
