"""A studio on a real display: the real Show, either running or fed with pictures by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.models import SmallModels
from tests.waiting import PATIENCE_S
from traumer_live.app.desk import Desk
from traumer_live.app.projector import Projector
from traumer_live.app.run import application
from traumer_live.app.window import StudioWindow
from traumer_live.audio.capture import SourceSpec
from traumer_live.core.controls import Controls
from traumer_live.core.types import Frame, Pixels
from traumer_live.engine.show import Show

SIZE = (320, 180)
# Paper keeps colours as they are: no pulse, no vignette.
PLAIN = Controls(preset="paper", fit="fit")


PATIENCE_MS = round(1000 * PATIENCE_S)


class PatientBot(QtBot):
    """A busy machine may take its time."""

    def waitUntil(self, callback, *, timeout=PATIENCE_MS):  # noqa: N802  pytest-qt's name
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal, *, timeout=PATIENCE_MS):  # noqa: N802
        return super().waitSignal(signal, timeout=timeout)

    def open(self, window) -> None:
        """Show it, and wait until its keys reach it."""
        with self.waitExposed(window):
            window.show()
        with self.waitActive(window):
            window.activateWindow()

    def waitExposed(self, widget, *, timeout=PATIENCE_MS):  # noqa: N802
        return super().waitExposed(widget, timeout=timeout)

    def waitActive(self, widget, *, timeout=PATIENCE_MS):  # noqa: N802
        return super().waitActive(widget, timeout=timeout)


@pytest.fixture
def qtbot(qapp, request) -> PatientBot:
    return PatientBot(request)


@pytest.fixture(scope="session")
def qapp(display: str) -> QApplication:
    return application()


@pytest.fixture(scope="session")
def models(small_models: SmallModels):
    return small_models.load()


@dataclass
class Studio:
    show: Show
    desk: Desk
    projector: Projector
    window: StudioWindow

    def feed(self, pixels: Pixels) -> None:
        """Give the windows one picture, and let them draw it."""
        self.show.frames.put(Frame(pixels, 1600))
        self.projector.refresh()


@pytest.fixture
def make_show(models, small_models, tmp_path: Path) -> Iterator[Callable[..., Show]]:
    """A Show; ``running`` ones listen and dream, the others wait for pictures by hand."""
    running = []

    def make(*, controls: Controls = PLAIN, source: str = "tone", run: bool = True) -> Show:
        settings = small_models.settings(controls=controls, record_folder=str(tmp_path))
        show = Show(settings, models, SourceSpec.parse(source))
        if run:
            show.start()
            running.append(show)
        return show

    yield make
    for show in running:
        show.stop()


@pytest.fixture
def open_studio(qapp, qtbot, small_models, tmp_path: Path):
    """Opens the window on a Show; closed again after the test."""
    opened: list[Studio] = []

    def open_it(show: Show) -> Studio:
        desk = Desk(show, small_models.settings(record_folder=str(tmp_path)), SIZE)
        projector = Projector(show, SIZE)
        window = StudioWindow(desk, projector)
        opened.append(Studio(show, desk, projector, window))
        qtbot.open(window)
        return opened[-1]

    yield open_it
    for studio in opened:
        studio.window.discard()
        studio.desk.close()
        studio.projector.close()


@pytest.fixture
def still(make_show, open_studio) -> Studio:
    """A studio whose pictures the test gives."""
    return open_studio(make_show(run=False))


@pytest.fixture
def live(make_show, open_studio) -> Studio:
    """A studio that listens to a tone and dreams."""
    studio = open_studio(make_show())
    studio.projector.start()
    studio.desk.start()
    return studio


@pytest.fixture
def quarters() -> Pixels:
    """Red top left, green top right, blue bottom left, yellow bottom right."""
    pixels = np.full((64, 64, 4), 255, np.uint8)
    pixels[:32, :32, :3], pixels[:32, 32:, :3] = (255, 0, 0), (0, 255, 0)
    pixels[32:, :32, :3], pixels[32:, 32:, :3] = (0, 0, 255), (255, 255, 0)
    return pixels
