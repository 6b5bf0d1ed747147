"""Plays a passage over and over through the default output, each end faded into its beginning.

In: passages (n, 2) at 48 kHz.  Out: sound, and where in the passage it is.  Thread: ``play`` and
the rest from any; a thread of its own hands the sound out in real time.

Without an output that works the same clock runs silently, so that whoever follows the position
sees it move; ``audible`` says which it is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from copy import copy
from typing import Protocol

import numpy as np

from traumer_live.audio.capture.portaudio import open_speakers
from traumer_live.core.types import SHOW_RATE, Array

FADE_S = 0.5  # from the end of the passage into its beginning
SWITCH_S = 0.06  # from one passage to another, and into silence
AHEAD_S = 0.08  # handed out before it is heard; the speakers keep at most 0.2 s
STEP_S = 0.02
LATE_S = 0.5  # after a longer stall what was missed is passed over


class Output(Protocol):
    """Takes blocks whenever they come."""

    def play(self, block: Array) -> None:
        """Let ``block`` (n, 2) be heard next."""

    def close(self) -> None:
        """Fall silent."""


class Loop:
    """A passage without an end."""

    def __init__(self, sound: Array, *, fade_s: float = FADE_S) -> None:
        """``sound`` (n, 2); of a short one less is faded."""
        fade = min(round(fade_s * SHOW_RATE), len(sound) // 4)
        body = np.array(sound[: len(sound) - fade], np.float32)
        self._first = body[:fade].copy()
        angle = (np.arange(fade, dtype=np.float32)[:, None] + 0.5) / max(fade, 1) * np.pi / 2
        # Of two places in the same music, equal powers add up without a dip.
        body[:fade] = np.sin(angle) * body[:fade] + np.cos(angle) * sound[len(sound) - fade :]
        self._body = body
        self._at = 0
        self._laps = 0

    @property
    def length_s(self) -> float:
        """Seconds until it begins again."""
        return len(self._body) / SHOW_RATE

    @property
    def position_s(self) -> float:
        """What is taken next."""
        return self._at / SHOW_RATE

    def from_the_beginning(self) -> Loop:
        """The same passage, not heard yet."""
        other = copy(self)
        other._at = other._laps = 0
        return other

    def take(self, count: int) -> Array:  # (count, 2)
        """The next samples."""
        taken = []
        while count > 0:
            block = self._body[self._at : self._at + count]
            if self._laps == 0 and self._at < len(self._first):  # nothing has ended yet
                block = self._first[self._at : self._at + count]
            taken.append(block)
            count -= len(block)
            self._at += len(block)
            if self._at >= len(self._body):
                self._at, self._laps = 0, self._laps + 1
        return np.concatenate(taken)


class LoopPlayer:
    """One loop at a time; a new one fades in over the one before."""

    def __init__(self, open_output: Callable[[], Output | None] = open_speakers) -> None:
        self._open_output = open_output
        self._changing = threading.Lock()
        self._now: Loop | None = None
        self._before: Loop | None = None  # fading out
        self._faded = 0  # samples of the switch that are over
        self._stopping = threading.Event()
        self._output: Output | None = None
        self.audible: bool | None = None  # None until it is known
        self._thread = threading.Thread(target=self._run, name="loop", daemon=True)

    def start(self) -> None:
        """Open the output, in the background."""
        self._thread.start()

    def play(self, sound: Array | None) -> None:
        """Go over to another passage (n, 2); None is silence."""
        with self._changing:
            self._switch(Loop(sound) if sound is not None and len(sound) else None)

    def again(self) -> None:
        """Begin the passage once more."""
        with self._changing:
            if self._now is not None:
                self._switch(self._now.from_the_beginning())

    @property
    def share(self) -> float | None:
        """How much of the passage was heard, 0..1; None in silence."""
        now = self._now
        if now is None:
            return None
        return (now.position_s - (AHEAD_S if self.audible else 0)) / now.length_s % 1

    def close(self) -> None:
        """End."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _switch(self, loop: Loop | None) -> None:
        self._before, self._now, self._faded = self._now, loop, 0

    def _run(self) -> None:
        output = self._open_output()
        self.audible = output is not None
        began, given = time.monotonic(), 0
        try:
            while not self._stopping.wait(STEP_S):
                due = round((time.monotonic() - began + AHEAD_S) * SHOW_RATE)
                if due - given > LATE_S * SHOW_RATE:
                    given = due - round(AHEAD_S * SHOW_RATE)
                block = self._mixed(due - given)
                given = due
                if output is not None:
                    output.play(block)
        finally:
            if output is not None:
                output.close()

    def _mixed(self, count: int) -> Array:  # (count, 2)
        """What is heard next of the loop, and of the one that it replaces."""
        with self._changing:
            now, before = self._now, self._before
            block = now.take(count) if now else np.zeros((count, 2), np.float32)
            length = round(SWITCH_S * SHOW_RATE)
            if self._faded < length:
                share = np.clip((self._faded + np.arange(count)) / length, 0, 1)[:, None]
                former = before.take(count) if before else np.zeros((count, 2), np.float32)
                block = (share * block + (1 - share) * former).astype(np.float32)
                self._faded += count
                if self._faded >= length:
                    self._before = None
            return block
