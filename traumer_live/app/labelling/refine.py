"""Refining the picture that is looked at: brighter, warmer, richer, livelier, or mixed of two.

In: clicks.  Out: calls of Pictures.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from traumer_live.app.labelling.pictures import Pictures
from traumer_live.app.texts import labelling as texts
from traumer_live.app.texts.common import Words
from traumer_live.app.widgets import Button

KEYS = {"brightness": "B", "warmth": "W", "colour": "C", "liveliness": "V"}  # with Shift: less


class Refine(QWidget):
    """Two buttons for each axis, and three for the rest."""

    def __init__(self, pictures: Pictures) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        for row, (axis, key) in enumerate(KEYS.items()):
            less, more = texts.AXES[axis]
            for column, (end, by, cap) in enumerate(
                ((less, -1.0, f"Shift+{key}"), (more, 1.0, key))
            ):
                button = quiet_button(texts.one_step(end, cap))
                button.clicked.connect(lambda _=False, axis=axis, by=by: pictures.nudge(axis, by))
                grid.addWidget(button, row, column)
        self.mix = quiet_button(texts.MIX)
        self.mix.clicked.connect(pictures.mix)
        self.restore = quiet_button(texts.RESTORE)
        self.restore.clicked.connect(pictures.restore)
        grid.addWidget(self.mix, len(KEYS), 0, 1, 2)
        self.alike = quiet_button(texts.ALIKE)
        self.alike.clicked.connect(pictures.more_like_this)
        grid.addWidget(self.alike, len(KEYS) + 1, 0)
        grid.addWidget(self.restore, len(KEYS) + 1, 1)


def quiet_button(words: Words, role: str = "nudge") -> Button:
    """A button that leaves the keys to the window."""
    button = Button(words.name, role=role)
    button.setToolTip(words.tip)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
