"""Takes every picture of the program's windows that the documents show, in a display of its own.

    python -m tools.screenshots [--only NAME ...] [--music FOLDER] [--out docs/images]
                                [--size 1280x800]

In: the shipped models, the demo track; for the labelling window some music.  Out: PNG files.
Settings, scenes, labels and takes are made in a folder that is thrown away; nothing of yours is
touched. Needs Xvfb. Run it again whenever a panel or the generator changes, and look at it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageGrab

from benchmarks._stage import end, private_stage

if TYPE_CHECKING:
    from PyQt6.QtGui import QImage
    from PyQt6.QtWidgets import QApplication

    from traumer_live.app.desk import Desk
    from traumer_live.app.projector import Projector
    from traumer_live.app.window import StudioWindow
    from traumer_live.engine.show import Show

PATIENCE_S = 240.0  # a busy machine may need long for the first picture by music
LOOK_S = 0.05  # between two looks whether something has happened
SETTLE_S = 1.5  # until a panel has been drawn and the next picture has come
MARGIN = 64  # px of desktop round the small window
RECOVER_S = 6.0  # in which what a change cost goes out of the numbers, and the music goes on
STAY_S = 11.0  # longer than a badge
LISTEN_S = 12.0  # of the demo before the first picture is taken
PROGRAM_S = 25.0  # that a program of its own is given before its picture is taken


@dataclass
class Stage:
    """A studio that runs, and how to wait for it."""

    app: QApplication
    show: Show
    desk: Desk
    projector: Projector
    window: StudioWindow

    def wait(self, seconds: float) -> None:
        """Let the studio live for a while: nothing here is polled meanwhile."""
        pause(seconds)

    def until(self, done: Callable[[], bool], *, patience_s: float = PATIENCE_S) -> bool:
        """Let it live until ``done``; whether it was."""
        return wait_for(done, patience_s=patience_s)

    def press(self, key: str) -> None:
        """A key of the studio's table."""
        self.window.keys.press(key)
        self.wait(SETTLE_S)


Shot = Callable[[Stage], None]
SHOTS: dict[str, Shot] = {}


def shot(make: Shot) -> Shot:
    """Registers how a picture is arranged, under its function's name."""
    SHOTS[make.__name__.replace("_", "-")] = make
    return make


@shot
def studio(stage: Stage) -> None:
    """The whole studio as it opens, with scenes that were kept."""
    for slot, look in enumerate(("velvet", "mandala", "plain"), 1):
        stage.desk.change(look=look)
        stage.wait(SETTLE_S)
        stage.desk.scenes.keep(slot)
        stage.until(lambda n=slot: len(stage.desk.scenes.kept) >= n, patience_s=60)
    stage.wait(RECOVER_S)


@shot
def studio_look(stage: Stage) -> None:
    """The looks and their knobs."""
    stage.desk.change(look="mandala")
    stage.wait(RECOVER_S)
    stage.window.pages.turn_to("look")


@shot
def studio_sound(stage: Stage) -> None:
    """What is listened to."""
    stage.desk.change(look="plain")
    stage.wait(RECOVER_S)
    stage.window.pages.turn_to("sound")


@shot
def studio_take(stage: Stage) -> None:
    """A take that runs, and two that were kept."""
    stage.window.pages.turn_to("take")
    for kept in (1, 2):
        stage.press("R")
        stage.wait(6 * kept)
        stage.press("R")
        stage.until(lambda n=kept: len(stage.desk.takes.kept) >= n, patience_s=60)
    stage.press("R")
    stage.wait(7)


@shot
def studio_why(stage: Stage) -> None:
    """The account of the picture."""
    if stage.desk.recording:
        stage.press("R")
        stage.wait(STAY_S)  # until nothing tells of it any more
    stage.window.pages.turn_to("why")


@shot
def studio_welcome(stage: Stage) -> None:
    """What the first start shows beside the picture."""
    stage.window.pages.turn_to("dream")
    stage.window.greet(search=False)
    stage.wait(12)


@shot
def studio_keys(stage: Stage) -> None:
    """The sheet of keys."""
    stage.press("Esc")  # out of the welcome
    stage.press("?")


@shot
def small_window(stage: Stage) -> None:
    """Listening along, with the title on request."""
    stage.window.sheet.hide()
    stage.press("M")
    stage.wait(2)
    stage.projector.show_title("Demo · TräumerAI Live")


@shot
def output(stage: Stage) -> None:
    """What the audience sees, with the status line."""
    stage.press("M")
    stage.press("H")
    stage.press("F")
    stage.wait(RECOVER_S)


@contextmanager
def private_folders() -> Iterator[Path]:
    """Settings, caches, scenes and takes of nobody."""
    home = Path(tempfile.mkdtemp(prefix="traumer-pictures-"))
    for name in ("CONFIG_HOME", "CACHE_HOME", "DATA_HOME", "RUNTIME_DIR", "VIDEOS_DIR"):
        folder = home / name.lower()
        folder.mkdir(mode=0o700)
        os.environ[f"XDG_{name}"] = str(folder)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def display(size: str) -> Iterator[None]:
    """An X server without a screen."""
    if shutil.which("Xvfb") is None:
        sys.exit("Xvfb is not installed; pictures are taken in a display of their own.")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, pass_fds=[writing], stdin=quiet, stdout=quiet, stderr=quiet)
    os.close(writing)
    with os.fdopen(reading) as answer:
        os.environ["DISPLAY"] = f":{answer.readline().strip()}"
    os.environ.pop("WAYLAND_DISPLAY", None)
    try:
        yield
    finally:
        server.terminate()
        server.wait(timeout=10)


@contextmanager
def stage_of_demo(size: str, *, threads: int | None = None) -> Iterator[Stage]:
    """The studio on the bundled track, after it has listened for a while."""
    from traumer_live.app.desk import Desk
    from traumer_live.app.projector import Projector
    from traumer_live.app.run import application
    from traumer_live.app.window import StudioWindow
    from traumer_live.audio.capture import SourceSpec
    from traumer_live.core.paths import data_file
    from traumer_live.core.settings import Settings
    from traumer_live.engine.models import load_models
    from traumer_live.engine.show import Show

    picture, settings = (640, 360), Settings()
    source = SourceSpec("file", str(data_file("assets/demo.opus")), loop=True)
    with ExitStack() as at_the_end:
        models = load_models(settings, backend="onnx", threads=threads)
        show = at_the_end.enter_context(Show(settings, models, source))
        app = application()
        desk, projector = Desk(show, settings, picture), Projector(show, picture)
        at_the_end.callback(projector.close)
        at_the_end.callback(desk.close)
        desk.status_changed.connect(projector.read)
        window = StudioWindow(desk, projector)
        at_the_end.callback(window.discard)
        window.resize(*(int(side) for side in size.split("x")))
        window.show()
        projector.start()
        desk.start()
        stage = Stage(app, show, desk, projector, window)
        stage.until(lambda: show.stats.first_music_s is not None)
        stage.wait(LISTEN_S)
        yield stage


def grab(stage: Stage, target: Path) -> None:
    """What stands on the screen, as a person sees it."""
    stage.wait(SETTLE_S)
    screen = stage.app.primaryScreen()
    if screen is None:
        sys.exit("The display has no screen.")
    seen = screen.grabWindow(0)
    if (small := stage.window.small.window) is not None:  # beside it there is but an empty desktop
        seen = seen.copy(small.geometry().adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN) & seen.rect())
    keep(seen.toImage(), target)


def keep(seen: QImage, target: Path) -> None:
    """Write what was seen, lossless: fewer colours show in a picture of pictures."""
    seen.save(str(target), "PNG")
    with Image.open(target) as image:
        image.convert("RGB").save(target, optimize=True)
    print(target)


def pause(seconds: float) -> None:
    """Let Qt go on for a while, in its own loop."""
    from PyQt6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def wait_for(done: Callable[[], bool], *, patience_s: float = PATIENCE_S) -> bool:
    """Let Qt go on until ``done``; whether it was."""
    ends = time.monotonic() + patience_s
    while not done():
        if time.monotonic() > ends:
            return False
        pause(LOOK_S)
    return True


def photograph(words: Sequence[str], target: Path, *, screen: str) -> None:
    """The windows of another process, with a sound server, after it has lived for a while."""
    command = [sys.executable, "-m", "traumer_live", *words]
    with private_stage(screen=screen) as environment:
        program = subprocess.Popen(command, env=environment)
        try:
            time.sleep(PROGRAM_S)
            seen = ImageGrab.grab(xdisplay=environment["DISPLAY"])
        finally:
            end(program)
    seen.convert("RGB").save(target, optimize=True)
    print(target)


def main(arguments: Sequence[str] | None = None) -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = sorted([*SHOTS, "kiosk", "labelling"])
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--music", type=Path, default=Path("assets"), metavar="FOLDER")
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    parser.add_argument("--size", default="1280x800", metavar="WxH")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    programs = {
        "kiosk": ("kiosk", "--source", "file:assets/demo.opus", "--hud", "--backend", "onnx"),
        "labelling": ("label", "--music", str(options.music), "--name", "Ada"),
    }
    for name, words in programs.items():
        if name in options.only:
            photograph(words, options.out / f"{name}.png", screen=options.size)
    if not SHOTS.keys() & set(options.only):
        return
    with private_folders(), display(options.size), stage_of_demo(options.size) as stage:
        for name, arrange in SHOTS.items():
            if name in options.only:
                arrange(stage)
                grab(stage, options.out / f"{name}.png")


if __name__ == "__main__":
    main()
