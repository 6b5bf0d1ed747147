"""Refining the picture that is looked at: brighter, warmer, richer, livelier, or mixed of two.

In: clicks.  Out: calls of Pictures.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QGridLayout, QWidget

from traumer_live.app.labelling.pictures import Pictures
from traumer_live.app.widgets import Button

ROWS = (  # axis, less, more, key
    ("brightness", "Darker", "Brighter", "B"),
    ("warmth", "Cooler", "Warmer", "W"),
    ("colour", "Less colour", "More colour", "C"),
    ("liveliness", "Calmer", "Livelier", "V"),
)


class Refine(QWidget):
    """Two buttons for each axis, and three for the rest."""

    def __init__(self, pictures: Pictures) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        for row, (axis, less, more, key) in enumerate(ROWS):
            for column, (words, by, cap) in enumerate(
                ((less, -1.0, f"Shift+{key}"), (more, 1.0, key))
            ):
                button = quiet_button(words, f"{words}: one step.\nKey: {cap}")
                button.clicked.connect(lambda _=False, axis=axis, by=by: pictures.nudge(axis, by))
                grid.addWidget(button, row, column)
        self.mix = quiet_button(
            "Shape of ①, these colours",
            "Coarse and middle rows of the first marked picture, fine rows of this one.\nKey: X",
        )
        self.mix.clicked.connect(pictures.mix)
        self.restore = quiet_button("Restore", "Take the refinements back.\nKey: R")
        self.restore.clicked.connect(pictures.restore)
        grid.addWidget(self.mix, len(ROWS), 0, 1, 2)
        self.alike = quiet_button("More like this", "Another screen, around this picture.\nKey: L")
        self.alike.clicked.connect(pictures.more_like_this)
        grid.addWidget(self.alike, len(ROWS) + 1, 0)
        grid.addWidget(self.restore, len(ROWS) + 1, 1)


def quiet_button(words: str, tip: str, role: str = "nudge") -> Button:
    """A button that leaves the keys to the window."""
    button = Button(words, role=role)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
