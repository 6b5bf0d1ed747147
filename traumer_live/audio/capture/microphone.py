"""Microphones and line inputs, by name, at their own rate and channel count.

In: a name or none for the default.  Out: blocks as the device gives them.  Thread: PortAudio's.
"""

from __future__ import annotations

from traumer_live.audio.capture.portaudio import Device, Stream, input_devices, open_input, refresh
from traumer_live.audio.capture.pulse_monitor import (
    PulseCapture,
    pulse_microphone,
    pulse_microphones,
)
from traumer_live.audio.capture.types import Health, OnBlock, OnLost, SourceInfo, SourceSpec
from traumer_live.core.errors import SourceError

_GATEWAYS = ("pulse", "default", "sysdefault", "pipewire")  # doors to the server, not devices


class MicrophoneCapture:
    """One input device of PortAudio."""

    finished = False

    def __init__(self, spec: SourceSpec, device: Device) -> None:
        self.info = SourceInfo(spec, device.name, device.is_default)
        self.sample_rate = device.rate
        self.channels = device.channels
        self._device = device
        self._stream: Stream | None = None

    def open(self, on_block: OnBlock, on_lost: OnLost) -> None:
        """Start listening."""
        self._stream = open_input(
            self._device.index, self.sample_rate, self.channels, on_block=on_block, on_lost=on_lost
        )

    def close(self) -> None:
        """End."""
        if self._stream:
            self._stream.close()

    def health(self) -> Health:
        """Nothing is known beside the blocks themselves."""
        return Health.FINE


def open_microphone(spec: SourceSpec) -> MicrophoneCapture | PulseCapture:
    """The input that ``spec`` names; a sound server's inputs are looked at first.

    Raises:
        SourceError: there is none of that name, or none at all.
    """
    if found := pulse_microphone(spec):
        return found
    device = _matching(spec.name)
    if device is None and refresh():  # it may have been plugged in since the list was made
        device = _matching(spec.name)
    if device:
        return MicrophoneCapture(spec, device)
    known = ", ".join(info.spec.name for info in list_microphones()) or "none"
    named = f"The microphone {spec.name!r} is not there"
    lost = named if spec.name else "There is no default microphone"
    raise SourceError(f"{lost}; microphones that can be used: {known}.")


def list_microphones() -> list[SourceInfo]:
    """The server's inputs and the sound cards that PortAudio reaches without a server."""
    direct = [
        SourceInfo(SourceSpec("mic", device.name), device.name, device.is_default)
        for device in _real_devices()
    ]
    return pulse_microphones() + direct


def _real_devices() -> list[Device]:
    return [device for device in input_devices() if device.name not in _GATEWAYS]


def _matching(name: str) -> Device | None:
    """The device of that name, or the only one whose name contains it; the default for none."""
    devices = _real_devices()
    if not name:
        return next((device for device in devices if device.is_default), None)
    exact = [device for device in devices if device.name == name]
    partial = [device for device in devices if name.lower() in device.name.lower()]
    return next(iter(exact + partial), None)
