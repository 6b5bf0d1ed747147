"""TIMING: how much later or sooner the picture shall be than the program would have it.

In: the desk.  Out: changes of the latency offset; a flashing disc and clicks to find it by.
Thread: GUI; the output that clicks is opened on the desk's errand thread.
"""

from __future__ import annotations

from traumer_live.app.desk import Desk
from traumer_live.app.projector import Projector
from traumer_live.app.slider_row import SliderRow
from traumer_live.app.texts import sound as texts
from traumer_live.app.turnable import turnable
from traumer_live.app.widgets import Button, Card, label
from traumer_live.audio.clicks import Clicks
from traumer_live.core.controls import Controls
from traumer_live.core.types import SHOW_RATE
from traumer_live.engine.timing import CLICK_EVERY_S, FlashDisc

OFFSET = turnable("latency_ms", texts.OFFSET, "ms", digits=0, steps=200)
NO_CLICK_S = 5.0  # of clicks that are not heard, before that is told


class TimingCard(Card):
    """The latency offset, and the screen to find it by."""

    def __init__(self, desk: Desk, projector: Projector) -> None:
        super().__init__(texts.TIMING)
        self._desk, self._projector = desk, projector
        self._clicks: Clicks | None = None
        self._began = 0  # show time at which the clicks began
        self.adjust = Button(texts.ADJUST.name, role="small", checkable=True)
        self.adjust.setToolTip(texts.ADJUST.tip)
        self.adjust.clicked.connect(self._switch)
        self.head.addWidget(self.adjust)
        self.offset = SliderRow(OFFSET)
        self.offset.turned.connect(lambda value: desk.change(latency_ms=round(value)))
        self._meaning = label("", "caption")
        self._meaning.setWordWrap(True)
        self.body.addWidget(self.offset)
        self.body.addWidget(self._meaning)
        desk.controls_changed.connect(self.show_controls)
        desk.status_changed.connect(self._look)
        self.show_controls(desk.controls)

    @property
    def is_adjusting(self) -> bool:
        """Whether the disc is seen in place of the pictures."""
        return self._projector.disc is not None

    def show_controls(self, controls: Controls) -> None:
        """Follow the board."""
        if not self.offset.edit.hasFocus():
            self.offset.show_value(controls.latency_ms)
        self._look()

    def stop(self) -> None:
        """Back to the pictures."""
        clicks, self._clicks = self._clicks, None
        self._projector.disc = None
        self.adjust.setChecked(False)
        if clicks is not None:
            self._desk.errands.run(clicks.stop)
        self._look()

    def _switch(self, on: bool) -> None:
        if not on:
            self.stop()
            return
        self._projector.disc = FlashDisc()
        self._began = self._now
        self._clicks = Clicks(CLICK_EVERY_S)
        self._desk.errands.run(self._clicks.start)
        self.offset.slider.setFocus()  # the arrows turn it, 5 ms a press
        self._look()

    @property
    def _now(self) -> int:
        thought = self._desk.show.thought
        return thought.sample_index if thought else 0

    def _look(self, _: object = None) -> None:
        disc = self._projector.disc
        words = meaning(self._desk.controls.latency_ms)
        if disc is not None:
            since = disc.heard_at or self._began
            is_deaf = self._now - since > NO_CLICK_S * SHOW_RATE
            words = f"{texts.DEAF if is_deaf else texts.TURN} {words}"
        self._meaning.setText(words)


def meaning(latency_ms: float) -> str:
    """The offset in words."""
    if latency_ms > 0:
        return texts.later(latency_ms)
    if latency_ms < 0:
        return texts.foreseen(-latency_ms)
    return texts.AS_SOON_AS_CAN_BE
