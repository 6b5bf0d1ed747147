"""The labelling window beside a running show, which takes up each mapping that is fitted there.

In: a click in the studio.  Out: a window; the show with another mapping.  Thread: GUI; the pack is
read on an errand thread.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import tomli_w
from PyQt6.QtCore import QCoreApplication, QObject, QTimer
from PyQt6.QtWidgets import QFileDialog, QWidget

from traumer_live.app.desk import Desk
from traumer_live.app.labelling.desk import LabellingDesk
from traumer_live.app.labelling.fitting import Fitted
from traumer_live.app.labelling.window import LabellingWindow
from traumer_live.app.labelling.wishes import Wishes
from traumer_live.app.texts import labelling as texts
from traumer_live.core.errors import ModelError, OutputError, TraumerError
from traumer_live.core.files import written_atomically
from traumer_live.core.paths import config_dir
from traumer_live.engine.models import Choice, Models
from traumer_live.engine.show import Show
from traumer_live.labelling.store import default_store

LOOK_MS = 100
REMEMBERED = "labelling.toml"  # in the user's settings folder: where the music is


class BesideShow(QObject):
    """Opens the window, at most one, and hands its mappings to the show."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self.window: LabellingWindow | None = None
        self._leaving: LabellingWindow | None = None  # hidden, while it finishes what was begun
        self._looks = QTimer(self)
        self._looks.timeout.connect(self._look)
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.finish)  # a window of its own: nobody else closes it

    def ask(self) -> None:
        """Let the operator name their music; the show goes on behind the dialog."""
        if self.window is not None:
            self.window.raise_()
            self.window.activateWindow()
            return
        parent = self.parent()
        dialog = QFileDialog(
            parent.window() if isinstance(parent, QWidget) else None,
            texts.MUSIC_FOLDER_TITLE,
            str(remembered_folder() or Path.home()),
        )
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda folder: self.open(Path(folder)))
        dialog.open()

    def open(self, music: Path, store: Path | None = None) -> LabellingWindow | None:
        """Label the music in a folder; None when it cannot be, which is told."""
        self._look()
        if self._leaving is not None:  # one store has one window
            self._desk.notice.emit(texts.STILL_ENDING)
            return None
        now = self._desk.show.models.choice
        choice = Choice(now.generator, now.encoder, class_index=now.class_index)
        try:
            desk = LabellingDesk(Wishes(music, store or default_store(), choice, beside_show=True))
        except TraumerError as error:
            self._desk.notice.emit(str(error))
            return None
        remember_folder(music)
        window = self.window = LabellingWindow(desk)
        window.fitter.fitted.connect(self._take_up)
        window.closed.connect(self.close)
        window.show()
        desk.start()
        return window

    def close(self) -> None:
        """End labelling; every label is on the disk.

        A fit that was begun is finished behind the window: the show's picture must not wait for it.
        """
        window, self.window = self.window, None
        if window is not None:
            window.hide()
            window.desk.leave()
            self._leaving = window
            self._looks.start(LOOK_MS)
            self._look()

    def finish(self) -> None:
        """End labelling now, and wait for what was begun."""
        self.close()
        self._let_go()

    def _look(self) -> None:
        leaving = self._leaving
        if leaving is not None and not (leaving.fitter.at_work or leaving.desk.at_work):
            self._let_go()

    def _let_go(self) -> None:
        self._looks.stop()
        leaving, self._leaving = self._leaving, None
        if leaving is not None:
            leaving.fitter.close()
            leaving.desk.close()
            leaving.deleteLater()

    def _take_up(self, fitted: Fitted) -> None:
        show, models = self._desk.show, self._desk.models

        def told(choice: Choice) -> None:
            models.picked = choice
            models.changed.emit()
            self._desk.notice.emit(texts.TAKES_OVER)

        self._desk.errands.run(lambda: take_up(show, fitted), told)


def take_up(show: Show, fitted: Fitted) -> Choice:
    """Let the show fade over to a mapping that was just fitted; what it plays then.

    Raises:
        ModelError: the show plays other models by now.
    """
    playing, ids = show.next_models, fitted.workshop.ids
    same_generator = playing.generator.info.w_space == ids.generator_sha256
    if not same_generator or not playing.pair.fits(fitted.pack):
        raise ModelError(
            texts.other_models_play(playing.generator.info.name, ids.generator, fitted.pack.name)
        )
    remapped: Models = replace(
        playing.mapped(fitted.pack), choice=replace(playing.choice, mapping=str(fitted.pack))
    )
    show.change_mapping(remapped)
    return remapped.choice


def remembered_folder() -> Path | None:
    """Where the music was the last time, if it is still there."""
    try:
        document = tomllib.loads((config_dir() / REMEMBERED).read_text(encoding="utf-8"))
        folder = Path(str(document["music"]))
    except (OSError, ValueError, KeyError):
        return None
    return folder if folder.is_dir() else None


def remember_folder(music: Path) -> None:
    """For the next time; a read-only home forgets it."""
    try:
        with written_atomically(config_dir() / REMEMBERED) as temporary:
            temporary.write_text(tomli_w.dumps({"music": str(music)}), encoding="utf-8")
    except (OSError, OutputError):
        return
