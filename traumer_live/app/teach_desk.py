"""The desk's part for teaching: this music goes with this picture.

In: keys, the button, a click on the strip.  Out: lessons for the running Show's teacher; signals.
Thread: GUI; whatever takes time is done on the teacher's.
"""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from traumer_live.engine.models import Choice
from traumer_live.engine.show import Show
from traumer_live.engine.shown import Picture
from traumer_live.labelling.teaching import Music, Teacher


class TeachDesk(QObject):
    """Stands between keys and the Teacher."""

    learnt = pyqtSignal(object)  # Choice: what plays from now on, to be remembered
    offered = pyqtSignal(object)  # tuple[Picture, ...] to choose from, the newest last

    def __init__(self, show: Show, store: Path | None = None) -> None:
        super().__init__()
        self._show: Show | None = show
        self._teacher = Teacher(show, store=store, taken_up=self._tell)
        show.accompany(self._teacher)
        self._teacher.follow(show.models)
        self._music: Music | None = None  # while a picture is being chosen

    def teach(self) -> None:
        """The music of the last ten seconds goes with the picture on the screen."""
        self._teacher.teach()

    def choose(self) -> None:
        """The same, with one of the last pictures; the music is that of this moment."""
        if self._show is None:
            return
        self._music = self._teacher.hold()
        self.offered.emit(self._show.shown.strip)

    def chose(self, picture: Picture) -> None:
        """This one."""
        self._teacher.teach(picture, self._music)
        self._music = None

    def undo(self) -> None:
        """Take the last lesson back."""
        self._teacher.undo()

    def close(self) -> None:
        """No more lessons; nothing may keep the show."""
        self._teacher.stop()
        self._show = None
        del self._teacher

    def _tell(self, choice: Choice) -> None:
        self.learnt.emit(choice)  # queued by Qt: this is the teacher's thread
