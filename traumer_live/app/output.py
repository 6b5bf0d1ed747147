"""When and where the audience's window is shown, whatever screens come and go.

In: the Projector and which screen is wanted.  Out: a fullscreen picture.  Thread: GUI.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtGui import QGuiApplication, QScreen

from traumer_live.app.picture_window import PictureWindow, audience_window, place
from traumer_live.app.projector import Projector
from traumer_live.app.screens import Wanted, pick_screen, short_name, wanted_screen
from traumer_live.app.texts.window import SCREEN_LOST


class Output(QObject):
    """Opens the audience's window and keeps it on its screen."""

    changed = pyqtSignal()  # shown, hidden, or other screens
    key_pressed = pyqtSignal(str)
    lost = pyqtSignal(str)  # one sentence: the audience's screen was unplugged

    def __init__(
        self,
        projector: Projector,
        *,
        wanted: Wanted,
        own_screen: Callable[[], QScreen | None],
    ) -> None:
        super().__init__()
        self._projector = projector
        self._studio_screen = own_screen
        self._wanted = wanted
        self._returns = False  # it was shown on a screen that went away
        self.window: PictureWindow | None = None
        app = cast(QGuiApplication, QGuiApplication.instance())
        app.screenAdded.connect(self._screen_came_or_went)
        app.screenRemoved.connect(self._screen_came_or_went)

    @property
    def showing(self) -> bool:
        """Whether the audience sees something."""
        return self.window is not None

    @property
    def wanted(self) -> Wanted:
        """The chosen screen, to be remembered."""
        return self._wanted

    @property
    def screen(self) -> QScreen:
        """The screen that is or would be filled."""
        screens = QGuiApplication.screens()
        return cast(QScreen, pick_screen(screens, self._wanted, self._own_screen()))

    def choose(self, name: str) -> None:
        """Fill the screen ``name`` from now on, wherever it is plugged in."""
        screens = {screen.name(): screen for screen in QGuiApplication.screens()}
        self._wanted = wanted_screen(screens[name]) if name in screens else Wanted(name)
        if self.window is not None:
            self._fill()
        self.changed.emit()

    def toggle(self) -> None:
        """Show or hide."""
        if self.showing:
            self.hide()
        else:
            self.show()

    def show(self) -> None:
        """Fill the screen."""
        if self.window is None:
            self.window = audience_window(self._projector)
            self.window.key_pressed.connect(self.key_pressed)
        self._fill()
        self._returns = False
        self.changed.emit()

    def hide(self) -> None:
        """Give the screen back."""
        self._returns = False
        if self.window is not None:
            self.window.discard()
            self.window = None
            self._projector.follow_display(0.0)
        self.changed.emit()

    def _fill(self) -> None:
        """Place the window where it belongs, and draw in time with that screen."""
        assert self.window is not None
        screen = self.screen
        if screen.name() == self._wanted.name and not self._wanted.device:
            self._wanted = wanted_screen(screen)  # it was named by its connector alone
        place(self.window, screen)
        self._projector.follow_display(screen.refreshRate())

    def _own_screen(self) -> str:
        screen = self._studio_screen()
        return screen.name() if screen is not None else ""

    def _screen_came_or_went(self, screen: QScreen) -> None:
        # While the signal is sent a window still names the dead screen: act on the next turn.
        QTimer.singleShot(0, self._screens_changed)

    def _screens_changed(self) -> None:
        screen = self.screen
        if self.window is not None and self._would_cover(screen):
            self.hide()
            self._returns = True
            self.lost.emit(SCREEN_LOST)
        elif self.window is not None:
            self._fill()
        elif self._returns and not self._would_cover(screen):
            self.show()
        self.changed.emit()

    def _would_cover(self, screen: QScreen) -> bool:
        """Whether only the operator's own screen is left, though another one was meant."""
        is_wanted = self._wanted.is_device(screen) or self._wanted.is_place(screen)
        return short_name(screen) == self._own_screen() and not is_wanted
