"""``traumer-live rerender SESSION``: a night painted again from its log, larger or by another.

In: parsed options.  Out: an exit code; progress on standard error.  Thread: main.
"""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path
from typing import Any

from traumer_live.cli.render import INTERRUPTED, ProgressBar
from traumer_live.cli.speech import say
from traumer_live.core.errors import ModelError, SourceError
from traumer_live.core.files import refuse_overwrite
from traumer_live.core.keep_awake import KeepAwake
from traumer_live.core.signals import calling_on_signals
from traumer_live.engine.models import Choice, load_choice
from traumer_live.engine.repaint import Cast, repaint, unfinished
from traumer_live.engine.session_log import Began, read_header, session_of
from traumer_live.synthesis.loading import load_generator
from traumer_live.video.look import Size
from traumer_live.video.take_names import movie_name


def run(options: argparse.Namespace) -> int:
    """Paint again; Ctrl-C leaves the part made so far, under a name of its own."""
    log = session_of(options.session)
    header = read_header(log)
    take = options.take or log.with_name(header.take)
    if not take.is_file():
        raise SourceError(f"The take {take} is not there, and the sound is in it; name it: --take.")
    size = _size(options.size, header.size)
    movie = movie_name(options.output or _beside(take, size, options.fps))
    refuse_overwrite(movie, force=options.force)
    if unfinished(movie).exists():
        say(f"{unfinished(movie).name} was left by a run that was stopped; this one begins anew.")
    casting = Company(options)
    bar = ProgressBar()
    try:
        with KeepAwake("a movie is made", screen=False), calling_on_signals(_interrupt):
            repaint(
                log,
                take,
                movie,
                casting.cast,
                size=size,
                fps=options.fps,
                force=options.force,
                progress=bar.show,
            )
    except KeyboardInterrupt:
        bar.end()
        say(
            f"Stopped; {unfinished(movie)} holds the first {bar.done_s:.0f} s. The take and its "
            "log are untouched: the same command paints all of it anew."
        )
        return INTERRUPTED
    bar.end()
    say(f"Rendered {movie} ({bar.done_s:.1f} s, {size[0]}x{size[1]}).")
    return 0


class Company:
    """Finds who paints each part of a night; every generator is loaded once."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._casts: dict[str, Cast] = {}

    def cast(self, began: Began) -> Cast:
        """The generator of this part, or the one that was asked for.

        Another one plays by its own mapping; or by what played, where it takes the same w.

        Raises:
            ModelError: it is not here, or is another one by now.
        """
        choice = _logged(began.told.get("choice", {}))
        key = repr(choice)
        if key not in self._casts:
            other = self._options.generator is not None or self._options.mapping is not None
            self._casts[key] = self._other(began, choice) if other else self._same(began, choice)
        return self._casts[key]

    def _same(self, began: Began, choice: Choice) -> Cast:
        from traumer_live.core import model_library

        options = self._options
        name = choice.generator
        generator = load_generator(
            model_library.resolve(name, "generator") if name else None,
            backend=options.backend,
            threads=options.threads,
            class_index=choice.class_index,
            aspect=choice.aspect,
            tell=say,
        )
        if generator.info.sha256 != began.told.get("generator_sha256"):
            raise ModelError(
                f"This night was painted by another version of {began.told.get('generator')}; "
                "name the one that shall paint it: --generator."
            )
        return Cast(generator)

    def _other(self, began: Began, choice: Choice) -> Cast:
        options = self._options
        models = load_choice(
            Choice(
                generator=options.generator or choice.generator,
                encoder=choice.encoder,
                mapping=options.mapping or "",
                backend=options.backend,
                threads=options.threads,
            ),
            say,
        )
        played = began.told.get("generator_w_space") or began.told.get("generator_sha256")
        if options.mapping is None and models.generator.info.w_space == played:
            return Cast(models.generator)
        if models.transfer.e_dim != began.state.transfer.e_dim:
            raise ModelError(
                "The mapping is for another tagger than the one that heard this night."
            )
        if models.unmapped is not None:
            say(
                f"{models.generator.info.name} has no mapping for this tagger yet; a first one "
                "plays, which has no meaning. Make one with: traumer-live map"
            )
        return Cast(models.generator, models.transfer)


def _logged(stored: dict[str, Any]) -> Choice:
    """The models that played; fields that nobody knows any more are left out."""
    known = {known.name for known in fields(Choice)}
    values = {name: value for name, value in stored.items() if name in known}
    aspect = values.get("aspect")
    return Choice(**{**values, "aspect": tuple(aspect) if aspect else None})


def _size(asked: tuple[int, int] | int, take: Size) -> Size:
    """A height alone keeps the take's shape."""
    if isinstance(asked, tuple):
        return asked
    return round(asked * take[0] / take[1] / 2) * 2, asked


def _beside(take: Path, size: Size, fps: int) -> Path:
    return take.with_name(f"{take.stem}-{size[1]}p{fps}.mp4")


def _interrupt() -> None:
    raise KeyboardInterrupt
