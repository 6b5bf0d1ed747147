"""TASTE: the fader between the two people of a blended mapping; hidden while one alone plays.

In: the desk.  Out: the running show a little more the one's or the other's.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtCore import QTimer

from traumer_live.app.desk import Desk
from traumer_live.app.slider_row import SliderRow
from traumer_live.app.texts import why as texts
from traumer_live.app.turnable import Turnable
from traumer_live.app.widgets import Card, label
from traumer_live.engine.status import ShowStatus

PAUSE_MS = 250  # between two changes of the mapping; each fades for two seconds

SHARE = Turnable(
    "share",
    texts.SHARE.name,
    0.0,
    1.0,
    0.5,
    "%",
    texts.SHARE.tip,
    scale=100.0,
    digits=0,
)


class TasteCard(Card):
    """One slider."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(texts.TASTE)
        self._desk = desk
        self.whose = label("", "caption")
        self.whose.setWordWrap(True)
        self.row = SliderRow(SHARE)
        self.body.addWidget(self.whose)
        self.body.addWidget(self.row)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._blend)
        self.row.turned.connect(lambda _: self._pause.isActive() or self._pause.start())
        desk.status_changed.connect(self.show_status)
        self.hide()

    def show_status(self, status: ShowStatus) -> None:
        """Follow the show: other models may play by now."""
        pack = self._desk.show.models.pack
        blended = pack is not None and pack.second is not None
        self.setVisible(blended)
        if pack is None or not blended or self._pause.isActive() or self.row.slider.isSliderDown():
            return
        self.whose.setText(pack.header.get("author") or pack.header.get("labels_by", ""))
        self.row.show_value(pack.share)

    def _blend(self) -> None:
        show = self._desk.show
        show.change_mapping(show.next_models.blended(self.row.value))
