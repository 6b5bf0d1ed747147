"""The source chooser: what the program listens to, and a menu of everything it could.

In: the desk's list of sources.  Out: the operator's choice.  Thread: GUI; the sound system is
asked on an errand, and the menu shows what is known meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QAction, QFontMetrics
from PyQt6.QtWidgets import QFileDialog, QMenu

from traumer_live.app.desk import Desk
from traumer_live.app.texts import top_bar as texts
from traumer_live.app.theme import icon
from traumer_live.app.widgets import Button
from traumer_live.audio.capture import SourceInfo, SourceSpec
from traumer_live.engine.status import ShowStatus

WIDTH = 288  # px
BESIDE_WORDS = 72  # px of icon, chevron, padding
STATE_TINTS = {"playing": "signal", "no signal": "quiet", "starting": "quiet"}


class SourceChooser(Button):
    """A button that names the source and opens the menu."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(role="source")
        self._desk = desk
        self._sources: list[SourceInfo] = []
        self._status: ShowStatus | None = None
        self.setFixedWidth(WIDTH)
        self.setIconSize(QSize(16, 16))
        self.setAccessibleName(texts.SOURCE)
        self.menu_of_sources = QMenu(self)
        self.menu_of_sources.aboutToShow.connect(self._about_to_show)
        self.menu_of_sources.setMinimumWidth(WIDTH)
        self.setMenu(self.menu_of_sources)
        desk.sources_found.connect(self._found)
        desk.status_changed.connect(self.show_status)

    def show_status(self, status: ShowStatus) -> None:
        """Follow what is heard."""
        tint = STATE_TINTS.get(status.source_state, "accent")
        self.setIcon(icon(self._desk.source.kind, tint))
        measure = QFontMetrics(self.font())
        room = self.width() - BESIDE_WORDS
        words = measure.elidedText(status.source, Qt.TextElideMode.ElideRight, room)
        self.setText(f" {words}")
        self.setToolTip(texts.source_tip(status.source, status.source_state))

    def fill(self) -> None:
        """Build the menu from what is known."""
        menu = self.menu_of_sources
        menu.clear()
        for kind, title in texts.GROUPS.items():
            self._add_group(title, [s for s in self._sources if s.spec.kind == kind])
        self._add_title(texts.OTHER)
        self._add_file()
        for kind, name in texts.GENERATED.items():
            self._add(SourceSpec.parse(kind), name)

    def _about_to_show(self) -> None:
        self.fill()
        self._desk.find_sources()  # the menu is filled again when the answer differs

    def _found(self, sources: list[SourceInfo]) -> None:
        if sources != self._sources:
            self._sources = list(sources)
            self.fill()

    def _add_group(self, title: str, sources: Iterable[SourceInfo]) -> None:
        sources = list(sources)
        if not sources:
            return
        self._add_title(title)
        for source in sources:
            name = source.description
            self._add(source.spec, texts.default_device(name) if source.is_default else name)
        self.menu_of_sources.addSeparator()

    def _add_title(self, title: str) -> None:
        heading = self.menu_of_sources.addAction(title)
        if heading is not None:
            heading.setEnabled(False)

    def _add(self, spec: SourceSpec, name: str) -> None:
        action = QAction(icon(spec.kind), name.replace("&", "&&"), self.menu_of_sources)
        action.setCheckable(True)
        action.setChecked(spec == self._desk.source)
        action.setData(str(spec))
        action.triggered.connect(lambda: self._desk.choose_source(spec))
        self.menu_of_sources.addAction(action)

    def _add_file(self) -> None:
        action = QAction(icon("file"), texts.OPEN_SOUND, self.menu_of_sources)
        action.setCheckable(True)
        action.setChecked(self._desk.source.kind == "file")
        action.triggered.connect(self._ask_file)
        self.menu_of_sources.addAction(action)

    def _ask_file(self) -> None:
        dialog = QFileDialog(self.window(), texts.OPEN_SOUND_TITLE)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(texts.SOUND_FILES)
        dialog.fileSelected.connect(lambda path: self._desk.choose_source(SourceSpec("file", path)))
        dialog.open()  # the show goes on behind it
