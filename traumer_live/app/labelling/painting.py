"""Pixels of the generator as Qt draws them, and the marks on a picture.

In: (H, W, 4) uint8.  Out: pixmaps.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFont, QImage, QPainter, QPainterPath, QPen, QPixmap

from traumer_live.app.theme import colour
from traumer_live.core.types import Pixels

RADIUS = 4.0
BADGE = 18.0  # px of a rank's disc


def pixmap(pixels: Pixels) -> QPixmap:
    """A picture for the screen."""
    height, width = pixels.shape[:2]
    image = QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBX8888)
    return QPixmap.fromImage(image)


def draw(painter: QPainter, picture: QPixmap | None, place: QRectF, radius: float = RADIUS) -> None:
    """A picture with round corners, as much of it as the place's shape shows; or an empty frame."""
    shape = QPainterPath()
    shape.addRoundedRect(place, radius, radius)
    if picture is None or picture.isNull():
        painter.fillPath(shape, colour("card"))
        return
    painter.save()
    painter.setClipPath(shape)
    painter.drawPixmap(place, picture, QRectF(_middle(picture, place)))
    painter.restore()


def frame(
    painter: QPainter, place: QRectF, tint: str, width: float, radius: float = RADIUS
) -> None:
    """A line around a picture."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour(tint), width))
    painter.drawRoundedRect(place, radius, radius)


def badge(painter: QPainter, corner: QPointF, words: str, size: float = BADGE) -> None:
    """A rank, in the upper left corner of a picture."""
    disc = QRectF(corner.x(), corner.y(), size, size)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour("accent"))
    painter.drawEllipse(disc)
    font = QFont(painter.font())
    font.setPixelSize(round(0.66 * size))
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(colour("window"))
    painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, words)


def _middle(picture: QPixmap, place: QRectF) -> QRectF:
    """The part of the picture that has the place's shape."""
    width, height = float(picture.width()), float(picture.height())
    scale = min(width / place.width(), height / place.height())
    shown_w, shown_h = place.width() * scale, place.height() * scale
    return QRectF((width - shown_w) / 2, (height - shown_h) / 2, shown_w, shown_h)
