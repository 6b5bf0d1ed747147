"""RECORD: begin and end a take, how long and how large it is, and what the disk still holds.

In: the desk.  Out: takes begun and ended, the folder for them.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtWidgets import QFileDialog, QHBoxLayout

from traumer_live.app.desk import Desk
from traumer_live.app.theme import icon
from traumer_live.app.widgets import Button, Card, label
from traumer_live.engine.status import RecordingStatus, ShowStatus


class RecordCard(Card):
    """The take."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("RECORD")
        self._desk = desk
        self.button = Button("Record", role="record", checkable=True)
        self.button.setToolTip(
            "Keep what the audience sees and hears as a movie, without the HUD.\nKey: R"
        )
        self.button.clicked.connect(self._clicked)
        self.folder = Button(role="icon")
        self.folder.setIcon(icon("folder"))
        self.folder.clicked.connect(self._ask_folder)
        self._facts = label("", "quiet")
        self.body.addWidget(self.button)
        row = QHBoxLayout()
        row.addWidget(self._facts, 1)
        row.addWidget(self.folder)
        self.body.addLayout(row)
        self._show_folder()
        desk.status_changed.connect(self.show_status)

    def show_status(self, status: ShowStatus) -> None:
        """Follow the take."""
        take = status.recording
        self.button.setChecked(take is not None)
        self.button.setIcon(icon("stop", "text") if take else icon("record", "danger"))
        self.button.setText(f"Stop   {clock(take.seconds)}" if take else "Record")
        self._facts.setText(facts(take, self._desk.disk_free))

    def _clicked(self) -> None:
        self.button.setChecked(self._desk.recording)  # until the take has really begun or ended
        self._desk.toggle_recording()

    def _ask_folder(self) -> None:
        dialog = QFileDialog(self.window(), "Folder for takes", str(self._desk.record_folder))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._chose_folder)
        dialog.open()  # the show goes on behind it

    def _chose_folder(self, folder: str) -> None:
        self._desk.choose_folder(folder)
        self._show_folder()

    def _show_folder(self) -> None:
        self.folder.setToolTip(f"Takes go to {self._desk.record_folder}; click to change.")


def clock(seconds: float) -> str:
    """Such as ``00:12:31``."""
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def facts(take: RecordingStatus | None, disk_free: int) -> str:
    """Size of the take and what the disk still holds."""
    free = f"{size_text(disk_free)} free" if disk_free else ""
    if take is None:
        return free
    left = minutes_left(take, disk_free)
    room = f"{free} · {left_text(left)}" if left is not None else free
    return " · ".join(part for part in (size_text(take.megabytes * 1e6), room) if part)


def minutes_left(take: RecordingStatus, disk_free: int) -> float | None:
    """How long the disk lasts at the take's present rate; None while that is unknown."""
    if take.seconds < 5 or take.megabytes <= 0 or not disk_free:
        return None
    return disk_free / (take.megabytes * 1e6 / take.seconds) / 60


def left_text(minutes: float) -> str:
    """Such as ``9 min left`` or ``12 h left``."""
    return f"{minutes:.0f} min left" if minutes < 120 else f"{minutes / 60:.0f} h left"


def size_text(size: float) -> str:
    """Such as ``4.1 GB``."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
