"""``traumer-live render SONG -o MOVIE``: a song to a movie, offline.

In: parsed options.  Out: an exit code; progress on standard error.  Thread: main.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable

from traumer_live.cli.session import apply_options, model_options
from traumer_live.cli.share_bar import ShareBar
from traumer_live.cli.speech import say
from traumer_live.core.controls import OF_THE_ROOM, Controls
from traumer_live.core.errors import SettingsError
from traumer_live.core.keep_awake import KeepAwake
from traumer_live.core.settings import Settings
from traumer_live.core.signals import calling_on_signals
from traumer_live.engine.models import Models, load_models
from traumer_live.engine.offline import RenderPlan, check_paths, render
from traumer_live.video.take_names import movie_name

BAR = 32  # characters
REDRAW_S = 0.2
INTERRUPTED = 130


def run(options: argparse.Namespace) -> int:
    """Render; Ctrl-C leaves the part made so far."""
    # A movie must not depend on what was last turned in the studio: start from the defaults.
    _refuse_idle_settings(options.set or ())
    settings = apply_options(Settings(controls=Controls()), options)
    plan = RenderPlan(options.size, options.fps, settings.seed, settings.controls)
    options.output = movie_name(options.output)
    check_paths(options.song, options.output, force=options.force)  # before seconds of loading
    models = _with_mapping(load_models(settings, **model_options(options)))
    bar = ProgressBar()
    try:
        # Signals also where a shell had Ctrl-C ignored.
        with KeepAwake("a movie is made", screen=False), calling_on_signals(_interrupt):
            render(
                options.song, options.output, plan, models, force=options.force, progress=bar.show
            )
    except KeyboardInterrupt:
        bar.end()
        say(f"Stopped; {options.output} holds the first {bar.done_s:.0f} s.")
        return INTERRUPTED
    bar.end()
    say(f"Rendered {options.output} ({bar.done_s:.1f} s).")
    return 0


def _refuse_idle_settings(texts: Iterable[str]) -> None:
    """What a movie would pass over in silence."""
    for text in texts:
        name = text.partition("=")[0]
        if not name.startswith("controls.") or name.removeprefix("controls.") in OF_THE_ROOM:
            raise SettingsError(f"{name} changes nothing in a movie; leave it out.")


def _with_mapping(models: Models) -> Models:
    """A movie is made once, so a mapping that is missing is made before it, not beside it."""
    missing = models.unmapped
    if missing is None:
        return models
    if missing.source is None:
        say(
            f"There is no mapping for {missing.generator_name} with this tagger, and one can only "
            "be made from music; this movie is made with a first one, which has no meaning."
        )
        return models
    from traumer_live.labelling.starter import make_starter

    say(f"{missing.generator_name} has no mapping yet; one is made first, once.")
    bar = ShareBar()
    try:
        return models.mapped(make_starter(missing, share=bar.show))
    finally:
        bar.end()


def _interrupt() -> None:
    raise KeyboardInterrupt


class ProgressBar:
    """One line on standard error: how far, how fast, how long still."""

    def __init__(self) -> None:
        self.done_s = 0.0
        self._started = time.monotonic()
        self._drawn = 0.0

    def show(self, done_s: float, total_s: float | None) -> None:
        """Draw anew, a few times a second at most."""
        self.done_s = done_s
        now = time.monotonic()
        if now - self._drawn < REDRAW_S or not sys.stderr.isatty():
            return
        self._drawn = now
        speed = done_s / max(now - self._started, 1e-3)
        sys.stderr.write(f"\r{progress_line(done_s, total_s, speed)}\x1b[K")
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._drawn:
            sys.stderr.write("\n")


def progress_line(done_s: float, total_s: float | None, speed: float) -> str:
    """The bar as text; without a known length only what is done.

    >>> progress_line(30, 60, 2.0)
    '[################----------------]  50 %  0:30 of 1:00, 2.0x, 0:15 left'
    """
    if not total_s:
        return f"{_clock(done_s)} done, {speed:.1f}x"
    share = min(done_s / total_s, 1.0)
    filled = round(BAR * share)
    left = max(total_s - done_s, 0.0) / max(speed, 1e-6)
    return (
        f"[{'#' * filled}{'-' * (BAR - filled)}] {share:4.0%}".replace("%", " %")
        + f"  {_clock(done_s)} of {_clock(total_s)}, {speed:.1f}x, {_clock(left)} left"
    )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
