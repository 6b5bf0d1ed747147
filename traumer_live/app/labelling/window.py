"""The labelling window: the clip above, the wall in the middle, the picture at the side.

In: the desk.  Out: one window, every action of which has a key.  Thread: GUI.
"""

from __future__ import annotations

from functools import partial

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from traumer_live.app.badges import BadgeShelf
from traumer_live.app.labelling.desk import LabellingDesk
from traumer_live.app.labelling.disagreement import Disagreement
from traumer_live.app.labelling.fitting import Fitted, Fitter
from traumer_live.app.labelling.keys import Legend, Sheet, bind
from traumer_live.app.labelling.picture_card import LargePicture, Zoom, caption
from traumer_live.app.labelling.pictures import MODES, MOST_MARKED
from traumer_live.app.labelling.refine import Refine, quiet_button
from traumer_live.app.labelling.strip import Strip
from traumer_live.app.labelling.tiles import Tile
from traumer_live.app.labelling.top_band import TopBand
from traumer_live.app.labelling.wall import Wall
from traumer_live.app.texts import labelling as texts
from traumer_live.app.texts.common import at_work
from traumer_live.app.theme import GAP, GRID, icon
from traumer_live.app.widgets import Segments, label
from traumer_live.labelling.asking import Asked

SIZE, SMALLEST = (1280, 800), (960, 680)
COLUMN, COLUMN_SHARE, WIDEST = 288, 0.225, 520  # px, of the window, px
BAR_HEIGHT = 44


class LabellingWindow(QWidget):
    """Everything that the labeller sees."""

    closed = pyqtSignal()

    def __init__(self, desk: LabellingDesk) -> None:
        super().__init__()
        self.setObjectName("studio")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(texts.TITLE)
        self.setWindowIcon(icon("traumer", "accent"))
        self.setMinimumSize(*SMALLEST)
        self.resize(*SIZE)
        self.desk, self.fitter = desk, Fitter(desk)
        self.top = TopBand(desk)
        self.wall = Wall()
        self.zoom = Zoom(self.wall)
        self.badges = BadgeShelf(self.wall)
        self.disagreement = Disagreement(desk, self.wall)
        self.picture = LargePicture()
        self.about = label("", "caption")
        self.marked = Strip(empty="", places=MOST_MARKED, ranked=True)
        self.favourites = Strip(empty=texts.NO_FAVOURITES)
        self.choose = quiet_button(texts.CHOOSE, "")
        self.refine = Refine(desk.pictures)
        self.modes = Segments(texts.MODES)
        self.fit = quiet_button(texts.FIT, "")
        self.result = label("", "caption")
        self.sheet = Sheet(self)
        self._message = texts.LOADING
        self._arrange()
        self._connect()
        self._bind()
        self.modes.show_choice(desk.pictures.mode)

    # -- following the desk --------------------------------------------------------------------

    def show_asked(self, asked: Asked | None) -> None:
        """Another clip, or none."""
        progress = self.desk.progress
        if asked is not None:
            self._message = ""
            if asked.enough:
                self.badges.tell(texts.ENOUGH)
        elif progress.state == "scanning" or progress.state == "waiting":
            self._message = texts.LISTENING_FOR_MORE
        elif progress.clips:
            self._message = texts.all_labelled(progress.clips)
        else:
            self._message = texts.no_music(self.desk.wishes.music, progress)

    def show_scan(self) -> None:
        """Say why there is no picture yet."""
        if self.desk.now is None and not self.desk.asking:
            progress = self.desk.progress
            if progress.clips == 0 and progress.state in ("waiting", "scanning"):
                self._message = texts.LISTENING
            else:
                self.show_asked(None)
            self.show_screen()

    def show_screen(self) -> None:
        """Another screen of pictures."""
        moment = self.desk.now
        self.wall.show_tiles(moment.tiles if moment else [], self._message)
        self.show_marks()

    def show_looked_at(self, tile: Tile | None) -> None:
        """The eye went on."""
        self.wall.show_current(tile)
        self._show_large(tile)

    def show_tile(self, tile: Tile) -> None:
        """Pixels came."""
        self.wall.show_tile(tile)
        self.marked.show_tile(tile)
        self.favourites.show_tile(tile)
        if tile is self.desk.pictures.current:
            self._show_large(tile)

    def show_marks(self) -> None:
        """The ranking changed."""
        moment = self.desk.now
        marked = list(moment.marked) if moment else []
        self.wall.show_ranks(marked)
        self.marked.show_tiles(marked)
        words = texts.choose_marked(len(marked)) if marked else texts.CHOOSE_THIS
        self.choose.setText(words)

    def show_labels(self) -> None:
        """Labels or favourites changed."""
        self.favourites.show_tiles(list(self.desk.favourites.values()))
        count = len(self.desk.store.labels)
        if not self.fitter.running:
            self.fit.setEnabled(count > 0)
        locked = self.desk.store.read_only
        self.choose.setEnabled(not locked)
        if self.desk.asking:  # on a busy machine for seconds: the key was heard
            self.choose.setText(texts.COMING)

    def show_fit(self, what: str) -> None:
        """How far the fit is."""
        self.fit.setEnabled(not what)
        self.result.setText(at_work(texts.FITTING) if what else "")  # no room for recipes
        self.result.setToolTip(what)

    def show_fitted(self, fitted: Fitted) -> None:
        """What came of it."""
        self.result.setText(fitted.line)
        self.result.setToolTip(texts.meaning_of_rank(fitted.pack))

    def show_mode(self, mode: str) -> None:
        """Other pictures."""
        self.modes.show_choice(mode)
        self.desk.pictures.choose_mode(mode)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802  Qt's name
        """What floats over the wall follows."""
        super().resizeEvent(event)
        self.column.setFixedWidth(min(max(COLUMN, round(COLUMN_SHARE * self.width())), WIDEST))
        self._place_floating()

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802  Qt's name
        """The evening is over; every label is on the disk."""
        self.closed.emit()

    # -- making --------------------------------------------------------------------------------

    def _show_large(self, tile: Tile | None) -> None:
        self.picture.show_tile(tile)
        self.zoom.show_tile(tile)
        self.about.setText(caption(tile, len(self.wall.tiles)))

    def _next_mode(self) -> None:
        mode = self.desk.pictures.mode
        self.show_mode(MODES[(MODES.index(mode) + 1) % len(MODES)])

    def _escape(self) -> None:
        if self.zoom.isVisible():
            self.zoom.hide()
        else:
            self.disagreement.keep_both()

    def _place_floating(self) -> None:
        wall = self.wall
        self.zoom.setGeometry(wall.rect())
        self.badges.adjustSize()
        self.badges.move(GRID, wall.height() - self.badges.height() - GRID)
        tall = self.disagreement.sizeHint().height()
        wide = min(620, wall.width() - 2 * GRID)
        self.disagreement.setGeometry((wall.width() - wide) // 2, GRID, wide, tall)

    def _connect(self) -> None:
        desk, pictures = self.desk, self.desk.pictures
        desk.notice.connect(self.badges.tell)
        desk.asked.connect(self.show_asked)
        desk.scanned.connect(lambda _: self.show_scan())
        desk.labels_changed.connect(self.show_labels)
        desk.contradiction.connect(lambda _: self._place_floating())
        desk.opened.connect(self.show_scan)
        pictures.screen_changed.connect(self.show_screen)
        pictures.looked_at.connect(self.show_looked_at)
        pictures.tile_changed.connect(self.show_tile)
        pictures.marks_changed.connect(self.show_marks)
        self.wall.looked_at.connect(pictures.look_at)
        self.wall.marked.connect(pictures.toggle_mark)
        self.wall.chosen.connect(desk.choose)
        for strip in (self.marked, self.favourites):
            strip.clicked.connect(pictures.look_at)
        self.choose.clicked.connect(desk.choose)
        self.modes.chosen.connect(self.show_mode)
        self.fit.clicked.connect(self.fitter.fit)
        self.fitter.progress.connect(self.show_fit)
        self.fitter.fitted.connect(self.show_fitted)
        self.fitter.failed.connect(self.badges.tell)
        self.badges.changed.connect(self._place_floating)

    def _bind(self) -> None:
        desk, pictures, wall = self.desk, self.desk.pictures, self.wall
        moves = {"Left": (-1, 0), "Right": (1, 0), "Up": (0, -1), "Down": (0, 1)}
        nudges = {"B": "brightness", "W": "warmth", "C": "colour", "V": "liveliness"}
        bind(
            self,
            {
                **{key: partial(wall.move_cursor, *to) for key, to in moves.items()},
                **{key: partial(pictures.nudge, axis, 1.0) for key, axis in nudges.items()},
                **{
                    f"Shift+{key}": partial(pictures.nudge, axis, -1.0)
                    for key, axis in nudges.items()
                },
                **{str(k): partial(pictures.rank, k) for k in range(1, MOST_MARKED + 1)},
                "Return": desk.choose,
                "Enter": desk.choose,
                "M": pictures.toggle_mark,
                "N": pictures.another,
                "L": pictures.more_like_this,
                "Space": desk.hear_again,
                "S": desk.skip,
                "U": desk.undo,
                "P": desk.pin,
                "Z": self.zoom.toggle,
                "X": pictures.mix,
                "R": pictures.restore,
                "G": self._next_mode,
                "K": self.disagreement.keep_both,
                "O": self.disagreement.keep_newer,
                "F": self.fitter.fit,
                "?": self.sheet.toggle,
                "Esc": self._escape,
            },
        )

    def _arrange(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(GAP, GRID, GAP, 0)
        whole.setSpacing(GRID)
        whole.addWidget(self.top)
        middle = QHBoxLayout()
        middle.setSpacing(GAP)
        middle.addWidget(self.wall, 1)
        self.column = self._column()
        middle.addWidget(self.column)
        whole.addLayout(middle, 1)
        whole.addWidget(self._bar())
        for button in self.modes.findChildren(QWidget):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _column(self) -> QFrame:
        card = QFrame()
        card.setProperty("role", "card")
        column = QVBoxLayout(card)
        column.setContentsMargins(GAP, GAP, GAP, GRID)
        column.setSpacing(4)
        column.addWidget(self.picture)
        column.addWidget(self.about)
        column.addWidget(self.refine)
        column.addSpacing(GRID)
        column.addWidget(label(texts.RANKING, "title"))
        column.addWidget(self.marked)
        column.addWidget(self.choose)
        column.addSpacing(GRID)
        column.addWidget(label(texts.FAVOURITES, "title"))
        column.addWidget(self.favourites)
        column.addStretch(1)
        return card

    def _bar(self) -> QWidget:
        bar = QWidget()
        bar.setFixedHeight(BAR_HEIGHT)
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 0, 0, GRID // 2)
        row.setSpacing(GAP)
        self.modes.setFixedWidth(208)
        row.addWidget(self.modes)
        row.addWidget(Legend(), 1)
        self.result.setWordWrap(True)
        self.result.setFixedWidth(156)
        self.result.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.result.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        row.addWidget(self.result)
        row.addWidget(self.fit)
        return bar
