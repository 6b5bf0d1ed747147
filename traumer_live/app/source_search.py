"""Looks for a source that can be heard: tries one after the other, each for a moment.

In: what can be captured, the desk.  Out: the first with signal, or none.  Thread: GUI; devices are
opened on the desk's errand thread.
"""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from traumer_live.app.desk import Desk
from traumer_live.audio.capture import SourceInfo, SourceSpec
from traumer_live.core.errors import SourceError
from traumer_live.engine.status import ShowStatus

LISTEN_MS = 1800  # to each; on an idle output the first sound may take a while
SIGNAL_DBFS = -45.0  # louder than a quiet room
MOST = 6  # sources; nobody waits longer


class SourceSearch(QObject):
    """Begins with the source that plays, then the defaults, then the rest."""

    trying = pyqtSignal(str)  # what is listened to now
    ended = pyqtSignal(object)  # SourceSpec with signal, or None

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._first = desk.source
        self._left: list[SourceInfo] = []
        self._tried = desk.source
        self._loudest = -120.0
        self._running = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._judge)
        desk.status_changed.connect(self._hear)

    def start(self, sources: Sequence[SourceInfo]) -> None:
        """Try the present source and then ``sources``."""
        self._running = True
        self._left = in_order(sources, self._first)[:MOST]
        self.trying.emit(self._desk.show.listener.description)
        self._listen()

    def stop(self) -> None:
        """Whatever is tried now stays."""
        self._running = False
        self._timer.stop()

    def _listen(self) -> None:
        self._loudest = -120.0
        self._timer.start(LISTEN_MS)

    def _hear(self, status: ShowStatus) -> None:
        self._loudest = max(self._loudest, status.pulse.level_dbfs)

    def _judge(self) -> None:
        self._timer.stop()
        if self._loudest > SIGNAL_DBFS:
            self._end(self._tried)
        elif self._left:
            self._try(self._left.pop(0))
        else:
            self._desk.errands.run(lambda: self._opens(self._first), lambda _: self._end(None))

    def _try(self, source: SourceInfo) -> None:
        self.trying.emit(source.description)

        def tried(opens: bool) -> None:
            if not self._running:
                return
            self._tried = source.spec if opens else self._tried
            if opens:
                self._listen()
            else:
                self._judge()

        self._desk.errands.run(lambda: self._opens(source.spec), tried)

    def _opens(self, spec: SourceSpec) -> bool:
        """Whether it is listened to now; one that is busy or broken is passed over in silence."""
        try:
            self._desk.show.switch_source(spec)
        except SourceError:
            return False
        return True

    def _end(self, found: SourceSpec | None) -> None:
        if self._running:
            self.stop()
            self.ended.emit(found)


def in_order(sources: Sequence[SourceInfo], present: SourceSpec) -> list[SourceInfo]:
    """``sources`` but the present one, defaults first."""
    others = [source for source in sources if source.spec != present]
    return sorted(others, key=lambda source: not source.is_default)
