"""Which sources there are, which one to take, and the capture that belongs to it.

In: a SourceSpec, or the wish to have any.  Out: a Capture, a list, or a choice with its reason.
Thread: any; questions to the sound system take some milliseconds.
"""

from __future__ import annotations

import sys
from pathlib import Path

from traumer_live.audio.capture.file import FileCapture
from traumer_live.audio.capture.microphone import list_microphones, open_microphone
from traumer_live.audio.capture.synthetic import synthetic
from traumer_live.audio.capture.types import Capture, SourceInfo, SourceSpec
from traumer_live.core.errors import SourceError


def open_capture(spec: SourceSpec) -> Capture:
    """The capture for ``spec``, not started yet.

    Raises:
        SourceError: there is no such source.
    """
    if spec.kind == "mic":
        return open_microphone(spec)
    if spec.kind == "loopback":
        return _open_loopback(spec)
    if spec.kind == "file":
        return FileCapture(spec)
    return synthetic(spec)


def list_sources() -> list[SourceInfo]:
    """Loopbacks and microphones of this machine; empty when it has no sound system."""
    return _list_loopbacks() + list_microphones()


def choose_source(saved: SourceSpec | None, *, demo_track: Path) -> tuple[SourceSpec, str]:
    """A source that can be used now, and one sentence that says which and why."""
    if saved and (trouble := _trouble(saved)):
        why = f"The saved source {saved} cannot be used ({trouble.rstrip('.')}); "
    elif saved:
        return saved, f"Listening to {saved}, the source used last."
    else:
        why = ""
    for spec, what in _candidates():
        if not _trouble(spec):
            return spec, _sentence(why, f"listening to {what}.")
    demo = SourceSpec("file", str(demo_track), loop=True)
    return demo, _sentence(why, "playing the demo track, for there is no sound to capture here.")


def _candidates() -> list[tuple[SourceSpec, str]]:
    return [
        (SourceSpec("loopback"), "what this machine plays (loopback of the default output)"),
        (SourceSpec("mic"), "the default microphone, for what this machine plays is out of reach"),
    ]


def _trouble(spec: SourceSpec) -> str:
    """Why ``spec`` cannot be used; empty when it can."""
    try:
        open_capture(spec).close()
    except SourceError as error:
        return str(error)
    return ""


def _sentence(why: str, what: str) -> str:
    return why + what if why else what[0].upper() + what[1:]


def _open_loopback(spec: SourceSpec) -> Capture:
    if sys.platform == "win32":
        from traumer_live.audio.capture.wasapi_loopback import open_wasapi_loopback

        return open_wasapi_loopback(spec)
    if sys.platform == "darwin":
        from traumer_live.audio.capture.coreaudio_tap import open_coreaudio_tap

        return open_coreaudio_tap(spec)
    from traumer_live.audio.capture.pulse_monitor import pulse_loopback

    return pulse_loopback(spec)


def _list_loopbacks() -> list[SourceInfo]:
    if sys.platform == "win32":
        from traumer_live.audio.capture.wasapi_loopback import list_wasapi_loopbacks

        return list_wasapi_loopbacks()
    if sys.platform == "darwin":
        from traumer_live.audio.capture.coreaudio_tap import list_coreaudio_taps

        return list_coreaudio_taps()
    from traumer_live.audio.capture.pulse_monitor import pulse_loopbacks

    return pulse_loopbacks()
