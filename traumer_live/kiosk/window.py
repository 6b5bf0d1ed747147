"""The kiosk: the picture alone on a monitor, without Qt.

In: a running Show.  Out: an exit code; a take and statistics if asked.  Thread: main.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import moderngl

from traumer_live.core.errors import OutputError
from traumer_live.core.keep_awake import KeepAwake
from traumer_live.core.paths import videos_dir
from traumer_live.core.settings import Settings
from traumer_live.core.signals import stopping_on_signals
from traumer_live.core.stats import write_report
from traumer_live.core.types import Pixels
from traumer_live.engine.screen import Screen, hud_reading
from traumer_live.engine.show import Show
from traumer_live.engine.status import ShowStatus
from traumer_live.kiosk.actions import Actions, TakePlan
from traumer_live.kiosk.surface import Surface, require_display
from traumer_live.video.hud import Hud
from traumer_live.video.look import Size
from traumer_live.video.presenter import Presenter

__all__ = ["Projection", "require_display", "run_kiosk"]

POLL_S = 0.002  # how long to wait for keys when there is nothing new to draw
STATUS_S = 0.25

Tell = Callable[[str], None]


class Duty(Protocol):
    """What an unattended kiosk does besides showing."""

    def take_up(self, show: Show, projection: Projection, actions: Actions) -> None:
        """The picture is on the screen."""
        ...

    def turn(self, now_s: float) -> None:
        """Once in every turn of the loop; never waits."""
        ...

    def close(self) -> None:
        """The picture is still on the screen; it ends next."""
        ...


class Projection:
    """Draws the show into the kiosk's window."""

    def __init__(self, show: Show, surface: Surface, ctx: moderngl.Context, size: Size) -> None:
        self._show = show
        self._surface = surface
        self._ctx = ctx
        self._screen = Screen(show, ctx, size)
        self._presenter = Presenter(ctx)
        self._hud = Hud()
        self._status_due = 0.0
        self.watchers: list[Callable[[ShowStatus, float], None]] = []  # called with each look
        self._presented_size: Size = (0, 0)  # another one is filled at once, not at the next frame

    def refresh(self, now_s: float) -> bool:
        """Show what is new at host time ``now_s``; False when nothing is."""
        if now_s >= self._status_due:
            self._look_at_status(now_s)
        is_new = self._screen.refresh(now_s)
        if not is_new and self._surface.size == self._presented_size:
            return False
        with self._show.stats.stage("present"):
            self._present()
        return True

    @property
    def picture(self) -> Pixels | None:
        """The generator's picture that is seen now, before the look."""
        return self._screen.picture

    def close(self) -> None:
        """Hand the last picture to the take and give everything back to the driver."""
        self._screen.close()
        self._presenter.release()
        self._ctx.release()

    def _present(self) -> None:
        size = self._presented_size = self._surface.size
        if 0 in size:
            return  # minimised
        hud = self._hud if self._show.controls.now.hud else None
        window = self._ctx.detect_framebuffer(0)
        fill = self._show.controls.now.screen == "fill"
        self._presenter.show(self._screen.texture, window, size, hud=hud, fill=fill)
        self._surface.swap()

    def _look_at_status(self, now_s: float) -> None:
        """A few times a second: numbers for the status line; a take that failed is let go."""
        self._status_due = now_s + STATUS_S
        status = self._show.status()
        self._show.stats.thread_cpu("main")
        self._screen.follow_display(self._surface.refresh_hz)
        for watch in self.watchers:
            watch(status, now_s)
        if self._show.controls.now.hud:
            self._hud.update(hud_reading(status), now_s=now_s, window=self._surface.size)


def run_kiosk(
    show: Show,
    *,
    settings: Settings,
    size: Size,
    monitor: str | None = None,
    windowed: bool = False,
    seconds: float | None = None,
    stats_path: Path | None = None,
    record: str | Path | None = None,
    record_raw: bool = False,
    force: bool = False,
    keys: bool = True,
    tell: Tell | None = None,
    opened: tuple[Surface, moderngl.Context] | None = None,
    duty: Duty | None = None,
    scene: str = "",
    again: bool = False,
) -> int:
    """Show the running ``show`` until somebody ends it, the time is over, or its file has ended.

    ``size`` is that of what the audience sees and of takes; the window scales it. The show is
    stopped here in any case, so that a take is always finished. ``opened`` is a window that shows a
    picture already, closed here; ``duty`` is what an unattended kiosk does besides; ``scene`` is
    the name of the one that the show begins in. A kiosk that is started ``again`` by its parent
    shows its picture also where the take cannot begin, and leaves that to its duty.

    Raises:
        DisplayError: no window can be opened, or there is no such monitor.
        OutputError: the take or the statistics cannot be written.
    """
    plan = TakePlan(record or _take_folder(settings), size, raw=record_raw, force=force)
    actions = Actions(show, plan, scene=scene)
    on_key = actions.on_key if keys else lambda _key: None
    surface = (
        opened[0]
        if opened
        else Surface(size, monitor=monitor, saved_monitor=settings.output_screen, on_key=on_key)
    )
    surface.on_key = on_key
    with ExitStack() as stack:  # leaves in reverse: picture, window, machine, then the show
        # Outermost: a second signal must not cut off the take that is being finished.
        stopped = stack.enter_context(stopping_on_signals())
        stack.callback(_finish, show, stats_path, tell or _say)
        stack.enter_context(KeepAwake())
        stack.callback(surface.close)
        projection = Projection(show, surface, opened[1] if opened else surface.open(), size)
        stack.callback(projection.close)
        actions.surface = surface
        _appear(surface, projection, windowed=windowed)
        if duty is not None:
            duty.take_up(show, projection, actions)
            stack.callback(duty.close)
        if record is not None:
            _begin_take(show, actions, must=not again)
        over_at = time.monotonic() + (seconds or float("inf"))
        while not _is_over(show, surface, actions, stopped) and time.monotonic() < over_at:
            _turn(show, surface, projection, tell or _say)
            if duty is not None:
                duty.turn(time.monotonic())
    return 0


def _begin_take(show: Show, actions: Actions, *, must: bool) -> None:
    """Begin the take that was asked for; unless it ``must``, one that cannot be is tried again."""
    try:
        actions.start_recording()
    except OutputError as error:
        if must:
            raise
        actions.wants_takes = True
        show.notices.tell_again(str(error))


def _appear(surface: Surface, projection: Projection, *, windowed: bool) -> None:
    """Draw before the window is seen, so that it never shows an empty one."""
    projection.refresh(time.monotonic())
    if windowed:
        surface.show_window()
    else:
        surface.show_fullscreen()
    surface.poll()


def _turn(show: Show, surface: Surface, projection: Projection, tell: Tell) -> None:
    drawn = projection.refresh(time.monotonic())
    surface.poll(0.0 if drawn else POLL_S)
    for notice in show.notices.drain():
        tell(notice)


def _is_over(show: Show, surface: Surface, actions: Actions, stopped: threading.Event) -> bool:
    return actions.quits or stopped.is_set() or surface.wants_to_close or show.finished


def _finish(show: Show, stats_path: Path | None, tell: Tell) -> None:
    """End take and threads, say what is left to say, write the statistics."""
    show.stop()
    for notice in show.notices.drain():
        tell(notice)
    if stats_path is not None:
        write_report(stats_path, show.report())


def _take_folder(settings: Settings) -> str:
    """Where the key R puts takes; the slash says that it is a folder even before it exists."""
    return f"{settings.record_folder or videos_dir()}/"


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
