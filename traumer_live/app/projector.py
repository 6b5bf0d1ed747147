"""Draws the show once for all windows: preview, output and take see the same texture.

In: the running Show.  Out: a texture, and the signal ``drawn`` whenever it is new.  Thread: GUI.
"""

from __future__ import annotations

import time

import numpy as np
from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal

from traumer_live.app.opengl import EngineContext
from traumer_live.core.types import Pixels
from traumer_live.engine.rest import Effort
from traumer_live.engine.screen import Screen, hud_reading
from traumer_live.engine.show import Show
from traumer_live.engine.status import ShowStatus
from traumer_live.engine.timing import FlashDisc
from traumer_live.video.hud import HudReading
from traumer_live.video.look import Size

POLL_MS: dict[Effort, int] = {
    "full": 2,  # how late a new tick is noticed at worst; a look costs microseconds
    "drowsy": 33,  # how late the first sound after a silence is
    "asleep": 250,  # whoever opens a window wakes us
}
TITLE_S = 7.0  # long enough to read it aloud
STIRRED_S = 2.0  # after something was turned, drawings come at every tick; fades last longer


class Projector(QObject):
    """Owns the engine's context and the look chain in it."""

    drawn = pyqtSignal()

    def __init__(self, show: Show, size: Size) -> None:
        super().__init__()
        self._show = show
        self._engine = EngineContext()
        self._screen = Screen(show, self._engine.gl, size)
        self.title = ""  # of the music, while windows shall show it
        self._title_ends_s = 0.0
        self.reading = HudReading()  # for the status line of every window
        self._turned = show.controls.now
        self._turned_s = 0.0  # when somebody turned something last
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.refresh)

    @property
    def size(self) -> Size:
        """Width and height of what the audience sees."""
        return self._screen.size

    @property
    def texture_number(self) -> int:
        """By which windows of sharing contexts find the picture."""
        return int(self._screen.texture.glo)

    @property
    def hud(self) -> bool:
        """Whether windows lay the status line over the picture."""
        return self._show.controls.now.hud

    @property
    def fills(self) -> bool:
        """Whether a screen of another shape is filled, edges cut off."""
        return self._show.controls.now.screen == "fill"

    def follow_display(self, hz: float) -> None:
        """Draw as often as the audience's screen is worth; 0: once a tick, as for the preview."""
        self._screen.follow_display(hz)

    def start(self) -> None:
        """Begin to draw."""
        self._timer.start(POLL_MS["full"])

    def refresh(self) -> None:
        """Draw when there is something new, and tell the windows."""
        now_s = time.monotonic()
        if self.title and now_s > self._title_ends_s:
            self.title, self._turned_s = "", now_s
        rests = self._rests(now_s)
        if rests or not self._screen.is_due(now_s) or not self._engine.make_current():
            return
        drawn = self._screen.refresh(now_s)
        self._engine.done()
        if drawn:
            self._show.stats.thread_cpu("main")
            self.drawn.emit()

    @property
    def disc(self) -> FlashDisc | None:
        """By which the offset is adjusted, while that is done; everybody sees it."""
        return self._screen.disc

    @disc.setter
    def disc(self, disc: FlashDisc | None) -> None:
        self._screen.disc = disc

    def _rests(self, now_s: float) -> bool:
        """Whether there is nothing to draw, for nobody looks or nothing has changed."""
        effort, controls = self._show.effort, self._show.controls.now
        if self._timer.isActive() and self._timer.interval() != POLL_MS[effort]:
            self._timer.setInterval(POLL_MS[effort])
        if controls is not self._turned:
            self._turned, self._turned_s = controls, now_s
        if effort == "full":
            return False
        self._show.stats.paused()  # the rest is no interval between two pictures
        if effort == "asleep":
            return True
        is_turning = now_s - self._turned_s < STIRRED_S + controls.fade_s
        return not is_turning and self._show.frames.peek() is None

    def show_title(self, words: str) -> None:
        """Lay ``words`` over the picture in every window for a while; takes stay without."""
        self.title = words
        self._turned_s = time.monotonic()
        self._title_ends_s = self._turned_s + TITLE_S

    def audience(self) -> Pixels | None:
        """What the audience sees, (H, W, 4), once; None where it cannot be read."""
        if not self._engine.make_current():
            return None
        width, height = self.size
        read = np.frombuffer(self._screen.texture.read(), np.uint8)
        self._engine.done()
        return read.reshape(height, width, 4).copy()

    def read(self, status: ShowStatus) -> None:
        """Take the numbers of the status line from ``status``."""
        self.reading = hud_reading(status)

    def close(self) -> None:
        """Stop drawing and hand the last picture to the take."""
        self._timer.stop()
        self._engine.make_current()
        self._screen.close()
        self._engine.close()
        del self._screen, self._show  # Qt's connections may keep us; nothing may keep the show
