"""What a Windows output plays, through WASAPI loopback.  UNTESTED: written without a Windows.

In: an output by name, or the default one.  Out: its mix at its own rate, folded to stereo.
Thread: PyAudioWPatch's.  Needs the extra ``windows-loopback``.

Windows sends no blocks while nothing plays, so a stall with a living stream is silence.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

import numpy as np

from traumer_live.audio.capture.types import Health, OnBlock, OnLost, SourceInfo, SourceSpec
from traumer_live.audio.stereo import surround_to_stereo
from traumer_live.core.errors import SourceError

_BLOCK = 512  # samples a callback
_SUFFIX = " [Loopback]"  # PyAudioWPatch's mark on the names


class WasapiLoopback:
    """One output device, heard."""

    channels = 2
    finished = False

    def __init__(self, spec: SourceSpec, device: dict[str, Any]) -> None:
        self.info = SourceInfo(spec, _plain_name(device))
        self.sample_rate = int(device["defaultSampleRate"])
        self._device = device
        self._stream: Any = None

    def open(self, on_block: OnBlock, on_lost: OnLost) -> None:
        """Start listening."""
        library = _library()
        native = self._device["maxInputChannels"]

        def callback(data: bytes, _count: int, _time: object, _status: int) -> tuple[None, int]:
            block = np.frombuffer(data, np.float32).reshape(-1, native)  # (n, native)
            on_block(surround_to_stereo(block))
            return None, library.paContinue

        try:
            self._stream = _system().open(
                format=library.paFloat32,
                channels=native,
                rate=self.sample_rate,
                frames_per_buffer=_BLOCK,
                input=True,
                input_device_index=self._device["index"],
                stream_callback=callback,
            )
        except OSError as error:
            raise SourceError(
                f"The output {self.info.description} cannot be listened to ({error})."
            ) from error

    def close(self) -> None:
        """End."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def health(self) -> Health:
        """An active stream without blocks is an output on which nothing plays."""
        alive = self._stream is not None and self._stream.is_active()
        return Health.SILENT if alive else Health.FINE


def open_wasapi_loopback(spec: SourceSpec) -> WasapiLoopback:
    """The output that ``spec`` means.

    Raises:
        SourceError: the extra is not installed, or there is no such output.
    """
    if not spec.name:
        try:
            return WasapiLoopback(spec, _system().get_default_wasapi_loopback())
        except (OSError, LookupError) as error:
            raise SourceError("Windows has no default output to listen to; use mic.") from error
    for device in _devices():
        if spec.name in (_plain_name(device), device["name"]):
            return WasapiLoopback(spec, device)
    known = ", ".join(map(_plain_name, _devices())) or "none"
    raise SourceError(f"The output {spec.name!r} is not there; outputs to listen to: {known}.")


def list_wasapi_loopbacks() -> list[SourceInfo]:
    """Every output that can be listened to; empty without the extra."""
    try:
        devices = _devices()
        default = open_wasapi_loopback(SourceSpec("loopback")).info.description
    except SourceError:
        return []
    names = map(_plain_name, devices)
    return [SourceInfo(SourceSpec("loopback", name), name, name == default) for name in names]


def _plain_name(device: dict[str, Any]) -> str:
    return str(device["name"]).removesuffix(_SUFFIX)


def _devices() -> list[dict[str, Any]]:
    return list(_system().get_loopback_device_info_generator())


@cache
def _system() -> Any:
    return _library().PyAudio()


def _library() -> Any:
    try:
        return importlib.import_module("pyaudiowpatch")
    except ImportError as error:
        raise SourceError(
            "Listening to what Windows plays needs an extra; "
            "install it with: pip install 'traumer-live[windows-loopback]'."
        ) from error
