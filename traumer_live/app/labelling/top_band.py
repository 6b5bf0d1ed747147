"""What is heard: the clip's name, character and wave; beside it the library as a map.

In: Asked, sound, Progress.  Out: clips that are clicked.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QFontMetrics, QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from traumer_live.app.labelling.desk import LabellingDesk
from traumer_live.app.labelling.library_map import LibraryMap
from traumer_live.app.labelling.waveform import Waveform
from traumer_live.app.texts import labelling as texts
from traumer_live.app.texts.common import beats_per_minute
from traumer_live.app.theme import GRID
from traumer_live.app.widgets import label
from traumer_live.core.types import Array
from traumer_live.labelling.asking import Asked
from traumer_live.labelling.label import Clip
from traumer_live.labelling.library import Progress

HEIGHT = 96
MAP_WIDTH = 288
TAGS = 3
LEAST_NAME = 120  # px of the clip's name before its character gives way
LOOK_MS = 500  # how often it is looked whether there is an output


class TopBand(QFrame):
    """One band above the wall."""

    def __init__(self, desk: LabellingDesk) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setFixedHeight(HEIGHT)
        self._desk = desk
        self._name = self._character = ""  # whole
        self.name = label("", "figure")
        self.when = label("", "quiet")
        self.character = label("", "caption")
        self.silent = label("", "warning")
        self.scan = label("", "caption")
        self.wave = Waveform(lambda: desk.player.share)
        self.map = LibraryMap()
        self._arrange()
        desk.asked.connect(self.show_asked)
        desk.heard.connect(self.show_sound)
        desk.scanned.connect(self.show_scan)
        desk.covered.connect(self.map.show_coverage)
        desk.labels_changed.connect(self._show_labels)
        self.map.heard.connect(desk.hear)
        self.map.asked.connect(desk.ask_for)
        self._look = QTimer(self)
        self._look.timeout.connect(self._show_output)
        self._look.start(LOOK_MS)

    def show_asked(self, asked: Asked | None) -> None:
        """Another clip."""
        self.map.show_clip(asked.clip if asked else None)
        if asked is None:
            self.when.setText("")
            self._tell("", "")
            self.wave.show_sound(None)

    def show_sound(self, clip: Clip, sound: Array) -> None:
        """What plays: the clip that is asked for, or one of the map."""
        self.when.setText(f"{_minutes(clip.start_s)} – {_minutes(clip.start_s + clip.length_s)}")
        workshop = self._desk.workshop
        names = workshop.tag_names if workshop else ()
        self._tell(clip.piece, character(clip, names))
        self.wave.show_sound(sound)

    def show_scan(self, progress: Progress) -> None:
        """How far the scan is."""
        labels = len(self._desk.store.labels)
        told = texts.scanned(labels, progress.clips)
        if progress.state == "scanning":
            told = texts.scanning(labels, progress.clips, progress.done, progress.files)
        self.scan.setText(told)
        self.scan.setToolTip(texts.left_out(progress.skipped))

    def _show_labels(self) -> None:
        self.map.show_labelled({known.clip.key for known in self._desk.store.labels})
        self.show_scan(self._desk.progress)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802  Qt's name
        """More or less room for words."""
        super().resizeEvent(event)
        self._fit()

    def _tell(self, name: str, character: str) -> None:
        self._name, self._character = name, character
        self.name.setToolTip(name)
        self.character.setToolTip(character)
        self._fit()

    def _fit(self) -> None:
        """The clip's name and its character share the room that the others leave."""
        taken = sum(other.sizeHint().width() for other in (self.when, self.silent)) + 12 * GRID
        room = max(self.width() - MAP_WIDTH - taken, 0)
        name, character = (QFontMetrics(part.font()) for part in (self.name, self.character))
        for_name = max(room - character.horizontalAdvance(self._character), min(LEAST_NAME, room))
        middle, right = Qt.TextElideMode.ElideMiddle, Qt.TextElideMode.ElideRight
        self.name.setText(name.elidedText(self._name, middle, for_name))
        room -= name.horizontalAdvance(self.name.text())
        self.character.setText(character.elidedText(self._character, right, room))

    def _show_output(self) -> None:
        words = texts.SILENT if self._desk.player.audible is False else ""
        if words != self.silent.text():
            self.silent.setText(words)
            self._fit()

    def _arrange(self) -> None:
        whole = QHBoxLayout(self)
        whole.setContentsMargins(2 * GRID, GRID, GRID, GRID)
        whole.setSpacing(2 * GRID)
        left = QVBoxLayout()
        left.setSpacing(GRID // 2)
        head = QHBoxLayout()
        head.setSpacing(GRID + 4)
        head.addWidget(self.name)
        head.addWidget(self.when)
        head.addStretch()
        head.addWidget(self.silent)
        head.addWidget(self.character)
        left.addLayout(head)
        left.addWidget(self.wave, 1)
        whole.addLayout(left, 1)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.scan)
        right.addWidget(self.map, 1)
        self.map.setFixedWidth(MAP_WIDTH - GRID)
        whole.addLayout(right)


def character(clip: Clip, tag_names: tuple[str, ...]) -> str:
    """What a clip is like, in words and numbers: tags, tempo, mode, loudness."""
    strongest = clip.tags.argsort()[::-1][:TAGS]
    parts = [tag_names[k] for k in strongest if k < len(tag_names)]
    measured = clip.attributes
    if measured is not None:
        if measured.tempo:
            parts.append(beats_per_minute(measured.tempo))
        parts.append(texts.MAJOR if measured.mode > 0 else texts.MINOR)
        parts.append(texts.loudness(measured.loudness))
    return "  ·  ".join(parts)


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
