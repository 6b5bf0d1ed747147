"""Whether anybody can see the picture, so that the show may rest when nobody does.

In: the windows of the studio.  Out: ``rest.seen`` and ``rest.polite`` of the show.  Thread: GUI.
It falls asleep by a look, four times a second, and wakes as soon as a window says it was exposed.
"""

from __future__ import annotations

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtGui import QWindow
from PyQt6.QtWidgets import QWidget

from traumer_live.app.output import Output
from traumer_live.app.projector import Projector
from traumer_live.app.small import Small
from traumer_live.engine.rest import Rest


class Attention(QObject):
    """Looks at the windows for the show."""

    def __init__(
        self, rest: Rest, projector: Projector, studio: QWidget, output: Output, small: Small
    ) -> None:
        super().__init__()
        self._rest = rest
        self._projector = projector
        self._studio, self._output, self._small = studio, output, small
        for told in (output.changed, small.changed):
            told.connect(self.wake)

    def look(self) -> None:
        """Tell the show whether it is seen, and by whom."""
        self._rest.seen = self._is_seen()
        self._rest.polite = self._small.showing and not self._output.showing

    def wake(self) -> None:
        """Some window came or went: should one be seen, its picture is drawn now."""
        self._rest.polite = self._small.showing and not self._output.showing
        if not self._rest.seen and self._is_seen():
            self._rest.seen = True
            self._projector.refresh()

    def _is_seen(self) -> bool:
        studio = self._studio.windowHandle()
        return any(is_seen(w) for w in (studio, self._output.window, self._small.window))

    def close(self) -> None:
        """Nobody looks any more, but a take may want its last picture."""
        self._rest.seen = True


def is_seen(window: QWindow | None) -> bool:
    """Whether a window is on the desktop, as far as the desktop tells."""
    if window is None or not window.isVisible() or not window.isExposed():
        return False
    return not window.windowStates() & Qt.WindowState.WindowMinimized
