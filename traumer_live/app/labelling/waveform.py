"""The clip as a picture of its loudness, with the place that is heard now.

In: sound (n, 2), a share 0..1.  Out: nothing.  Thread: GUI.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, QTimer
from PyQt6.QtGui import QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from traumer_live.app.theme import colour
from traumer_live.core.types import Array

BAR, SPACE = 2, 1  # px
MOTION_MS = 40
LOWEST = 0.02  # of the height, so that a pause is still seen to be there
BENDING = 0.6  # of the loudest: soft passages are seen too


class Waveform(QWidget):
    """Bars around the middle; those that were heard are lit."""

    def __init__(self, share: Callable[[], float | None]) -> None:
        super().__init__()
        self._share = share
        self._sound: Array | None = None
        self._bars = np.zeros(0, np.float32)
        self.setMinimumHeight(36)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._motion = QTimer(self)
        self._motion.timeout.connect(self.update)
        self._motion.start(MOTION_MS)

    def show_sound(self, sound: Array | None) -> None:
        """Another clip (n, 2)."""
        self._sound = sound
        self._bars = np.zeros(0, np.float32)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802  Qt's name
        """All bars, then the place that is heard."""
        count = self.width() // (BAR + SPACE)
        if self._sound is not None and len(self._bars) != count:
            self._bars = bars(self._sound, count)
        if not len(self._bars):
            return
        painter = QPainter(self)
        share = self._share()
        heard = -1.0 if share is None else share * len(self._bars)
        middle, half = self.height() / 2, self.height() / 2 - 1
        for k, bar in enumerate(self._bars):
            tall = max(float(bar), LOWEST) * half
            lit = "accent" if k <= heard else "disabled"
            painter.fillRect(QRectF(k * (BAR + SPACE), middle - tall, BAR, 2 * tall), colour(lit))
        if share is not None:
            x = share * self.width()
            painter.setPen(QPen(colour("text"), 1))
            painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        painter.end()


def bars(sound: Array, count: int) -> Array:  # (count,), 0..1
    """How loud each part is, the loudest at 1."""
    if not count or not len(sound):
        return np.zeros(0, np.float32)
    edges = np.linspace(0, len(sound), count + 1).astype(int)[:-1]
    peaks = np.maximum.reduceat(np.abs(sound).max(1), np.minimum(edges, len(sound) - 1))
    top = float(peaks.max())
    return np.asarray((peaks / top) ** BENDING if top > 0 else peaks, np.float32)
