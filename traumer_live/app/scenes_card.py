"""The strip of scenes below the preview: nine slots with their pictures, and how they change.

In: the scene desk.  Out: scenes recalled and kept, by a click.  Thread: GUI.
A click recalls, a click on an empty slot keeps this moment there; the menu of a slot does the rest.
"""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QPoint, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPainterPath, QPaintEvent, QPixmap
from PyQt6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from traumer_live.app.scene_desk import SceneDesk
from traumer_live.app.texts import scenes as texts
from traumer_live.app.texts.common import Words
from traumer_live.app.theme import GRID, colour, icon
from traumer_live.app.widgets import Button, label
from traumer_live.engine.scene_pace import Advance
from traumer_live.scenes.scene import CROSSFADE_LIMITS, CROSSFADE_S, SLOTS, Scene

SLOT_SIZE = QSize(88, 50)
RADIUS = 6
ADVANCES = (
    (texts.BY_HAND, Advance("hand")),
    (texts.EVERY_30_S, Advance("seconds", 30)),
    (texts.EVERY_2_MIN, Advance("seconds", 120)),
    (texts.EVERY_16_BARS, Advance("bars", 16)),
    (texts.EVERY_32_BARS, Advance("bars", 32)),
)
WITH_THE_TRACK = (texts.WITH_THE_TRACK, Advance("track"))


class Slot(Button):
    """One quick slot: its picture and its number."""

    def __init__(self, desk: SceneDesk, number: int) -> None:
        super().__init__(role="slot")
        self._desk, self._number = desk, number
        self._scene: Scene | None = None
        self._picture = QPixmap()
        self._is_current = False
        self.setMinimumSize(QSize(56, SLOT_SIZE.height()))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(SLOT_SIZE.height())
        self.clicked.connect(self._clicked)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self.show_scene(None, is_current=False)

    def show_scene(self, scene: Scene | None, *, is_current: bool) -> None:
        """Follow the store."""
        if scene is None or self._scene is None or scene.thumbnail != self._scene.thumbnail:
            self._picture = QPixmap()
            if scene is not None and scene.thumbnail:
                self._picture.loadFromData(scene.thumbnail)
        self._scene, self._is_current = scene, is_current
        name = scene.name if scene else ""
        self.setAccessibleName(texts.slot(self._number, name))
        self.setToolTip(texts.slot_tip(self._number, name))
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802  Qt's name
        """The picture, its number on a dark corner; the one that plays has the accent's frame."""
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        shape = QPainterPath()
        shape.addRoundedRect(frame, RADIUS, RADIUS)
        painter.fillPath(shape, colour("hover" if self.underMouse() else "card"))
        painter.setClipPath(shape)
        if not self._picture.isNull():
            painter.drawPixmap(frame, self._picture, _middle(self._picture, frame))
        self._paint_words(painter, frame)
        painter.setClipping(False)
        if self._is_current or self.hasFocus():
            pen = painter.pen()
            pen.setColor(colour("accent" if self._is_current else "text"))
            pen.setWidth(2)
            painter.setPen(pen)
            painter.drawPath(shape)
        painter.end()

    def _paint_words(self, painter: QPainter, frame: QRectF) -> None:
        font = painter.font()
        font.setPixelSize(11)
        painter.setFont(font)
        if self._scene is not None and not self._picture.isNull():
            corner = QPainterPath()
            corner.addRoundedRect(QRectF(frame.left() + 4, frame.bottom() - 19, 16, 15), 4, 4)
            painter.fillPath(corner, colour("window"))
        painter.setPen(colour("text" if self._scene else "quiet"))
        if self._scene is None:
            painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, str(self._number))
            return
        place = QRectF(frame.left() + 4, frame.bottom() - 19, 16, 15)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(self._number))
        if self._picture.isNull():
            room = frame.adjusted(6, 4, -6, -20)
            name = painter.fontMetrics().elidedText(
                self._scene.name, Qt.TextElideMode.ElideRight, int(room.width())
            )
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, name)

    def _clicked(self) -> None:
        if self._scene is None:
            self._desk.keep(self._number)
        else:
            self._desk.recall(self._number)

    def _open_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.addAction(texts.KEEP_HERE, lambda: self._desk.keep(self._number))
        if (scene := self._scene) is not None:
            menu.addAction(texts.delete(scene.name), lambda: self._desk.remove(scene.name))
        menu.popup(self.mapToGlobal(at))


class Crossfade(QDoubleSpinBox):
    """Seconds; an emptied field returns to the default."""

    def __init__(self) -> None:
        super().__init__()
        self.setRange(*CROSSFADE_LIMITS)
        self.setDecimals(1)
        self.setSuffix(texts.SECONDS_SUFFIX)
        self.setValue(CROSSFADE_S)
        self.setToolTip(texts.crossfade_tip(*CROSSFADE_LIMITS, CROSSFADE_S))
        self.setAccessibleName(texts.CROSSFADE_SECONDS)

    def fixup(self, typed: str | None) -> str:
        """Qt asks what was meant by something that is no number."""
        return self.textFromValue(CROSSFADE_S) + self.suffix()


class ScenesStrip(QWidget):
    """Nine slots and one line of how they change."""

    def __init__(self, desk: SceneDesk) -> None:
        super().__init__()
        self._desk = desk
        self.slots = {number: Slot(desk, number) for number in SLOTS}
        self.crossfade = Crossfade()
        self.before = _symbol("before", texts.BEFORE)
        self.next = _symbol("next", texts.NEXT)
        self.shuffle = _symbol("shuffle", texts.SHUFFLE)
        self.lock = _symbol("lock", texts.LOCK, checkable=True)
        self.advance = QComboBox()
        self._advances: tuple[tuple[str, Advance], ...] = ()
        self.files = Button(texts.FILES.name, role="small")
        self._arrange()
        self._connect()
        self.show_scenes()

    def show_scenes(self) -> None:
        """Follow the desk."""
        self._offer_advances()
        by_slot = {scene.slot: scene for scene in self._desk.kept if scene.slot}
        for number, slot in self.slots.items():
            scene = by_slot.get(number)
            plays = scene is not None and scene.name == self._desk.current
            slot.show_scene(scene, is_current=plays)

    def _offer_advances(self) -> None:
        """With the track only where somebody tells of tracks."""
        advances = (*ADVANCES, WITH_THE_TRACK) if self._desk.knows_tracks else ADVANCES
        if advances != self._advances:
            chosen = self.advance.currentIndex()
            self.advance.clear()
            self.advance.addItems([words for words, _ in advances])
            self.advance.setCurrentIndex(max(chosen, 0))
            self._advances = advances

    def _connect(self) -> None:
        self._desk.changed.connect(self.show_scenes)
        self.before.clicked.connect(lambda: self._desk.step(-1))
        self.next.clicked.connect(lambda: self._desk.step(1))
        self.shuffle.clicked.connect(self._desk.shuffle)
        self.lock.clicked.connect(self._desk.lock)
        self.crossfade.valueChanged.connect(self._turned)
        self.advance.activated.connect(lambda row: self._desk.advance(self._advances[row][1]))
        self.files.clicked.connect(self._open_files)

    def _arrange(self) -> None:
        self._offer_advances()
        self.advance.setToolTip(texts.ADVANCE.tip)
        self.advance.setAccessibleName(texts.ADVANCE.name)
        self.files.setToolTip(texts.FILES.tip)
        pictures = QHBoxLayout()
        pictures.setSpacing(GRID)
        for slot in self.slots.values():
            pictures.addWidget(slot, 1)
        line = QHBoxLayout()
        line.setSpacing(GRID)
        line.addWidget(label(texts.CROSSFADE, "quiet"))
        line.addWidget(self.crossfade)
        line.addStretch()
        for widget in (self.before, self.next, self.shuffle, self.lock, self.advance, self.files):
            line.addWidget(widget)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(GRID)
        whole.addLayout(pictures)
        whole.addLayout(line)

    def _turned(self, seconds: float) -> None:
        self._desk.crossfade_s = seconds

    def _open_files(self) -> None:
        menu = QMenu(self)
        menu.addAction(texts.ADD, self._choose_source)
        export = menu.addAction(texts.GIVE_AWAY, self._choose_target)
        if export is not None:
            export.setEnabled(bool(self._desk.kept))
        menu.popup(self.files.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _choose_source(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, texts.ADD_TITLE, "", texts.SCENE_FILES)
        if name:
            self._desk.take_in(Path(name))

    def _choose_target(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, texts.GIVE_AWAY_TITLE, texts.GIVE_AWAY_AS, texts.SCENE_FILES
        )
        if name:
            self._desk.export(Path(name))


def _middle(picture: QPixmap, frame: QRectF) -> QRectF:
    """The part of the picture that fills the slot without being stretched."""
    wide = frame.width() / frame.height()
    width = min(picture.width(), picture.height() * wide)
    height = width / wide
    return QRectF((picture.width() - width) / 2, (picture.height() - height) / 2, width, height)


def _symbol(name: str, words: Words, *, checkable: bool = False) -> Button:
    button = Button(role="icon", checkable=checkable)
    button.setIcon(icon(name, "text", on="accent"))
    button.setToolTip(words.tip)
    button.setAccessibleName(words.name)
    return button
