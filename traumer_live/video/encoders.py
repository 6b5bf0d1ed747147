"""Which H.264 encoder writes a take, and how it is asked to.

In: nothing but this machine.  Out: an Encoder.  Thread: any; the probe runs once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

import av
import numpy as np

from traumer_live.core.cores import usable_cores
from traumer_live.video.look import Size
from traumer_live.video.renderer import DEFAULT_SIZE, SMALL_SIZE

_FEW_CORES = 4  # below this many the show needs every one of them
_PROBE_SIZE = (320, 192)  # the smallest that every hardware encoder takes


@dataclass(frozen=True)
class Encoder:
    """An encoder's name with what makes it good enough and cheap enough for a running show."""

    name: str
    pixel_format: str = "yuv420p"
    options: dict[str, str] = field(default_factory=dict)
    threads: int = 1


# Near-transparent constant quality everywhere; only libx264 could be measured here.
_HARDWARE = {
    "h264_nvenc": Encoder("h264_nvenc", options={"preset": "p4", "rc": "vbr", "cq": "20"}),
    "h264_videotoolbox": Encoder("h264_videotoolbox", options={"q:v": "65", "realtime": "1"}),
    "h264_qsv": Encoder("h264_qsv", "nv12", options={"global_quality": "20", "preset": "fast"}),
    "h264_amf": Encoder("h264_amf", "nv12", options={"quality": "speed", "qp_i": "20"}),
}


def software_encoder(cores: int | None = None) -> Encoder:
    """The x264 preset that leaves the show its cores."""
    if (usable_cores() if cores is None else cores) < _FEW_CORES:
        return Encoder("libx264", options={"preset": "ultrafast", "crf": "18"}, threads=1)
    return Encoder("libx264", options={"preset": "veryfast", "crf": "18"}, threads=2)


@cache
def probe_hardware_encoder() -> str | None:
    """The name of a hardware encoder that really encodes here, or None.

    A listed encoder says nothing: without its driver it fails at the first picture, so one is made.
    """
    return next((name for name, encoder in _HARDWARE.items() if _encodes(encoder)), None)


def best_encoder() -> Encoder:
    """Hardware where it works, x264 elsewhere."""
    name = probe_hardware_encoder()
    return _HARDWARE[name] if name else software_encoder()


def default_take_size() -> Size:
    """1280x720, or 640x360 where few cores must also encode."""
    few = usable_cores() < _FEW_CORES and probe_hardware_encoder() is None
    return SMALL_SIZE if few else DEFAULT_SIZE


def even_size(size: Size) -> Size:
    """The nearest size that 4:2:0 colour can hold: both sides even, at least 2."""
    return max(size[0] // 2 * 2, 2), max(size[1] // 2 * 2, 2)


def _encodes(encoder: Encoder) -> bool:
    width, height = _PROBE_SIZE
    level = av.logging.get_level()
    av.logging.set_level(av.logging.PANIC)  # drivers that are not there are no news
    try:
        context = av.CodecContext.create(encoder.name, "w")
        if not isinstance(context, av.VideoCodecContext):
            return False
        context.width, context.height = width, height
        context.pix_fmt = encoder.pixel_format
        context.framerate = Fraction(30)
        context.time_base = Fraction(1, 30)
        context.options = dict(encoder.options)
        grey = np.full((height, width, 3), 128, np.uint8)
        frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
        frame = frame.reformat(format=encoder.pixel_format)
        frame.pts = 0
        return bool(context.encode(frame) + context.encode(None))
    except (av.FFmpegError, ValueError, OSError):
        return False
    finally:
        av.logging.set_level(level)
