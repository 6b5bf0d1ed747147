"""KNOBS: every knob of the look that is played, as its shaders declare them.

In: the desk, the library of looks.  Out: changes of the look's knobs.  Thread: GUI.
A look's file says where its knobs stand; what is turned here belongs to the scene.
"""

from __future__ import annotations

from PyQt6.QtWidgets import QVBoxLayout, QWidget

from traumer_live.app.desk import Desk
from traumer_live.app.slider_row import SliderRow
from traumer_live.app.texts import look as texts
from traumer_live.app.theme import GRID
from traumer_live.app.turnable import Turnable
from traumer_live.app.widgets import Button, Card, label
from traumer_live.core.controls import Controls
from traumer_live.core.errors import TraumerError
from traumer_live.video.looks import Library
from traumer_live.video.looks_steps import Knob

UNITS = {"deg": "°", "deg/s": "°/s", "x": "×", "stops": "EV"}  # short ones for the row


class KnobsCard(Card):
    """One row for each knob, grouped by the steps of the look."""

    def __init__(self, desk: Desk, library: Library | None = None) -> None:
        super().__init__(texts.KNOBS)
        self._desk = desk
        self._library = library or Library()
        self._look = ""
        self.rows: dict[str, SliderRow] = {}  # "step.knob" -> row
        self._body: QWidget | None = None
        self.reset = Button(texts.RESET.name, role="small")
        self.reset.setToolTip(texts.RESET.tip)
        self.reset.clicked.connect(self._reset)
        self.head.addWidget(self.reset)
        desk.controls_changed.connect(self.show_controls)
        self.show_controls(desk.controls)

    def show_controls(self, controls: Controls) -> None:
        """Follow the board: another look has other knobs."""
        if controls.look != self._look:
            self._look = controls.look
            self._build()
        turned = controls.look_knobs
        for name, row in self.rows.items():
            if not row.edit.hasFocus():
                row.show_value(turned.get(f"{self._look}/{name}", row.what.default))
        self.reset.setEnabled(any(name.startswith(f"{self._look}/") for name in turned))

    def _build(self) -> None:
        if self._body is not None:
            self.body.removeWidget(self._body)
            self._body.deleteLater()
        self.rows = {}
        self._body = QWidget()
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        step = ""
        for name, knob, at in self._knobs():
            if name.partition(".")[0] != step:
                step = name.partition(".")[0]
                column.addSpacing(GRID // 2)
                column.addWidget(label(_spoken(step), "caption"))
            row = self.rows[name] = SliderRow(_turnable(name, knob, at))
            row.turned.connect(lambda value, name=name: self._turn(name, value))
            column.addWidget(row)
        self.body.addWidget(self._body)

    def _knobs(self) -> list[tuple[str, Knob, float]]:
        try:
            return list(self._library.look(self._look).knobs())
        except TraumerError:
            return []  # its mistake is told by a badge

    def _turn(self, name: str, value: float) -> None:
        key = f"{self._look}/{name}"
        turned = {k: v for k, v in self._desk.controls.look_knobs.items() if k != key}
        if value != self.rows[name].what.default:
            turned[key] = round(value, 6)
        self._desk.change(look_knobs=turned)

    def _reset(self) -> None:
        turned = self._desk.controls.look_knobs
        others = {k: v for k, v in turned.items() if not k.startswith(f"{self._look}/")}
        self._desk.change(look_knobs=others)


def _turnable(name: str, knob: Knob, at: float) -> Turnable:
    reach = knob.high - knob.low
    return Turnable(
        control=name,
        name=_spoken(knob.name),
        low=knob.low,
        high=knob.high,
        default=at,
        unit=UNITS.get(knob.unit, knob.unit),
        tip=texts.knob_tip(knob.meaning),
        digits=0 if reach >= 50 else 2 if reach >= 0.5 else 3,
        steps=200,
    )


def _spoken(name: str) -> str:
    return name.replace("_", " ").capitalize()
