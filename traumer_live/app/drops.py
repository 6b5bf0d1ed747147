"""Files dropped anywhere on the studio: models are opened, sound is played,
scenes are kept.

In: drag and drop events of the window and of the picture inside it.  Out: paths.  Thread: GUI.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QEvent, QObject, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

SOUND_ENDINGS = frozenset(
    f".{ending}"
    for ending in ("wav", "flac", "mp3", "m4a", "aac", "ogg", "opus", "aif", "aiff", "wma",
                   "mp4", "mkv", "mov", "webm")
)  # fmt: skip

SCENES_ENDING = ".toml"


class Drops(QObject):
    """Watches objects that files may be dropped on."""

    hovering = pyqtSignal(bool)  # a file hangs over the window

    def __init__(
        self,
        *,
        model: Callable[[Path], None],
        sound: Callable[[Path], None],
        scenes: Callable[[Path], None],
    ) -> None:
        super().__init__()
        self._model, self._sound, self._scenes = model, sound, scenes

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802  Qt's name
        """Take what can be taken; everything else goes its way."""
        if isinstance(event, QDropEvent) and not isinstance(event, QDragMoveEvent):
            return self._dropped(event)
        if isinstance(event, QDragEnterEvent | QDragMoveEvent):
            if local_files(event):
                event.acceptProposedAction()
                self.hovering.emit(True)
            return True
        if event is not None and event.type() == QEvent.Type.DragLeave:
            self.hovering.emit(False)
        return False

    def _dropped(self, event: QDropEvent) -> bool:
        self.hovering.emit(False)
        event.acceptProposedAction()
        for path in local_files(event):
            self._taker(path)(path)
        return True

    def _taker(self, path: Path) -> Callable[[Path], None]:
        ending = path.suffix.lower()
        if ending == SCENES_ENDING:
            return self._scenes
        return self._sound if ending in SOUND_ENDINGS else self._model


def local_files(event: QDropEvent) -> list[Path]:
    """The files of this machine that a drag carries."""
    mime = event.mimeData()
    if mime is None:
        return []
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
