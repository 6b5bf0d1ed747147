"""The studio window: top bar, preview, the column of cards, bottom strip, badges.

In: the desk, the projector, the output.  Out: one window that follows the show.  Thread: GUI.
"""

from __future__ import annotations

import time
from functools import partial

from PyQt6 import sip
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from traumer_live.app.attention import Attention
from traumer_live.app.bottom_bar import BottomBar
from traumer_live.app.conditions import Patience, conditions
from traumer_live.app.desk import Desk
from traumer_live.app.dream_card import DreamCard
from traumer_live.app.drops import Drops
from traumer_live.app.keys import Keys, KeySheet
from traumer_live.app.knobs_card import KnobsCard
from traumer_live.app.motion_card import MotionCard
from traumer_live.app.output import Output
from traumer_live.app.output_card import OutputCard
from traumer_live.app.pages import Pages
from traumer_live.app.picture_card import PictureCard
from traumer_live.app.preview import Preview
from traumer_live.app.projector import Projector
from traumer_live.app.record_card import RecordCard
from traumer_live.app.scenes_card import ScenesStrip
from traumer_live.app.screens import ANY_SCREEN, Wanted
from traumer_live.app.small import Small
from traumer_live.app.sound_card import SoundCard
from traumer_live.app.taste_card import TasteCard
from traumer_live.app.teach_strip import TeachStrip
from traumer_live.app.texts import window as texts
from traumer_live.app.texts.common import PROGRAM
from traumer_live.app.texts.pages import PAGES
from traumer_live.app.theme import GAP, icon
from traumer_live.app.timing_card import TimingCard
from traumer_live.app.top_bar import TopBar
from traumer_live.app.welcome import Welcome, remember_welcome
from traumer_live.app.why_card import WhyCard
from traumer_live.audio.capture import SourceSpec
from traumer_live.engine.status import ShowStatus
from traumer_live.scenes.scene import SLOTS

SIZE = (1280, 800)
SMALLEST = (800, 600)
COLUMN_WIDTH = 320
COLLAPSE_BELOW = 1000  # px; the cards make room for the picture


class StudioWindow(QWidget):
    """Everything the operator sees."""

    closing = pyqtSignal()

    def __init__(
        self,
        desk: Desk,
        projector: Projector,
        *,
        wanted_screen: Wanted = ANY_SCREEN,
        small_place: str = "",
    ) -> None:
        super().__init__()
        self._dress()
        self._desk = desk
        self._projector, self._patience = projector, Patience()
        self.welcome: Welcome | None = None
        self.output = Output(projector, wanted=wanted_screen, own_screen=self.screen)
        self.top = TopBar(desk)
        self.preview = Preview(projector)
        self.dream = DreamCard(desk)
        self.motion = MotionCard(desk)
        self.picture = PictureCard(desk)
        self.knobs = KnobsCard(desk)
        self.record, self.why, self.taste = RecordCard(desk), WhyCard(desk), TasteCard(desk)
        self.scenes = ScenesStrip(desk.scenes)
        desk.scenes.picture = projector.audience
        self.screens = OutputCard(self.output, desk)
        self.sound = SoundCard(desk)
        self.timing = TimingCard(desk, projector)
        self.small = Small(projector, self, place=small_place)
        self.attention = Attention(desk.show.rest, projector, self, self.output, self.small)
        self.bottom = BottomBar(desk, self.output, self.small)
        self.pages = Pages(
            {
                "dream": (self.dream, self.motion),
                "look": (self.picture, self.knobs),
                "sound": (self.sound, self.timing),
                "take": (self.record, self.screens),
                "why": (self.why, self.taste),
            }
        )
        self._arrange()
        self.badges = self.preview.badges
        self.sheet, self.strip = KeySheet(self), TeachStrip(self)
        self.keys = self._bind_keys()
        self._connect()
        self.drops = self._watch_drops()
        meters = (self.top.meter.follow, self.sound.meter.follow)
        for moving in (*meters, self.dream.pulse_line.update):
            projector.drawn.connect(moving)

    def _dress(self) -> None:
        self.setObjectName("studio")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(PROGRAM)
        self.setWindowIcon(icon("traumer", "accent"))
        self.setMinimumSize(*SMALLEST)
        self.resize(*SIZE)

    def discard(self) -> None:
        """Close for good, now; left to the garbage collector, the windows would go in the midst of
        somebody's drawing and take the current OpenGL context with them.
        """
        self.timing.stop()
        self.attention.close()
        self.output.hide()
        self.small.discard()
        self.preview.window_inside.close_canvas()
        self.close()
        sip.delete(self)

    def greet(self, *, search: bool) -> None:
        """The welcome, where the cards stand; ``search`` says whether it looks for sound."""
        self.welcome = Welcome(self._desk, self.output, search=search)
        self.welcome.left.connect(self._greeted)
        self.pages.cover(self.welcome)
        self.welcome.begin()

    def _greeted(self) -> None:
        self.pages.uncover()
        self.welcome = None
        self._desk.errands.run(remember_welcome)
        self.setFocus()

    def show_status(self, status: ShowStatus) -> None:
        """Follow the show's troubles."""
        found = conditions(status, self._desk.disk_free)
        self.badges.keep(self._patience.filter(found, now_s=time.monotonic()))

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802  Qt's name
        """Narrow windows keep the picture and let the cards go."""
        self.pages.setVisible(self.width() >= COLLAPSE_BELOW)
        super().resizeEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802  Qt's name
        """The operator closes the window: the show ends."""
        self.closing.emit()

    def _arrange(self) -> None:
        self.pages.setFixedWidth(COLUMN_WIDTH)
        middle = QHBoxLayout()
        middle.setContentsMargins(GAP, GAP, GAP, GAP)
        middle.setSpacing(GAP)
        left = QVBoxLayout()
        left.setSpacing(GAP)
        left.addWidget(self.preview, 1)
        left.addWidget(self.scenes)
        middle.addLayout(left, 1)
        middle.addWidget(self.pages)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.top)
        whole.addLayout(middle, 1)
        whole.addWidget(self.bottom)

    def _bind_keys(self) -> Keys:
        scenes = self._desk.scenes
        slots = {str(slot): partial(scenes.recall, slot) for slot in SLOTS}
        pages = {f"F{n}": partial(self.pages.turn_to, name) for n, name in enumerate(PAGES, 1)}
        keeps = {f"Ctrl+{slot}": partial(scenes.keep, slot) for slot in SLOTS}
        return Keys(
            self,
            {
                "F": self.output.toggle,
                "Esc": self._back,
                "B": lambda: self._desk.toggle("blackout"),
                "D": lambda: self._desk.toggle("fade"),
                "S": self._desk.toggle_safe,
                "Space": lambda: self._desk.toggle("frozen"),
                "R": self._desk.toggle_recording,
                "T": self._desk.lessons.teach,
                "Shift+T": self._desk.lessons.choose,
                "Ctrl+Z": self._desk.lessons.undo,
                "H": lambda: self._desk.toggle("hud"),
                "M": self.small.toggle,
                "N": self._show_title,
                "Y": lambda: self.pages.peek("why"),
                **slots,
                **keeps,
                **pages,
                ",": partial(scenes.step, -1),
                ".": partial(scenes.step, 1),
                "?": self.sheet.toggle,
                "Q": self.close_soon,
            },
        )

    def close_soon(self) -> None:
        """Quit."""
        self.closing.emit()

    def _connect(self) -> None:
        self._desk.status_changed.connect(self.show_status)
        self._desk.notice.connect(self.badges.tell)
        self._desk.lessons.offered.connect(self.strip.offer)
        self.strip.chosen.connect(self._desk.lessons.chose)
        self.output.lost.connect(self.badges.tell)
        self.output.changed.connect(lambda: self._desk.keep_awake(self.output.showing))
        self.output.key_pressed.connect(self.keys.press)
        self.preview.window_inside.key_pressed.connect(self.keys.press)
        self.small.key_pressed.connect(self.keys.press)
        self.small.closing.connect(self.closing)
        self.small.entries = (
            (texts.SHOW_TITLE, self._show_title),
            (texts.RECORD, self._desk.toggle_recording),
            (texts.QUIT, self.close_soon),
        )
        self._desk.status_changed.connect(self.attention.look)
        self.preview.window_inside.exposed.connect(self.attention.wake)
        self.preview.double_clicked.connect(self.output.toggle)
        self.top.help.clicked.connect(self.sheet.toggle)

    def _watch_drops(self) -> Drops:
        """Files may be dropped on all of the window; the picture is a window of its own in it."""
        drops = Drops(
            model=self._desk.models.open,
            scenes=self._desk.scenes.take_in,
            sound=lambda path: self._desk.choose_source(SourceSpec("file", str(path))),
        )
        drops.hovering.connect(self.dream.models.invite)
        self.setAcceptDrops(True)
        for watched in (self, self.preview.window_inside):
            watched.installEventFilter(drops)
        return drops

    def _show_title(self) -> None:
        """What plays, over the picture, for whoever asks."""
        track = self._desk.music.track
        words = track.words if track is not None else ""
        if words or self.small.showing:  # which has no room for badges
            self._projector.show_title(words or texts.NO_TITLE)
        else:
            self.badges.tell(texts.NO_TITLE)

    def _back(self) -> None:
        if self.welcome is not None:
            self.welcome.leave()
        elif self.timing.is_adjusting:
            self.timing.stop()
        elif self.output.showing:
            self.output.hide()
        elif self.small.showing:
            self.small.hide()
        else:
            self.setFocus()  # out of a value, so that the keys work again
