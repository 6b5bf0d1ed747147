"""Two labels that disagree, side by side, and what may become of them.

In: the older and the newer label.  Out: the desk settles it.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QPainter, QPaintEvent, QPixmap
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from traumer_live.app.labelling import painting
from traumer_live.app.labelling.desk import LabellingDesk
from traumer_live.app.labelling.refine import quiet_button
from traumer_live.app.labelling.tiles import Tile
from traumer_live.app.texts import labelling as texts
from traumer_live.app.theme import GRID
from traumer_live.app.widgets import label
from traumer_live.labelling.label import Label

SIDE = 72  # px


class Disagreement(QFrame):
    """A strip above the wall's lower edge; it never waits for an answer."""

    def __init__(self, desk: LabellingDesk, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "badge")
        self._desk = desk
        self._labels: tuple[Label, Label] | None = None
        self._pictures = (_Small(), _Small())
        self._words = label("")
        self._words.setWordWrap(True)
        keep = quiet_button(texts.KEEP_BOTH, "")
        keep.clicked.connect(self.keep_both)
        only = quiet_button(texts.KEEP_NEWER, "")
        only.clicked.connect(self.keep_newer)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, GRID, 2 * GRID, GRID)
        row.setSpacing(GRID)
        for small in self._pictures:
            row.addWidget(small)
        words = QVBoxLayout()
        words.addWidget(self._words, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(keep)
        buttons.addWidget(only)
        buttons.addStretch()
        words.addLayout(buttons)
        row.addLayout(words, 1)
        desk.contradiction.connect(self.show_labels)
        desk.pictures.tile_changed.connect(self._show_tile)
        self.hide()

    def show_labels(self, labels: tuple[Label, Label] | None) -> None:
        """Show two labels, or go."""
        self._labels = labels
        self.setVisible(labels is not None)
        if labels is None:
            return
        older, newer = labels
        same = older.clip.key == newer.clip.key
        clip = texts.THIS_CLIP if same else texts.sounds_alike(older.clip.piece)
        self._words.setText(texts.disagreement(clip))
        for small, found in zip(self._pictures, labels, strict=True):
            small.show_tile(self._desk.pictures.favourite(found.picks[0]))
        self.raise_()

    def keep_both(self) -> None:
        """It is no mistake."""
        if self._labels is not None:
            self._desk.settle(None)

    def keep_newer(self) -> None:
        """The older one no longer stands."""
        if self._labels is not None:
            self._desk.settle(self._labels[0])

    def _show_tile(self, tile: Tile) -> None:
        for small in self._pictures:
            if small.tile is tile:
                small.show_tile(tile)


class _Small(QWidget):
    """One picture."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(SIDE, SIDE)
        self.tile: Tile | None = None
        self._picture: QPixmap | None = None

    def show_tile(self, tile: Tile | None) -> None:
        self.tile = tile
        pixels = tile.pixels if tile is not None else None
        self._picture = None if pixels is None else painting.pixmap(pixels)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802  Qt's name
        """The picture alone."""
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        painting.draw(painter, self._picture, QRectF(self.rect()))
        painter.end()
