"""The last takes below the record button: each with its own picture; play it, paint it again.

In: what the take desk found.  Out: a movie opened, a command on the clipboard.  Thread: GUI.
"""

from __future__ import annotations

import shlex
from datetime import datetime
from pathlib import Path

from PyQt6.QtCore import QRectF, QSize, Qt, QTimer, QUrl
from PyQt6.QtGui import (
    QDesktopServices,
    QGuiApplication,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPixmap,
)
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from traumer_live.app.texts import take as texts
from traumer_live.app.theme import GRID, colour, icon
from traumer_live.app.widgets import Button, label
from traumer_live.video.take_list import KeptTake

PICTURE = QSize(72, 40)
RADIUS = 4
COPIED_MS = 1800


class TakeRow(QWidget):
    """One take that was kept."""

    def __init__(self, take: KeptTake) -> None:
        super().__init__()
        self.take = take
        self.picture = _Picture(take)
        self.picture.clicked.connect(lambda: open_with_desktop(take.path))
        self.again = Button(role="icon")
        self.again.clicked.connect(self._copy_command)
        self._back = QTimer(self)
        self._back.setSingleShot(True)
        self._back.timeout.connect(self._show_again)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(when(take.changed_s)))
        words.addWidget(label(told(take), "caption"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self.picture)
        row.addLayout(words, 1)
        row.addWidget(self.again)
        self._show_again()

    def _copy_command(self) -> None:
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None and self.take.log is not None:
            clipboard.setText(command(self.take.log))
        self.again.setIcon(icon("check", "accent"))
        self.again.setToolTip(texts.COPIED)
        self._back.start(COPIED_MS)

    def _show_again(self) -> None:
        self.again.setIcon(icon("again"))
        self.again.setEnabled(self.take.log is not None)
        self.again.setAccessibleName(texts.PAINT_AGAIN)
        self.again.setToolTip(
            texts.paint_again_tip(command(self.take.log))
            if self.take.log is not None
            else texts.NO_LOG
        )


class _Picture(Button):
    """A picture of the take; a click plays it."""

    def __init__(self, take: KeptTake) -> None:
        super().__init__(role="slot")
        self._pixmap = QPixmap()
        self._pixmap.loadFromData(take.thumbnail)
        self.setFixedSize(PICTURE)
        self.setAccessibleName(texts.play(take.path.name))
        self.setToolTip(texts.play(take.path.name))

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802  Qt's name
        """The picture in round corners, and a sign to play while the mouse is there."""
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), RADIUS, RADIUS)
        painter.setClipPath(shape)
        painter.fillRect(self.rect(), colour("raised"))
        painter.drawPixmap(_within(self._pixmap, QRectF(self.rect())), self._pixmap, QRectF())
        if self.underMouse() or self.hasFocus() or self._pixmap.isNull():
            middle = self.rect().center()
            painter.setOpacity(0.7)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("window"))
            painter.drawEllipse(middle, 13, 13)
            painter.setOpacity(1.0)
            icon("play", "text").paint(painter, middle.x() - 7, middle.y() - 7, 16, 16)
        painter.end()


class TakeRows(QWidget):
    """As many rows as there are takes."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID)
        self.rows: list[TakeRow] = []
        self._nothing = label(texts.NOTHING_KEPT, "caption")
        self._column.addWidget(self._nothing)

    def show_takes(self, takes: tuple[KeptTake, ...]) -> None:
        """Follow the folder; rows of takes that stay are left alone."""
        old = {row.take: row for row in self.rows}
        self.rows = [old.pop(take) if take in old else TakeRow(take) for take in takes]
        for gone in old.values():
            self._column.removeWidget(gone)
            gone.deleteLater()
        for place, row in enumerate(self.rows):
            self._column.insertWidget(place, row)
        self._nothing.setVisible(not takes)


def open_with_desktop(path: Path) -> None:
    """A movie with the desktop's player, a folder with its file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def command(log: Path) -> str:
    """What paints a take again, for a terminal."""
    return f"traumer-live rerender {shlex.quote(str(log))} --size 2160 --fps 60"


def when(changed_s: float, now: datetime | None = None) -> str:
    """Such as ``Today 23:41`` or ``3 Feb 23:41``."""
    then, now = datetime.fromtimestamp(changed_s), now or datetime.now()
    day = texts.TODAY if then.date() == now.date() else f"{then.day} {then:%b}"
    return f"{day} {then:%H:%M}"


def told(take: KeptTake) -> str:
    """Length and size, such as ``3:12 · 14 MB``."""
    if not take.seconds:
        return texts.NOT_PLAYABLE
    minutes, seconds = divmod(round(take.seconds), 60)
    hours, minutes = divmod(minutes, 60)
    length = f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
    return f"{length} · {texts.size(take.file_size)} · {take.size[0]}×{take.size[1]}"


def _within(picture: QPixmap, frame: QRectF) -> QRectF:
    """Where the whole picture lies, neither stretched nor cut."""
    if picture.isNull():
        return frame
    scale = min(frame.width() / picture.width(), frame.height() / picture.height())
    width, height = picture.width() * scale, picture.height() * scale
    return QRectF((frame.width() - width) / 2, (frame.height() - height) / 2, width, height)
