"""How good a take shall be, by name: what each quality means, and the encoder that keeps it.

In: a quality's name, whether graphics hardware may help.  Out: an Encoder.  Thread: any; the first
call probes the hardware, which takes a moment.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from traumer_live.video.encoders import Encoder, best_encoder, software_encoder

STANDARD = "standard"


@dataclass(frozen=True)
class Quality:
    """One named quality; ``step`` is how much coarser than the standard one it quantises."""

    name: str
    meaning: str  # for people, one line
    step: int  # of the H.264 quantiser; six double the loss and halve the file, roughly


QUALITIES = {
    quality.name: quality
    for quality in (
        Quality("small", "To send to friends: a third of the size", 8),
        Quality(STANDARD, "As seen: hard to tell from the screen", 0),
        Quality("fine", "To cut and grade later: twice the size", -6),
    )
}

# By which option each encoder is told its quality, and which way that option counts.
_DIALS = {
    "libx264": (("crf", 1),),
    "h264_nvenc": (("cq", 1),),
    "h264_qsv": (("global_quality", 1),),
    "h264_amf": (("qp_i", 1),),
    "h264_videotoolbox": (("q:v", -2),),  # percent, more is better
}


@dataclass(frozen=True)
class TakeWish:
    """How the next take shall be encoded; ``quality`` is a key of QUALITIES."""

    quality: str = STANDARD
    hardware: bool = True  # where it works

    def encoder(self) -> Encoder:
        """The encoder that fulfils it on this machine."""
        return take_encoder(self.quality, hardware=self.hardware)


def take_encoder(quality: str = STANDARD, *, hardware: bool = True) -> Encoder:
    """The encoder for takes of ``quality``, a key of QUALITIES, which it must be.

    Graphics hardware is used where one picture proved that it works, unless ``hardware`` is False.
    """
    encoder = best_encoder() if hardware else software_encoder()
    return _turned(encoder, QUALITIES[quality].step)


def _turned(encoder: Encoder, step: int) -> Encoder:
    """``encoder`` that much coarser (or finer, below zero)."""
    turned = {
        option: f"{int(encoder.options[option]) + sign * step}"
        for option, sign in _DIALS[encoder.name]
        if option in encoder.options
    }
    return replace(encoder, options={**encoder.options, **turned})
