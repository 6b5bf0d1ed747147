"""The only door to PortAudio: inputs, speakers, and what goes wrong with them.

In: a device and a callback.  Out: running streams.  Thread: callbacks run on PortAudio's thread
and only copy; everything else may be called from any thread.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from traumer_live.audio.capture.types import OnBlock, OnLost
from traumer_live.audio.ring import Ring
from traumer_live.core.clock import host_time
from traumer_live.core.errors import SourceError
from traumer_live.core.types import SHOW_RATE, Array

# Samples a callback. On a Pulse monitor 512 put show time 31 ms behind the newest sound, 256 put
# it 19 ms behind, for 1.5 % more of a core; 128 gained nothing. A sound server keeps what a late
# callback misses, real hardware does not: there the larger block is the safer one.
DEVICE_BLOCK = 512
SERVER_BLOCK = 256
_CLOSE_S = 2.0  # s to wait for a stream to close before it is left behind
_SPEAKER_LEAD = SHOW_RATE // 20  # samples: what the speakers keep in hand
_DEAF_S = 3.0  # s in which speakers that live ask for sound
_SPEAKER_LAG = SHOW_RATE // 5  # samples: more than this in hand is skipped

_guard = threading.RLock()  # opening, closing and re-reading the device list
_open_streams = 0
_left_behind: list[threading.Thread] = []  # that wait for a stream to close


@dataclass(frozen=True)
class Device:
    """An input as PortAudio lists it."""

    index: int
    name: str
    rate: int  # Hz
    channels: int
    is_default: bool


class Stream:
    """A running PortAudio stream that can always be closed."""

    def __init__(self, stream: Any, closing: threading.Event) -> None:
        self._stream: Any = stream
        self._closing = closing  # from now on its end is no loss

    def close(self) -> None:
        """Abort and close within two seconds, or leave the stream to a thread that waits for it.

        Never ``stop()``: it waits for ever when the source is suspended.
        """
        global _open_streams
        with _guard:
            stream, self._stream = self._stream, None
            if stream is None:
                return
            self._closing.set()
            closer = threading.Thread(target=_abort_and_close, args=(stream,), daemon=True)
            closer.start()
            closer.join(_CLOSE_S)
            _open_streams -= 1
            _left_behind.append(closer)


def _abort_and_close(stream: Any) -> None:
    stream.abort(ignore_errors=True)
    stream.close(ignore_errors=True)


@cache
def _portaudio() -> Any:
    """The library, loaded once.

    Raises:
        SourceError: it is not installed.
    """
    _quieten_alsa()
    try:
        import sounddevice
    except OSError as error:
        raise SourceError(
            "PortAudio is not installed; install it (on Debian: apt install libportaudio2)."
        ) from error
    return sounddevice


_HANDLER = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p
)


_say_nothing = _HANDLER(lambda *_: None)  # kept: the library holds only a pointer to it


def _quieten_alsa() -> None:
    """Stop alsa-lib from printing a dozen lines for each device that cannot be opened."""
    try:
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(_say_nothing)
    except (OSError, AttributeError):
        return  # no ALSA here


def refresh() -> bool:
    """Read the device list anew; PortAudio freezes it when it starts.  False while in use."""
    with _guard:
        _left_behind[:] = [closer for closer in _left_behind if closer.is_alive()]
        if _open_streams or _left_behind:
            return False
        library = _portaudio()
        library._terminate()
        library._initialize()
        return True


def input_devices() -> list[Device]:
    """Everything with an input; empty when there is no sound system."""
    try:
        library = _portaudio()
    except SourceError:
        return []
    with _guard:  # not while another thread reads the list anew
        try:
            listed = list(library.query_devices())
        except library.PortAudioError:
            return []
    default = library.default.device[0]
    return [
        Device(k, d["name"], int(d["default_samplerate"]), d["max_input_channels"], k == default)
        for k, d in enumerate(listed)
        if d["max_input_channels"] > 0
    ]


def open_input(
    device: int | str,
    rate: int,
    channels: int,
    *,
    on_block: OnBlock,
    on_lost: OnLost,
    pulse_source: str = "",
) -> Stream:
    """Start capturing; a first failure reads the device list anew.

    A name is then tried once more. A number may mean another device by now: whoever gave it looks
    it up again.

    Raises:
        SourceError: the device is not there or does not open.
    """
    library = _portaudio()

    def callback(block: Array, _count: int, _time: object, _status: object) -> None:
        on_block(block)

    def start() -> Stream:
        closing = threading.Event()

        def ended() -> None:
            if not closing.is_set():
                on_lost("its stream ended")

        return _started(
            library.InputStream,
            closing,
            device=device,
            samplerate=rate,
            channels=channels,
            blocksize=SERVER_BLOCK if pulse_source else DEVICE_BLOCK,
            callback=callback,
            finished_callback=ended,
        )

    with _guard, _environment("PULSE_SOURCE", pulse_source):
        for trial in range(1 if isinstance(device, int) else 2):
            try:
                return start()
            except (library.PortAudioError, ValueError) as error:
                failed = error
            if not trial:
                refresh()
        what = pulse_source or device
        raise SourceError(f"The input {what} cannot be opened ({_reason(failed)}).") from failed


def _started(kind: Any, closing: threading.Event, **settings: Any) -> Stream:
    global _open_streams
    stream = kind(dtype="float32", latency="low", **settings)
    try:
        stream.start()
    except _portaudio().PortAudioError:
        closing.set()
        _abort_and_close(stream)
        raise
    _open_streams += 1
    return Stream(stream, closing)


def _reason(error: Exception) -> str:
    return str(error.args[0] if error.args else error).strip().rstrip(".")


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """An environment variable set for the open only, so that the next stream is not misled."""
    before = os.environ.get(name)
    if value:
        os.environ[name] = value
    try:
        yield
    finally:
        if value and before is None:
            del os.environ[name]
        elif value and before is not None:
            os.environ[name] = before


class Speakers:
    """The default output; takes blocks whenever they come and never makes their giver wait.

    One that asks for nothing any more (it was unplugged, its server was started anew) is opened
    again on a thread of its own, every few seconds until there is one.
    """

    def __init__(self) -> None:
        self._asked_s = host_time()  # when the card last asked for sound
        self._opening: threading.Thread | None = None
        self._closed = False
        self._ring = Ring(SHOW_RATE, 2)
        self._at = 0
        self._playing = False
        self._stream: Stream | None = None

    def open(self) -> None:
        """Start the stream; raises what PortAudio raises."""
        self._asked_s = host_time()
        self._stream = _started(
            _portaudio().OutputStream,
            threading.Event(),
            samplerate=SHOW_RATE,
            channels=2,
            blocksize=DEVICE_BLOCK,
            callback=self._fill,
        )

    def play(self, block: Array) -> None:
        """Let ``block`` (n, 2) be heard next."""
        self._ring.write(block)
        is_deaf = host_time() - self._asked_s > _DEAF_S
        if is_deaf and (self._opening is None or not self._opening.is_alive()):
            self._opening = threading.Thread(target=self._open_again, name="speakers", daemon=True)
            self._opening.start()

    def close(self) -> None:
        """Fall silent."""
        self._closed = True
        # Whoever opens may hang in a sound system that is dying; it closes what it opened.
        if _guard.acquire(timeout=_CLOSE_S):
            try:
                if self._stream:
                    self._stream.close()
            finally:
                _guard.release()

    def _open_again(self) -> None:
        self._asked_s = host_time()  # not again before another while
        with _guard:
            if self._closed:
                return
            if self._stream:
                self._stream.close()
            with suppress(_portaudio().PortAudioError, ValueError):
                refresh()
                self.open()
            if self._closed and self._stream:
                self._stream.close()

    def _fill(self, out: Array, count: int, _time: object, _status: object) -> None:
        self._asked_s = host_time()
        out.fill(0)
        in_hand = self._ring.written - self._at
        if not self._playing and in_hand < _SPEAKER_LEAD:
            return  # at the start and after a gap: gather some sound before going on
        if in_hand > _SPEAKER_LAG + count:  # the card runs slower than the host clock
            self._at += in_hand - _SPEAKER_LEAD
            in_hand = _SPEAKER_LEAD
        have = min(count, in_hand)
        out[:have] = self._ring.read(self._at, have)
        self._at += have
        self._playing = have == count


def open_speakers() -> Speakers | None:
    """The default output, or None when this machine has none that works."""
    speakers = Speakers()
    try:
        library = _portaudio()
        with _guard:
            speakers.open()
    except SourceError:
        return None
    except (library.PortAudioError, ValueError):
        return None
    return speakers
