"""TIMING: how much later or sooner the picture shall be than the program would have it.

In: the desk.  Out: changes of the latency offset.  Thread: GUI.
"""

from __future__ import annotations

from traumer_live.app.desk import Desk
from traumer_live.app.slider_row import SliderRow, turnable
from traumer_live.app.widgets import Card, label
from traumer_live.core.controls import Controls

OFFSET = turnable(
    "latency_ms",
    "Picture",
    "ms",
    "Above 0 the picture waits: for sound that reaches the audience late, as from Bluetooth.\n"
    "Below 0 the beat is foreseen by its tempo: for slow projectors. Attacks cannot be foreseen.",
    digits=0,
    steps=200,
)


class TimingCard(Card):
    """The latency offset."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("TIMING")
        self.offset = SliderRow(OFFSET)
        self.offset.turned.connect(lambda value: desk.change(latency_ms=round(value)))
        self._meaning = label("", "caption")
        self._meaning.setWordWrap(True)
        self.body.addWidget(self.offset)
        self.body.addWidget(self._meaning)
        desk.controls_changed.connect(self.show_controls)
        self.show_controls(desk.controls)

    def show_controls(self, controls: Controls) -> None:
        """Follow the board."""
        if not self.offset.edit.hasFocus():
            self.offset.show_value(controls.latency_ms)
        self._meaning.setText(meaning(controls.latency_ms))


def meaning(latency_ms: float) -> str:
    """The offset in words."""
    if latency_ms > 0:
        return f"Everything is seen {latency_ms:.0f} ms later."
    if latency_ms < 0:
        return f"The beat is foreseen by {-latency_ms:.0f} ms; attacks come as soon as they can."
    return "Everything is seen as soon as it can be."
