"""Plays sound into a PulseAudio or PipeWire server, as a music player with a small buffer does.

In: blocks of sound.  Out: the same in one of the server's outputs; a null output of our own when
nobody shall hear it.  Thread: the caller's; ``write`` waits until the server has room.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

from traumer_live.core.errors import SourceError
from traumer_live.core.types import SHOW_RATE, Array

BUFFER_S = 0.02  # what the server keeps ahead of what is heard
_LIBRARY = "libpulse-simple.so.0"  # comes with every PulseAudio and PipeWire client
_PLAYBACK = 1  # PA_STREAM_PLAYBACK
_FLOAT32 = 5  # PA_SAMPLE_FLOAT32LE
_DEFAULT = 0xFFFFFFFF  # let the server choose
_BYTES = 8  # of a stereo sample


class _SampleSpec(ctypes.Structure):
    _fields_ = [
        ("format", ctypes.c_int),
        ("rate", ctypes.c_uint32),
        ("channels", ctypes.c_uint8),
    ]


class _BufferAttr(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_uint32) for name in ("maxlength", "tlength", "prebuf", "minreq", "fragsize")
    ]


class PulsePlayer:
    """A playback stream, 48 kHz stereo."""

    def __init__(self, sink: str, *, buffer_s: float = BUFFER_S) -> None:
        """Connect to the output ``sink``.

        Raises:
            SourceError: the library is missing, or the server or its output does not answer.
        """
        self._library = _library()
        wanted = int(buffer_s * SHOW_RATE) * _BYTES
        spec = _SampleSpec(_FLOAT32, SHOW_RATE, 2)
        buffers = _BufferAttr(_DEFAULT, wanted, 0, wanted // 4, _DEFAULT)
        error = ctypes.c_int(0)
        self._stream: Any = self._library.pa_simple_new(
            None,
            b"traumer-live",
            _PLAYBACK,
            sink.encode(),
            b"click",
            ctypes.byref(spec),
            None,
            ctypes.byref(buffers),
            ctypes.byref(error),
        )
        if not self._stream:
            raise SourceError(
                f"Nothing can be played into {sink} (sound server's error {error.value}); name "
                "another output with --source loopback:OUTPUT."
            )

    def write(self, block: Array) -> None:
        """Hand over ``block`` (n, 2); returns when the server has taken it.

        Raises:
            SourceError: the server went away.
        """
        sound = np.ascontiguousarray(block, dtype=np.float32)
        data = sound.ctypes.data_as(ctypes.c_void_p)
        if self._library.pa_simple_write(self._stream, data, sound.nbytes, None) < 0:
            raise SourceError("The sound server stopped taking sound; start it again.")

    def close(self) -> None:
        """End the stream at once."""
        stream, self._stream = self._stream, None
        if stream:
            self._library.pa_simple_free(stream)


@contextmanager
def null_output(name: str) -> Iterator[str]:
    """An output that nobody hears, while the block runs; its name.

    Raises:
        SourceError: there is no server, or it makes no outputs.
    """
    import pulsectl

    try:
        with pulsectl.Pulse("traumer-live") as server:
            module = server.module_load(
                "module-null-sink", f"sink_name={name} rate={SHOW_RATE} format=float32le"
            )
    except pulsectl.PulseError as error:
        raise SourceError(
            f"No PulseAudio or PipeWire server makes an output for the click ({error}); start one, "
            "or name a source with --source."
        ) from error
    try:
        yield name
    finally:
        with suppress(pulsectl.PulseError), pulsectl.Pulse("traumer-live") as server:
            server.module_unload(module)


def _library() -> Any:
    try:
        library = ctypes.CDLL(_LIBRARY)
    except OSError as error:
        raise SourceError(
            f"The sound server's library is missing ({error}); install PulseAudio's client library."
        ) from error
    library.pa_simple_new.restype = ctypes.c_void_p
    library.pa_simple_write.argtypes = [
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_size_t,
        ctypes.c_void_p,
    ]
    library.pa_simple_free.argtypes = [ctypes.c_void_p]
    return library
