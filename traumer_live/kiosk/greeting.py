"""The picture of the last run, on the screen while models are loaded.

In: that picture, a Surface.  Out: what ``load`` returns, with the window open.  Thread: main draws
and hears the window system; ``load`` runs on a thread of its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import moderngl

from traumer_live.core.controls import Controls
from traumer_live.core.types import Pixels, Pulse
from traumer_live.engine.seen import look_state
from traumer_live.kiosk.surface import Surface
from traumer_live.video.look import Size
from traumer_live.video.presenter import Presenter
from traumer_live.video.renderer import Renderer

T = TypeVar("T")
_POLL_S = 0.02


def greet(
    surface: Surface,
    ctx: moderngl.Context,
    picture: Pixels,
    controls: Controls,
    *,
    size: Size,
    windowed: bool,
) -> None:
    """Show ``picture`` as it was seen, without a pulse; a dark kiosk stays dark."""
    renderer, presenter = Renderer(ctx, size), Presenter(ctx)
    renderer.upload(picture)
    renderer.draw(look_state(controls, Pulse(), time_s=0.0))
    for _ in range(2):  # the window's size is known for sure only when it is shown
        if not controls.blackout:
            window, fill = ctx.detect_framebuffer(0), controls.screen == "fill"
            presenter.show(renderer.texture, window, surface.size, hud=None, fill=fill)
        surface.swap()
        if not surface.fills_monitor and not windowed:
            surface.show_fullscreen()
        elif windowed:
            surface.show_window()
        surface.poll()
    presenter.release()
    renderer.release()


def load_meanwhile(load: Callable[[], T], surface: Surface) -> T:
    """What ``load`` returns or raises; the window stays alive."""
    errand = _Errand(load)
    errand.thread.start()
    while errand.thread.is_alive():
        surface.poll(_POLL_S)
        time.sleep(0)  # let the loading thread have Python
    return errand.result()


class _Errand(Generic[T]):
    def __init__(self, load: Callable[[], T]) -> None:
        self._load = load
        self._done: list[T] = []
        self._error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, name="loading", daemon=True)

    def result(self) -> T:
        if self._error is not None:
            raise self._error
        return self._done[0]

    def _run(self) -> None:
        try:
            self._done.append(self._load())
        except Exception as error:  # noqa: BLE001  (the thread's edge; raised again in main)
            self._error = error
