"""Makes the QApplication and the windows, and runs them.

In: a running Show and what the command line asked for.  Out: what shall be remembered.
Thread: main.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication, QTimer
from PyQt6.QtWidgets import QApplication

from traumer_live.app.desk import Choices, Desk
from traumer_live.app.opengl import prepare_opengl
from traumer_live.app.projector import Projector
from traumer_live.app.screens import Wanted
from traumer_live.app.texts.common import PROGRAM
from traumer_live.app.texts.window import stumbled
from traumer_live.app.theme import dress
from traumer_live.app.window import StudioWindow
from traumer_live.core.settings import Settings
from traumer_live.core.signals import calling_on_signals
from traumer_live.engine.show import Show

if TYPE_CHECKING:
    from traumer_live.app.studio import Wishes


def run_windows(show: Show, settings: Settings, wishes: Wishes) -> Choices:
    """Open the studio and return when it was closed.

    Raises:
        DisplayError: there is no OpenGL for windows.
        OutputError: the take that was asked for cannot be written.
    """
    app = application()
    desk = Desk(show, settings, wishes.size)
    projector = Projector(show, wishes.size)
    desk.status_changed.connect(projector.read)
    with ExitStack() as at_the_end:  # the window goes first, then the desk, then the picture
        at_the_end.callback(projector.close)
        at_the_end.callback(desk.close)
        window = StudioWindow(
            desk,
            projector,
            wanted_screen=Wanted(settings.output_screen, settings.output_device),
            small_place=settings.small_window,
        )
        at_the_end.callback(window.discard)
        window.closing.connect(app.quit)
        (window.small if wishes.small else window).show()
        if wishes.record is not None:
            desk.record(wishes.record, raw=wishes.record_raw, force=wishes.force)
        if wishes.fullscreen:
            window.output.show()
        projector.start()
        desk.start()
        if wishes.welcome:
            window.greet(search=not wishes.source_named)
        with calling_on_signals(app.quit), _bugs_as_notices(show):
            _quit_after(app, wishes.seconds)
            app.exec()
        wanted = window.output.wanted
        chosen = desk.choices(wanted.name)
        return replace(chosen, output_device=wanted.device, small_window=window.small.place)


def application() -> QApplication:
    """The QApplication, made and dressed; Qt allows only one."""
    present = QApplication.instance()
    if isinstance(present, QApplication):
        return present
    prepare_opengl()
    app = QApplication([sys.argv[0]])
    QCoreApplication.setApplicationName("traumer-live")
    app.setApplicationDisplayName(PROGRAM)
    app.setQuitOnLastWindowClosed(False)  # the audience's window comes and goes
    dress(app)
    return app


def _quit_after(app: QApplication, seconds: float | None) -> None:
    if seconds is not None:
        QTimer.singleShot(round(1000 * seconds), app.quit)


@contextmanager
def _bugs_as_notices(show: Show) -> Iterator[None]:
    """PyQt ends the process at an error in a slot; a show must rather go on."""

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        show.notices.tell(stumbled(error))
        before(kind, error, trace)

    before, sys.excepthook = sys.excepthook, tell
    try:
        yield
    finally:
        sys.excepthook = before
