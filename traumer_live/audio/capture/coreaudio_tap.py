"""What a Mac plays, through a Core Audio process tap.  UNTESTED: written without a Mac.

In: nothing to choose; the tap hears all programs.  Out: blocks at the tap's rate.  Thread:
catap's worker.  Needs macOS 14.2, the extra ``macos-tap``, and the user's permission once.

Without the extra, the virtual driver BlackHole works as an ordinary input: mic:BlackHole 2ch.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from traumer_live.audio.capture.types import Health, OnBlock, OnLost, SourceInfo, SourceSpec
from traumer_live.core.errors import SourceError
from traumer_live.core.types import SHOW_RATE

_DESCRIPTION = "everything this Mac plays"


class CoreAudioTap:
    """The mix of all programs.

    The tap tells its format only once it runs, so it is started here and its blocks are thrown
    away until ``open``.
    """

    finished = False

    def __init__(self, spec: SourceSpec) -> None:
        self.info = SourceInfo(spec, _DESCRIPTION, True)
        self._on_block: OnBlock | None = None
        self._session: Any = _library().record_system_audio(on_data=self._on_data)
        try:
            self._session.start()
        except (OSError, RuntimeError, ValueError) as error:
            raise SourceError(
                f"The Mac's sound cannot be tapped ({error}); allow it in the privacy settings, "
                "or install BlackHole and use mic:BlackHole 2ch."
            ) from error
        self.sample_rate = int(self._session.sample_rate or SHOW_RATE)
        self.channels = int(self._session.num_channels or 2)

    def open(self, on_block: OnBlock, on_lost: OnLost) -> None:
        """Start handing over blocks."""
        if not self._session.is_float:
            self.close()
            raise SourceError("The Mac's tap does not deliver floating-point sound; use BlackHole.")
        self._on_block = on_block

    def close(self) -> None:
        """End."""
        self._on_block = None
        try:
            self._session.close()
        except (OSError, RuntimeError):
            return  # it was gone already

    def health(self) -> Health:
        """A running tap without blocks is a Mac on which nothing plays."""
        return Health.SILENT if self._session.is_recording else Health.FINE

    def _on_data(self, data: bytes, _count: int) -> None:
        if self._on_block:
            self._on_block(np.frombuffer(data, np.float32).reshape(-1, self.channels))


def open_coreaudio_tap(spec: SourceSpec) -> CoreAudioTap:
    """The tap on all programs.

    Raises:
        SourceError: the extra is not installed, or macOS refuses.
    """
    if spec.name:
        raise SourceError(
            f"A Mac's single output {spec.name!r} cannot be tapped; use loopback without a name."
        )
    return CoreAudioTap(spec)


def list_coreaudio_taps() -> list[SourceInfo]:
    """The one tap; empty without the extra."""
    try:
        _library()
    except SourceError:
        return []
    return [SourceInfo(SourceSpec("loopback"), _DESCRIPTION, True)]


def _library() -> Any:
    try:
        return importlib.import_module("catap")
    except ImportError as error:
        raise SourceError(
            "Listening to what a Mac plays needs macOS 14.2 and an extra; install it with: "
            "pip install 'traumer-live[macos-tap]', or install BlackHole and use mic:BlackHole 2ch."
        ) from error
