"""Listening along: the studio gives way to a small window, and comes back from it.

In: the Projector and the studio window.  Out: one of both on the desktop.  Thread: GUI.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from PyQt6.QtCore import QObject, QPoint, QRect, pyqtSignal
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QMenu, QWidget

from traumer_live.app.projector import Projector
from traumer_live.app.small_window import SmallWindow, height_of
from traumer_live.app.texts import window as texts
from traumer_live.video.look import Size

WIDTH = 480  # px at first; then as it was left
MARGIN = 24  # px from the corner of the desktop
_PLACE = re.compile(r"(\d{2,5})x(\d{2,5})([+-]\d{1,5})([+-]\d{1,5})")

Entry = tuple[str, Callable[[], object]]  # words of the menu, and what they do


class Small(QObject):
    """Opens the small window and keeps its place."""

    changed = pyqtSignal()  # shown or hidden, by us or by the desktop
    key_pressed = pyqtSignal(str)
    closing = pyqtSignal()  # the desktop closed it: the show ends

    def __init__(self, projector: Projector, studio: QWidget, *, place: str = "") -> None:
        super().__init__()
        self._projector = projector
        self._studio = studio
        self._place = place
        self._on_top = True
        self.entries: Sequence[Entry] = ()  # of its menu, from whoever knows more than we
        self.window: SmallWindow | None = None

    @property
    def showing(self) -> bool:
        """Whether the small window stands in for the studio."""
        return self.window is not None

    @property
    def place(self) -> str:
        """Where it is or was, such as ``480x270+1400+780``; empty: never shown."""
        return place_text(self.window.geometry()) if self.window is not None else self._place

    def toggle(self) -> None:
        """Change between it and the studio."""
        if self.showing:
            self.hide()
        else:
            self.show()

    def show(self) -> None:
        """The small window instead of the studio."""
        if self.window is not None:
            return
        window = self.window = SmallWindow(self._projector)
        window.stay_on_top(self._on_top)
        window.setGeometry(self._where())
        window.double_clicked.connect(self.hide)
        window.menu_wanted.connect(self._open_menu)
        window.closed.connect(self.closing)
        window.key_pressed.connect(self.key_pressed)
        window.exposed.connect(self.changed)
        window.show()
        window.requestActivate()
        self._studio.hide()
        self.changed.emit()

    def hide(self) -> None:
        """The studio again."""
        if self.window is None:
            return
        self._studio.show()
        self.discard()
        self.changed.emit()

    def discard(self) -> None:
        """Close for good; its place is kept."""
        if self.window is not None:
            self._place, self._on_top = self.place, self.window.on_top
            self.window.closed.disconnect(self.closing)
            self.window.discard()
            self.window = None

    def _where(self) -> QRect:
        areas = [screen.availableGeometry() for screen in QGuiApplication.screens()]
        return wanted_place(self._place, areas, self._projector.size)

    def _open_menu(self, at: QPoint) -> None:
        if self.window is None:
            return
        menu = QMenu()
        menu.addAction(texts.BACK_TO_STUDIO, self.hide)
        top = menu.addAction(texts.ABOVE_OTHERS)
        if top is not None:
            top.setCheckable(True)
            top.setChecked(self.window.on_top)
            top.toggled.connect(self.window.stay_on_top)
        for words, act in self.entries:
            menu.addAction(words, act)
        menu.winId()  # so that it has a window, which Wayland wants to belong to ours
        if (inside := menu.windowHandle()) is not None:
            inside.setTransientParent(self.window)
        menu.aboutToHide.connect(menu.deleteLater)
        self._menu = menu  # or it is gone before it was seen
        menu.popup(at)


def place_text(area: QRect) -> str:
    """``480x270+1400+780``."""
    return f"{area.width()}x{area.height()}{area.x():+d}{area.y():+d}"


def wanted_place(text: str, areas: Sequence[QRect], shape: Size) -> QRect:
    """The place in ``text`` as long as a screen shows its middle, else a corner of the first."""
    match = _PLACE.fullmatch(text)
    if match is not None:
        width, _, x, y = (int(number) for number in match.groups())
        place = QRect(x, y, width, height_of(width, shape))
        if any(area.contains(place.center()) for area in areas):
            return place
    height, area = height_of(WIDTH, shape), areas[0]
    return QRect(area.right() - WIDTH - MARGIN, area.bottom() - height - MARGIN, WIDTH, height)
