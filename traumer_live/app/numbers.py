"""Rows of sliders that turn numbers of the controls, and follow them.

In: Turnables and the desk.  Out: changes of the board.  Thread: GUI.
"""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtWidgets import QVBoxLayout, QWidget

from traumer_live.app.desk import Desk
from traumer_live.app.slider_row import SliderRow
from traumer_live.app.theme import GRID
from traumer_live.app.turnable import Turnable
from traumer_live.core.controls import Controls


class Numbers(QWidget):
    """One row for each number, below each other."""

    def __init__(self, desk: Desk, numbers: Sequence[Turnable], *, spacing: int = GRID) -> None:
        super().__init__()
        self._desk = desk
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(spacing)
        self.rows = {number.control: SliderRow(number) for number in numbers}
        for name, row in self.rows.items():
            row.turned.connect(lambda value, name=name: desk.change(**{name: value}))
            column.addWidget(row)
        desk.controls_changed.connect(self.show_controls)
        self.show_controls(desk.controls)

    def show_controls(self, controls: Controls) -> None:
        """Follow the board; a number that is being typed is left alone."""
        for name, row in self.rows.items():
            if not row.edit.hasFocus():
                row.show_value(getattr(controls, name))
