"""The desk's part for the sound panel: the test tone, and learning the room.

In: presses.  Out: the running Show with another source for a while; signals.  Thread: GUI; devices
are opened on the desk's errand thread.
"""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal

from traumer_live.app.desk import Desk
from traumer_live.audio.capture import SourceSpec
from traumer_live.core.controls import RANGES

TONE = SourceSpec("tone")


class SoundDesk(QObject):
    """Stands between the sound panel and the Show."""

    testing = pyqtSignal(bool)  # the test tone has begun, or ended

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._before: SourceSpec | None = None  # to return to after the tone
        self._plays = False  # the tone has really begun
        desk.status_changed.connect(self._look)

    @property
    def is_testing(self) -> bool:
        """Whether the test tone plays, and another source waits."""
        return self._before is not None

    def toggle_tone(self) -> None:
        """Let the tone stand in for the source, or go back; what is remembered stays as it was."""
        if self._before is None:
            self._before = self._desk.source
            self._switch(TONE)
        else:
            before, self._before = self._before, None
            self._plays = False
            self._switch(before)
        self.testing.emit(self.is_testing)

    def learn(self) -> None:
        """Have the gate learn the noise of the room; it closes when that is done."""
        self._desk.show.preamp.learn()
        self._desk.read()

    def take_gain_over(self) -> None:
        """End automatic gain, and leave the gain where it was found."""
        low, high = RANGES["gain_db"]
        found = min(max(round(self._desk.show.preamp.state.gain_db, 1), low), high)
        self._desk.change(auto_gain=False, gain_db=found)

    def _switch(self, spec: SourceSpec) -> None:
        desk = self._desk

        def begun(_: None) -> None:
            self._plays = self.is_testing
            desk.read()

        desk.errands.run(lambda: desk.show.switch_source(spec), begun)

    def _look(self) -> None:
        """Another source was chosen meanwhile: the test is over."""
        if self._plays and self._desk.source != TONE:
            self._before, self._plays = None, False
            self.testing.emit(False)
