"""MODELS: what paints, by which mapping, heard by which tagger; other ones by menu, dialog or drop.

In: the desk's part for models.  Out: models opened and chosen.  Thread: GUI.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QAction, QFontMetrics
from PyQt6.QtWidgets import QFileDialog, QMenu, QProgressBar

from traumer_live.app.model_desk import ModelDesk
from traumer_live.app.opening import KINDS
from traumer_live.app.theme import icon
from traumer_live.app.widgets import Button, Card, label
from traumer_live.engine.models import Models
from traumer_live.engine.status import ShowStatus

ROOM = 220  # px for a name on the button
FILES = (
    "Models and mappings (*.pkl *.pickle *.pt *.pth *.ckpt *.safetensors *.onnx *.npy);;"
    "All files (*)"
)
SHIPPED = {"generator": "Shipped", "mapping": "One that fits", "encoder": "Shipped"}
FIRST_TIP = (
    "This generator has no mapping of its own yet. A first one plays, as varied as the\n"
    "generator but without a meaning; a better one takes over when it is made."
)


class ModelsCard(Card):
    """One button that names what paints and opens the menu of everything it could be."""

    def __init__(self, desk: ModelDesk) -> None:
        super().__init__("MODELS")
        self._desk = desk
        self._working = ""
        self._share: float | None = None
        self.state = label("", "caption")
        self.head.addWidget(self.state)
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self.fill)
        self.button = Button(role="source")
        self.button.setIcon(icon("models"))
        self.button.setIconSize(QSize(16, 16))
        self.button.setAccessibleName("Models")
        self.button.setMenu(self.menu)
        self.body.addWidget(self.button)
        self.bar = _thin_bar()
        self.body.addWidget(self.bar)
        desk.working.connect(self._show_work)
        desk.changed.connect(self.show_models)
        self.show_models()

    def show_status(self, status: ShowStatus) -> None:
        """Follow the show: mappings change by themselves, models a moment after the choice."""
        self._share = status.mapping_share
        self.show_models()
        self._show_state()

    def show_models(self) -> None:
        """Name what plays."""
        models = self._desk.models
        name = f"{models.generator.info.name}  ·  {mapping_name(models)}"
        measure = QFontMetrics(self.button.font())
        shown = measure.elidedText(name, Qt.TextElideMode.ElideRight, ROOM)
        self.button.setText(f" {shown}".replace("&", "&&"))
        self.button.setToolTip(tip(models))

    def invite(self, over: bool) -> None:
        """Say that a file which hangs over the window may be dropped."""
        self._show_state("drop to open" if over else "")

    def fill(self) -> None:
        """Build the menu from the library."""
        self.menu.clear()
        self._add("Open model or mapping…", self.ask_file).setIcon(icon("folder"))
        library = self._desk.library()
        choice = self._desk.models.choice
        for kind, title in KINDS.items():
            self.menu.addSeparator()
            heading = self._add(title, lambda: None)
            heading.setEnabled(False)
            present = getattr(choice, kind)
            names = ["", *(entry.name for entry in library if entry.kind == kind)]
            names += [present] * (present not in names)  # a path from the command line
            for name in names:
                self._add_model(kind, name, present)
        self.menu.addSeparator()
        wide = self._add("Wide 16:9", lambda: self._desk.choose_wide(choice.aspect is None))
        wide.setCheckable(True)
        wide.setChecked(choice.aspect is not None)
        wide.setToolTip("Paint beyond the square that the generator was trained on.")

    def ask_file(self) -> None:
        """Let the operator find a file."""
        dialog = QFileDialog(self.window(), "Open a model or a mapping")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(FILES.split(";;"))
        dialog.fileSelected.connect(lambda path: self._desk.open(Path(path)))
        dialog.open()  # the show goes on behind it

    def _add_model(self, kind: str, name: str, present: str) -> None:
        words = Path(name).stem if "/" in name else name
        action = self._add(words or SHIPPED[kind], lambda: self._desk.choose(kind, name))
        action.setCheckable(True)
        action.setChecked(name == present)
        action.setData((kind, name))

    def _add(self, words: str, then: Callable[[], object]) -> QAction:
        action = QAction(words.replace("&", "&&"), self.menu)
        action.triggered.connect(lambda _checked=False: then())
        self.menu.addAction(action)
        return action

    def _show_work(self, what: str) -> None:
        self._working = what
        self._show_state()

    def _show_state(self, invitation: str = "") -> None:
        share = self._share
        made = f"mapping {share:.0%}".replace("%", " %") if share is not None else ""
        self.state.setText(invitation or self._working or made)
        self.bar.setVisible(bool(self._working) or share is not None)
        if self._working:
            self.bar.setRange(0, 0)  # nobody knows how long
        elif share is not None:
            self.bar.setRange(0, 100)
            self.bar.setValue(round(100 * share))


def mapping_name(models: Models) -> str:
    """What the present mapping is called, in a word or two."""
    if models.unmapped is not None:
        return "first mapping"
    named = models.choice.mapping
    return Path(named).stem if named else "starter mapping"


def tip(models: Models) -> str:
    """Everything that plays, in lines."""
    info = models.generator.info
    width, height = info.size
    lines = [
        f"Generator: {info.name}, {info.architecture}, {width} x {height}",
        f"Mapping: {mapping_name(models)}",
        f"Tagger: {Path(models.choice.encoder).stem or 'the shipped one'}",
        "Click for others, or drop a checkpoint, a tagger or a mapping on the window.",
    ]
    if models.unmapped is not None:
        lines.insert(2, FIRST_TIP)
    return "\n".join(lines)


def _thin_bar() -> QProgressBar:
    bar = QProgressBar()
    bar.setTextVisible(False)
    bar.setFixedHeight(3)
    bar.hide()
    return bar
