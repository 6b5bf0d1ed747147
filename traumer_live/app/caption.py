"""The title of the music over the picture: for a few seconds, on request, in any script.

In: words, the window's size.  Out: an RGBA image with straight alpha, first row on top.
Thread: GUI. Qt draws it, for the system's fonts know scripts that a shipped face does not.
"""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QFontMetrics, QGuiApplication, QImage, QPainter

from traumer_live.app.theme import colour
from traumer_live.core.types import Pixels
from traumer_live.video.look import Size

LINES = 24  # text height as a part of the window's, or the width's where that is less
SMALLEST_TEXT = 12  # px
OPACITY = 0.72  # of the plate


class Caption:
    """The newest title of one window."""

    def __init__(self) -> None:
        self.image: Pixels | None = None  # (height, width, 4) straight alpha
        self.margin = 0  # pixels between the plate and the window's corner
        self._painted: tuple[str, Size] | None = None

    def update(self, words: str, *, window: Size) -> None:
        """Paint again when the words or the window changed."""
        if (words, window) == self._painted:
            return
        text = max(min(window[1], window[0] * 9 // 16) // LINES, SMALLEST_TEXT)
        self.margin = text
        self.image = painted(words, text, room=window[0] - 2 * text)
        self._painted = (words, window)


def painted(words: str, text: int, *, room: int) -> Pixels:
    """``words`` on a dark plate, ``text`` px high, shortened to ``room`` px; (H, W, 4)."""
    font = QGuiApplication.font()
    font.setPixelSize(text)
    metrics = QFontMetrics(font)
    words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, max(room - 2 * text, text))
    width = metrics.horizontalAdvance(words) + 2 * text
    height = metrics.height() + text
    image = QImage(width, height, QImage.Format.Format_RGBA8888)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    plate = colour("window")
    plate.setAlphaF(OPACITY)
    painter.setBrush(plate)
    painter.drawRoundedRect(QRectF(0, 0, width, height), text / 3, text / 3)
    painter.setFont(font)
    painter.setPen(colour("text"))
    painter.drawText(QRectF(0, 0, width, height), Qt.AlignmentFlag.AlignCenter, words)
    painter.end()
    bits = image.constBits()
    assert bits is not None
    rows = np.frombuffer(bits.asstring(image.sizeInBytes()), np.uint8)
    rows = rows.reshape(height, image.bytesPerLine())[:, : 4 * width]
    return np.ascontiguousarray(rows).reshape(height, width, 4)
