"""The last pictures in a row: which one goes with this music?

In: pictures, the newest last.  Out: the one that was chosen.  Thread: GUI.
A click or its number chooses; any other key closes.
"""

from __future__ import annotations

from functools import partial

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QIcon, QImage, QKeyEvent, QPixmap
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from traumer_live.app.texts import teach as texts
from traumer_live.app.theme import GRID
from traumer_live.app.widgets import Button, label
from traumer_live.core.types import SHOW_RATE, Pixels
from traumer_live.engine.shown import Picture

MOST = 8  # pictures; the numbers are keys
SIDE = 112  # px of a picture's height


class TeachStrip(QFrame):
    """A sheet over the studio."""

    chosen = pyqtSignal(object)  # Picture

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)  # a picture inside would cover a child
        self.setProperty("role", "sheet")
        self._pictures: tuple[Picture, ...] = ()
        self.buttons: list[Button] = []
        self._row = QHBoxLayout()
        self._row.setSpacing(GRID)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        whole.setSpacing(GRID)
        whole.addWidget(label(texts.TITLE, "title"))
        whole.addLayout(self._row)
        self.hide()

    def offer(self, pictures: tuple[Picture, ...]) -> None:
        """Show the last of ``pictures`` in the middle of the studio."""
        self._pictures = pictures[-self._most(pictures) :] if pictures else ()
        for button in self.buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        newest = self._pictures[-1].sample_index if self._pictures else 0
        self.buttons = [
            self._button(number, picture, newest)
            for number, picture in enumerate(self._pictures, 1)
        ]
        for button in self.buttons:
            self._row.addWidget(button)
        parent = self.parentWidget()
        if self._pictures and parent is not None:
            self.adjustSize()
            middle = parent.rect().center() - self.rect().center()
            self.move(parent.mapToGlobal(middle))
            self.show()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802  Qt's name
        """A number chooses; anything else goes back to the show."""
        number = event.key() - Qt.Key.Key_0 if event is not None else 0
        if 1 <= number <= len(self._pictures):
            self._choose(self._pictures[number - 1])
        else:
            self.hide()

    def _most(self, pictures: tuple[Picture, ...]) -> int:
        """How many lie beside each other within the studio; wide ones are fewer."""
        parent = self.parentWidget()
        height, width = pictures[-1].pixels.shape[:2]
        each: int = SIDE * width // height + 2 * GRID
        room = (parent.width() if parent is not None else 0) - 4 * GRID
        return min(max(room // each, 1), MOST)

    def _choose(self, picture: Picture) -> None:
        self.hide()
        self.chosen.emit(picture)

    def _button(self, number: int, picture: Picture, newest: int) -> Button:
        ago = round((newest - picture.sample_index) / SHOW_RATE)
        button = Button(role="still")
        made = _pixmap(picture.pixels)
        button.setIcon(QIcon(made))
        button.setIconSize(made.size())
        button.setFixedSize(made.size() + QSize(GRID, GRID))
        button.setToolTip(texts.picture_tip(number, ago))
        button.setAccessibleName(texts.picture(number, ago))
        button.clicked.connect(partial(self._choose, picture))
        return button


def _pixmap(pixels: Pixels) -> QPixmap:
    """(H, W, 4) as high as the strip."""
    height, width = pixels.shape[:2]
    image = QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return QPixmap.fromImage(image).scaledToHeight(SIDE, Qt.TransformationMode.SmoothTransformation)
