"""RECORD: begin and end a take, how good it is, how long the disk lasts, and the last takes.

In: the desk.  Out: takes begun and ended, the folder and the quality for them.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtWidgets import QFileDialog, QHBoxLayout

from traumer_live.app.desk import Desk
from traumer_live.app.take_rows import TakeRows, open_with_desktop
from traumer_live.app.texts import take as texts
from traumer_live.app.texts.common import Words
from traumer_live.app.theme import GRID, icon
from traumer_live.app.widgets import Button, Card, Segments, label
from traumer_live.engine.status import RecordingStatus, ShowStatus
from traumer_live.video.qualities import QUALITIES
from traumer_live.video.recorder import MIN_FREE_BYTES


class RecordCard(Card):
    """The take."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(texts.TITLE)
        self._desk = desk
        self.button = Button(texts.RECORD.name, role="record", checkable=True)
        self.button.setToolTip(texts.RECORD.tip)
        self.button.clicked.connect(self._clicked)
        self.qualities = Segments(
            {q.name: Words(q.name.capitalize(), f"{q.meaning}.") for q in QUALITIES.values()}
        )
        self.qualities.chosen.connect(lambda name: desk.takes.want(quality=name))
        self.hardware = Button(role="small", checkable=True)
        self.hardware.clicked.connect(lambda on: desk.takes.want(hardware=on))
        self.folder = _symbol("folder", texts.CHOOSE_FOLDER)
        self.folder.clicked.connect(self._ask_folder)
        self.open = Button(texts.OPEN_FOLDER, role="small")
        self.open.clicked.connect(lambda: open_with_desktop(desk.record_folder))
        self.rows = TakeRows()
        self._facts = label("", "quiet")
        self._meaning = label("", "caption")
        self._arrange()
        self._show_folder()
        desk.takes.changed.connect(self.show_takes)
        self.show_takes()
        desk.status_changed.connect(self.show_status)

    def show_status(self, status: ShowStatus) -> None:
        """Follow the take."""
        take = status.recording
        self.button.setChecked(take is not None)
        self.button.setIcon(icon("stop", "window") if take else icon("record", "danger"))
        self.button.setText(texts.stop(clock(take.seconds)) if take else texts.RECORD.name)
        self._facts.setText(facts(take, self._desk.disk_free))

    def show_takes(self) -> None:
        """Follow the wish, the hardware and the folder."""
        takes = self._desk.takes
        self.rows.show_takes(takes.kept)
        self.qualities.show_choice(takes.wish.quality)
        self._meaning.setText(QUALITIES[takes.wish.quality].meaning)
        self.hardware.setVisible(bool(takes.hardware))
        self.hardware.setText(texts.HARDWARE)
        self.hardware.setChecked(takes.wish.hardware)
        self.hardware.setToolTip(texts.hardware_tip(takes.hardware))

    def _arrange(self) -> None:
        room = QHBoxLayout()
        room.addWidget(self._facts, 1)
        room.addWidget(self.folder)
        meaning = QHBoxLayout()
        meaning.addWidget(self._meaning, 1)
        meaning.addWidget(self.hardware)
        last = QHBoxLayout()
        last.addWidget(label(texts.LAST_TAKES, "title"), 1)
        last.addWidget(self.open)
        self.body.addWidget(self.button)
        self.body.addLayout(room)
        self.body.addWidget(self.qualities)
        self.body.addLayout(meaning)
        self.body.addSpacing(GRID)
        self.body.addLayout(last)
        self.body.addWidget(self.rows)

    def _clicked(self) -> None:
        self.button.setChecked(self._desk.recording)  # until the take has really begun or ended
        self._desk.toggle_recording()

    def _ask_folder(self) -> None:
        dialog = QFileDialog(
            self.window(), texts.CHOOSE_FOLDER_TITLE, str(self._desk.record_folder)
        )
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._chose_folder)
        dialog.open()  # the show goes on behind it

    def _chose_folder(self, folder: str) -> None:
        self._desk.choose_folder(folder)
        self._show_folder()

    def _show_folder(self) -> None:
        self.folder.setToolTip(texts.folder_tip(self._desk.record_folder))
        self.open.setToolTip(texts.open_tip(self._desk.record_folder))


def clock(seconds: float) -> str:
    """Such as ``00:12:31``."""
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def facts(take: RecordingStatus | None, disk_free: int) -> str:
    """Size of the take and how long the disk lasts; or what the disk holds."""
    free = texts.free(texts.size(disk_free)) if disk_free else ""
    if take is None:
        return free
    left = minutes_left(take, disk_free)
    room = texts.left(left) if left is not None else free
    return " · ".join(part for part in (texts.size(take.megabytes * 1e6), room) if part)


def minutes_left(take: RecordingStatus, disk_free: int) -> float | None:
    """How long until the take ends by itself, at its present rate; None while that is unknown."""
    if take.seconds < 5 or take.megabytes <= 0 or not disk_free:
        return None
    room = max(disk_free - MIN_FREE_BYTES, 0)
    return room / (take.megabytes * 1e6 / take.seconds) / 60


def _symbol(name: str, words: str) -> Button:
    button = Button(role="icon")
    button.setIcon(icon(name))
    button.setAccessibleName(words)
    return button
