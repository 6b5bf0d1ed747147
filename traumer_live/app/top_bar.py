"""The top bar: is it hearing, what does it think it hears, and how smoothly does it dream?

In: the desk's status.  Out: the source chooser, the meter, tags, pictures a second.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy

from traumer_live.app.desk import Desk
from traumer_live.app.labelling.beside_show import BesideShow
from traumer_live.app.meter import LevelMeter
from traumer_live.app.source_chooser import WIDTH, SourceChooser
from traumer_live.app.texts import top_bar as texts
from traumer_live.app.texts.common import frames_per_second
from traumer_live.app.theme import GAP, GRID, icon
from traumer_live.app.widgets import Button, label
from traumer_live.engine.status import ShowStatus

HEIGHT = 44
NARROW = 980  # px; below it the source has less room and labelling waits for a wider window
NARROW_SOURCE = 160  # px
LEAST_TAGS = 60  # px, or they are not worth it


class TopBar(QFrame):
    """One line above everything."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("topBar")
        self.setFixedHeight(HEIGHT)
        self.source = SourceChooser(desk)
        self.meter = LevelMeter(desk)
        self.tags = label("", "text")
        self.tags.setToolTip(texts.TAGS_TIP)
        self.tags.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._tags = ""  # all of them
        self.fps = label("", "text")
        self.fps.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.labelling = BesideShow(desk, self)
        self.label = Button(texts.LABELLING.name, role="source")
        self.label.setToolTip(texts.LABELLING.tip)
        self.label.clicked.connect(self.labelling.ask)
        self.teach = Button(texts.TEACH.name, role="source", checkable=True)
        self.teach.setIcon(icon("teach"))
        self.teach.setToolTip(texts.TEACH.tip)
        self.teach.clicked.connect(self._clicked_teach)
        self._lessons = desk.lessons
        self.help = Button(role="icon")
        self.help.setIcon(icon("help"))
        self.help.setAccessibleName(texts.HELP.name)
        self.help.setToolTip(texts.HELP.tip)
        self._arrange()
        desk.status_changed.connect(self.show_status)

    def show_status(self, status: ShowStatus) -> None:
        """Follow the show."""
        self._tags = "   ·   ".join(name for name, _ in status.tags)
        self._show_tags()
        self.teach.setChecked(bool(status.teaching))
        self.teach.setText(texts.LEARNING if status.teaching else texts.TEACH.name)
        self.fps.setText(frames_per_second(status.fps, digits=1))
        self.fps.setToolTip(texts.fps_tip(status.p95_ms, status.dropped))

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802  Qt's name
        """Nothing lies upon something else, however narrow the window is."""
        super().resizeEvent(event)
        is_narrow = self.width() < NARROW
        self.source.setFixedWidth(NARROW_SOURCE if is_narrow else WIDTH)
        self.label.setVisible(not is_narrow)
        self._show_tags()

    def _show_tags(self) -> None:
        room, measure = self.tags.width(), self.tags.fontMetrics()
        words = measure.elidedText(self._tags, Qt.TextElideMode.ElideRight, room)
        self.tags.setText(words if room >= LEAST_TAGS else "")

    def _clicked_teach(self) -> None:
        self.teach.setChecked(False)  # lit while it is learnt
        self._lessons.teach()

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, 0, GAP, 0)
        row.setSpacing(GRID)
        row.addWidget(self.source)
        row.addSpacing(GRID)
        row.addWidget(self.meter)
        row.addSpacing(3 * GRID)
        row.addWidget(self.tags, 1)
        row.addWidget(self.teach)
        row.addWidget(self.label)
        row.addSpacing(GRID)
        row.addWidget(self.fps)
        row.addSpacing(GRID)
        row.addWidget(self.help)
