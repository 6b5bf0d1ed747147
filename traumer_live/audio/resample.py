"""Another sample rate for a running stream, with a promise about how late it speaks.

In: blocks (n, channels) at ``rate_in``, any length.  Out: (m, channels) at ``rate_out``; m varies
from block to block, because the resampler works in lumps inside.  Thread: its owner's.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import soxr

from traumer_live.core.types import Array

_QUALITY = "HQ"  # flat to 7 kHz at 16 kHz; aliases below -140 dB (measured)
_PROBE_BLOCK = 16  # samples; finer than any block that matters
_PROBE_S = 2.0  # s; the hold-back repeats many times within it
_GUARD_S = 0.001  # s on top of the worst hold-back that the probe saw


class Resampler:
    """A streamed soxr resampler.

    ``delay``: after ``n`` samples went in, at least ``floor(n * rate_out / rate_in) - delay``
    have come out, whatever the block sizes.  It is a bound, constant for a pair of rates; output
    sample k still belongs to the time ``k / rate_out`` of the input.
    """

    def __init__(self, rate_in: int, rate_out: int, channels: int) -> None:
        self.rate_in = rate_in
        self.rate_out = rate_out
        self.channels = channels
        self.delay = hold_back(rate_in, rate_out)  # output samples
        self._stream = None if rate_in == rate_out else _stream(rate_in, rate_out, channels)

    def push(self, x: Array) -> Array:
        """What ``x`` (n, channels) brings out: (m, channels); ``x`` itself at equal rates."""
        if self._stream is None:
            return x
        made: Array = self._stream.resample_chunk(np.ascontiguousarray(x))  # (m, channels)
        return made

    def flush(self) -> Array:
        """The rest (m, channels) at the end of the stream; afterwards only reset() is allowed."""
        rest: Array = np.zeros((0, self.channels), np.float32)
        if self._stream is not None:
            rest = self._stream.resample_chunk(rest, last=True)
        return rest

    def reset(self) -> None:
        """Back to the first sample."""
        if self._stream is not None:
            self._stream.clear()

    def promised(self, pushed: int) -> int:
        """How many samples have surely come out after ``pushed`` went in; negative at the start."""
        return pushed * self.rate_out // self.rate_in - self.delay


@lru_cache(maxsize=64)
def hold_back(rate_in: int, rate_out: int) -> int:
    """The most output samples that the resampler ever keeps to itself, plus a guard of 1 ms.

    Measured by running it, because the lumps depend on the pair of rates: 37 ms for 48 to 16 kHz,
    21 ms for 44.1 to 48 kHz, 177 ms for 8 to 48 kHz.
    """
    if rate_in == rate_out:
        return 0
    stream = _stream(rate_in, rate_out, 1)
    block = np.zeros((_PROBE_BLOCK, 1), np.float32)
    worst = made = 0
    for pushed in range(_PROBE_BLOCK, int(_PROBE_S * rate_in), _PROBE_BLOCK):
        worst = max(worst, pushed * rate_out // rate_in - made)
        made += len(stream.resample_chunk(block))
    return worst + int(_GUARD_S * rate_out)


def _stream(rate_in: int, rate_out: int, channels: int) -> soxr.ResampleStream:
    return soxr.ResampleStream(rate_in, rate_out, channels, dtype="float32", quality=_QUALITY)
