"""What paints, by which mapping: a button that says it, and the menu of everything it could be.

In: the desk's part for models.  Out: models opened and chosen by menu and dialog.  Thread: GUI.

While something is read, warmed up or made, the button says what, over a line that moves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import QRectF, Qt, QTimer
from PyQt6.QtGui import QAction, QFontMetrics, QPainter, QPaintEvent
from PyQt6.QtWidgets import QFileDialog, QMenu

from traumer_live.app.model_desk import ModelDesk
from traumer_live.app.texts import dream as texts
from traumer_live.app.texts.common import at_work
from traumer_live.app.theme import colour, icon
from traumer_live.app.widgets import Button
from traumer_live.core import model_library
from traumer_live.engine.models import Models
from traumer_live.engine.status import ShowStatus

WIDTH = 212  # px, beside the card's title
ROOM = WIDTH - 40  # px for words: without padding and chevron
LINE_PX = 2
SWEEP_S = 1.6  # from one end to the other, where nobody knows how long it takes
SWEEP_SHARE = 0.3  # of the button's width
MOTION_MS = 40


class ModelsButton(Button):
    """Names what plays and opens the menu."""

    def __init__(self, desk: ModelDesk) -> None:
        super().__init__(role="models")
        self._desk = desk
        self._working = ""
        self._invites = False
        self._share: float | None = None
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(texts.MODELS)
        self.menu_of_models = QMenu(self)
        self.menu_of_models.setToolTipsVisible(True)
        self.menu_of_models.aboutToShow.connect(self.fill)
        self.setMenu(self.menu_of_models)
        self._motion = QTimer(self)
        self._motion.setInterval(MOTION_MS)
        self._motion.timeout.connect(self.update)
        desk.working.connect(self._show_work)
        desk.changed.connect(self.show_models)
        self.show_models()

    def show_status(self, status: ShowStatus) -> None:
        """Follow the show: mappings change by themselves, models a moment after the choice."""
        self._share = status.mapping_share
        self.show_models()

    def show_models(self) -> None:
        """Say what plays, or what is being done."""
        models = self._desk.models
        measure = QFontMetrics(self.font())
        words = self._words(models)
        self.setText(measure.elidedText(words, Qt.TextElideMode.ElideMiddle, ROOM))
        self.setToolTip(tip(models))
        self.update()

    def invite(self, over: bool) -> None:
        """Say that a file which hangs over the window may be dropped."""
        self._invites = over
        self.show_models()

    def fill(self) -> None:
        """Build the menu from the library."""
        self.menu_of_models.clear()
        self._add(texts.OPEN_MODEL, self.ask_file).setIcon(icon("folder"))
        library = self._desk.library()
        choice = self._desk.models.choice
        for kind, title in texts.KINDS.items():
            self.menu_of_models.addSeparator()
            heading = self._add(title, lambda: None)
            heading.setEnabled(False)
            present = getattr(choice, kind)
            names = ["", *model_library.SHIPPED[kind][1:]]
            imported = [entry.name for entry in library if entry.kind == kind]
            names += [name for name in imported if name not in names]
            names += [present] * (present not in names)  # a path from the command line
            for name in names:
                words = menu_name(kind, name, imported)
                self._add_model(words, kind, name, present)
        self.menu_of_models.addSeparator()
        wide = self._add(texts.WIDE.name, lambda: self._desk.choose_wide(choice.aspect is None))
        wide.setCheckable(True)
        wide.setChecked(choice.aspect is not None)
        wide.setToolTip(texts.WIDE.tip)

    def ask_file(self) -> None:
        """Let the operator find a file."""
        dialog = QFileDialog(self.window(), texts.OPEN_MODEL_TITLE)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(texts.MODEL_FILES)
        dialog.fileSelected.connect(lambda path: self._desk.open(Path(path)))
        dialog.open()  # the show goes on behind it

    def _add_model(self, words: str, kind: str, name: str, present: str) -> None:
        action = self._add(words, lambda: self._desk.choose(kind, name))
        action.setCheckable(True)
        action.setChecked(name == present)
        action.setData((kind, name))

    def _add(self, words: str, then: Callable[[], object]) -> QAction:
        action = QAction(words.replace("&", "&&"), self.menu_of_models)
        action.triggered.connect(lambda _checked=False: then())
        self.menu_of_models.addAction(action)
        return action

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802  Qt's name
        """The button, and how far the work is along its lower edge."""
        super().paintEvent(event)
        line = self._line()
        if line is not None:
            painter = QPainter(self)
            painter.fillRect(line, colour("accent"))
            painter.end()

    def _line(self) -> QRectF | None:
        """Where the line is now."""
        width, top = float(self.width()), float(self.height() - LINE_PX)
        if self._working:
            position = time.monotonic() / SWEEP_S % 1.0 * (1 + SWEEP_SHARE) - SWEEP_SHARE
            return QRectF(position * width, top, SWEEP_SHARE * width, LINE_PX)
        if self._share is not None:
            return QRectF(0.0, top, self._share * width, LINE_PX)
        return None

    def _words(self, models: Models) -> str:
        if self._invites:
            return texts.DROP
        if self._working:
            return at_work(self._working)
        mapping = mapping_name(models)
        if self._share is not None:
            mapping = texts.mapping_grows(self._share)
        return f"{models.generator.info.name} · {mapping}".replace("&", "&&")

    def _show_work(self, what: str) -> None:
        self._working = what
        if what:
            self._motion.start()
        else:
            self._motion.stop()
        self.show_models()


def menu_name(kind: str, name: str, imported: Sequence[str]) -> str:
    """What the menu calls a model; an empty name is what plays where nobody chose."""
    if not name and kind == "mapping":
        return texts.FITTING
    shipped = model_library.SHIPPED[kind]
    if not name or (name in shipped and name not in imported):
        return texts.shipped(name or shipped[0])
    return Path(name).stem if "/" in name else name


def mapping_name(models: Models) -> str:
    """What the present mapping is called, in a word or two."""
    if models.unmapped is not None:
        return texts.FIRST
    named = models.choice.mapping
    return Path(named).stem if named else texts.STARTER


def tip(models: Models) -> str:
    """Everything that plays, in lines."""
    info = models.generator.info
    width, height = info.size
    lines = [
        texts.generator(info.name, info.architecture, width, height),
        texts.mapping(mapping_name(models)),
        texts.tagger(Path(models.choice.encoder).stem or texts.SHIPPED_TAGGER),
        texts.MODELS_TIP,
    ]
    if models.unmapped is not None:
        lines.insert(2, texts.FIRST_TIP)
    return "\n".join(lines)
