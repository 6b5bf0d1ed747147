"""The welcome of the first start: a source with signal, a screen, ten seconds of measuring.

In: the desk, the output.  Out: a source that was found and confirmed; the demo, if it is wanted.
Thread: GUI.

It stands where the cards stand, beside the picture that plays already, and blocks nothing: Esc or
Start ends it at any time, and it never comes again unless ``--welcome`` asks for it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from statistics import median

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from traumer_live.app.desk import STATUS_MS, Desk
from traumer_live.app.meter import LevelMeter
from traumer_live.app.output import Output
from traumer_live.app.output_card import ScreenChoice
from traumer_live.app.source_search import SourceSearch
from traumer_live.app.steps import Step
from traumer_live.app.texts import welcome as texts
from traumer_live.app.theme import GRID
from traumer_live.app.widgets import Button, label
from traumer_live.audio.capture import SourceInfo, SourceSpec
from traumer_live.core.errors import OutputError
from traumer_live.core.paths import data_file
from traumer_live.core.settings import load_settings, save_settings
from traumer_live.engine.status import ShowStatus

DEMO = SourceSpec("file", str(data_file("assets/demo.opus")), loop=True)
CHECK_LOOKS = 10_000 // STATUS_MS  # ten seconds
SETTLE_LOOKS = 2_000 // STATUS_MS  # of these, in which the show still finds its feet
FULL_FPS, GOOD_FPS = 28.0, 20.0
METER_WIDTH = 156  # px; with its number it fills the column
METER_MS = 33


class Welcome(QFrame):
    """Three steps, one after the other by themselves, and two buttons."""

    left = pyqtSignal()  # the operator is through, or has skipped it

    def __init__(self, desk: Desk, output: Output, *, search: bool = True) -> None:
        """Without ``search`` the source was named, and stays."""
        super().__init__()
        self.setProperty("role", "card")
        self._desk = desk
        self._searches = search
        self._found: SourceSpec | None = None
        self._returns_to: SourceSpec | None = None  # after a demo that nobody asked for
        self._counted: list[float] | None = None  # pictures a second, while they are counted
        self.meter = LevelMeter(desk, bar_width=METER_WIDTH)
        self.screens = ScreenChoice(output)
        several = len(QGuiApplication.screens()) > 1
        self.sound = Step(1, texts.SOUND, "", self.meter)
        self.screen_ = Step(
            2, texts.SCREEN, texts.SEVERAL_SCREENS if several else texts.ONE_SCREEN, self.screens
        )
        self.check = Step(3, texts.CHECK, texts.WAITS)
        self.demo = Button(texts.PLAY_DEMO, role="second")
        self.start = Button(texts.START, role="primary")
        self.search = SourceSearch(desk)
        self._moving = QTimer(self)
        self._arrange()
        self._connect()

    def begin(self) -> None:
        """Look for sound, then measure."""
        self.start.setFocus()
        self.screen_.mark.show_share(1.0)
        if self._searches:
            self._desk.find_sources()
        else:
            self._heard(self._desk.source)

    def leave(self) -> None:
        """Give the place back to the cards; a source that was found is kept."""
        self.search.stop()
        if self._found is not None and self._found == self._desk.source:
            self._desk.chosen_source = self._found
        if self._returns_to is not None and self._desk.source == DEMO:
            self._switch(self._returns_to)
        self.left.emit()

    def follow(self, status: ShowStatus) -> None:
        """Count what the show manages."""
        if self._counted is None:
            return
        self._counted.append(status.fps)
        done = len(self._counted) / CHECK_LOOKS
        if done < 1:
            self.check.say(texts.MEASURES, done)
            return
        fps = median(self._counted[SETTLE_LOOKS:])
        self._counted = None
        self.check.say(verdict(fps, status), 1.0)

    def _connect(self) -> None:
        self._moving.timeout.connect(self.meter.follow)
        self._moving.start(METER_MS)
        self._desk.sources_found.connect(self._search_among)
        self._desk.status_changed.connect(self.follow)
        self.search.trying.connect(lambda name: self.sound.say(texts.listening_to(name), 0.5))
        self.search.ended.connect(self._heard)
        self.demo.clicked.connect(self._play_demo)
        self.start.clicked.connect(self.leave)

    def _search_among(self, sources: list[SourceInfo]) -> None:
        if self._searches:
            self._searches = False  # once; menus ask for sources too
            self.search.start(sources)

    def _heard(self, found: SourceSpec | None) -> None:
        self._found = found
        if found is None:
            self._returns_to = self._desk.source
            self._switch(DEMO)
            self.demo.setText(texts.KEEP_DEMO)
            self.sound.say(texts.NOTHING_PLAYS, 1.0)
        else:
            self.sound.say(texts.hears(self._desk.show.listener.description), 1.0)
        if self._counted is None:
            self._counted = []

    def _play_demo(self) -> None:
        """Like a source that was named: played from now on, not remembered."""
        self.search.stop()
        self._found = self._returns_to = None
        self._switch(DEMO)
        self.sound.say(texts.DEMO_PLAYS, 1.0)
        self._counted = self._counted or []

    def _switch(self, spec: SourceSpec) -> None:
        desk = self._desk
        desk.errands.run(lambda: desk.show.switch_source(spec), lambda _: desk.read())

    def _arrange(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 3 * GRID)
        whole.setSpacing(3 * GRID)
        whole.addWidget(label(texts.TITLE, "headline"))
        about = label(texts.ABOUT, "figure")
        about.setWordWrap(True)
        whole.addWidget(about)
        for step in (self.sound, self.screen_, self.check):
            whole.addWidget(step)
        whole.addStretch()
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        buttons.addWidget(self.demo, 1)
        buttons.addWidget(self.start, 1)
        whole.addLayout(buttons)
        whole.addWidget(label(texts.SKIP, "caption"))


def remember_welcome() -> None:
    """It was seen, and does not come again; a read-only home sees it more than once."""
    saved, _ = load_settings()
    with suppress(OutputError):
        save_settings(replace(saved, welcomed=True))


def verdict(fps: float, status: ShowStatus) -> str:
    """What ten seconds have shown, and what to do about it."""
    size = status.rung.partition(" · ")[0]  # key pictures mean nothing to a newcomer
    smaller = f" {texts.paints_smaller(size)}" if size else ""
    if fps >= FULL_FPS:
        return texts.full_speed(fps) + smaller
    if fps >= GOOD_FPS:
        return texts.good_enough(fps) + smaller
    return texts.too_slow(fps)
