"""A night painted again from its session log: larger, smoother, or by another generator.

In: a session log, its take (for the sound), generators.  Out: a movie.  Thread: the caller's thinks
and draws; painters make pictures on every core, a writer encodes.

The same generator thinks and paints exactly what it did live: the mind is told again what it was
told. Another one hears the logged embeddings through a mapping of its own, unless it takes the same
w.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from traumer_live.audio.files import open_sound
from traumer_live.core.controls import Controls
from traumer_live.core.cores import usable_cores
from traumer_live.core.errors import OutputError, SourceError
from traumer_live.core.files import refuse_overwrite, refuse_same_file
from traumer_live.core.types import SHOW_RATE, TICK_RATE, Array, Pixels
from traumer_live.engine.mind import Mind, Thought
from traumer_live.engine.painters import Painters
from traumer_live.engine.rate import at_rate, blended
from traumer_live.engine.screen import look_state
from traumer_live.engine.session_log import Began, end_of, events, read_header
from traumer_live.engine.switching import Crossfade
from traumer_live.latent.level_transfer import AnyTransfer
from traumer_live.synthesis.generator import Generator
from traumer_live.video.look import Fade, LookState, Size
from traumer_live.video.offscreen import Offscreen
from traumer_live.video.take import Take
from traumer_live.video.take_writer import TakeWriter

Progress = Callable[[float, float | None], None]  # seconds done, seconds in all if known


@dataclass(frozen=True)
class Cast:
    """Who paints, and by which mapping; None is the logged one."""

    generator: Generator
    transfer: AnyTransfer | None = None


Casting = Callable[[Began], Cast]


@dataclass(frozen=True)
class Moment:
    """What shall be painted, and how it is looked at."""

    thought: Thought
    controls: Controls
    cast: Cast
    number: int  # of the models in the log, counted from 0

    @property
    def w_plus(self) -> Array:
        """(num_ws, w_dim)."""
        return self.thought.w_plus

    @property
    def noise_gain(self) -> float:
        """Strength of the generator's grain."""
        return self.thought.noise_gain


def moments(log: Path, casting: Casting) -> Iterator[Moment]:
    """Every tick of the take, in order, thought again.

    Raises:
        SourceError: it is no session log.
        ModelError: a generator or mapping of it cannot be had.
    """
    done = read_header(log).start_index
    mind, cast, number = None, None, -1
    for event in events(log):
        if isinstance(event, Began):
            cast, number = casting(event), number + 1
            state = replace(event.state, transfer=cast.transfer or event.state.transfer)
            # Along another mapping's own spread, where the logged one means another generator.
            sigma = None if cast.transfer else event.state.sigma
            mind = Mind(replace(state, sigma=sigma), cast.generator)
        elif mind is not None and cast is not None:
            told = replace(event, transfer=None) if cast.transfer else event
            thought = mind.again(told)
            if thought is not None and thought.sample_index > done:
                done = thought.sample_index
                yield Moment(thought, event.controls, cast, number)


def moments_at(
    fps: int, ticks: Iterable[Moment], start: int, end: int | None = None
) -> Iterator[Moment]:
    """Moments at ``fps`` a second from show time ``start``; between two ticks they are blended."""
    return at_rate(
        ticks, fps, thought=lambda each: each.thought, blend=_between, start=start, end=end
    )


def repaint(
    log: Path,
    take: Path,
    movie: Path,
    casting: Casting,
    *,
    size: Size,
    fps: int = TICK_RATE,
    force: bool = False,
    progress: Progress = lambda done, total: None,
) -> None:
    """Paint ``log`` into ``movie`` with the sound of ``take``.

    Until it is whole it grows under the name of ``unfinished(movie)``, which stays, playable, when
    painting ends early; a movie that shall be replaced is there until then.

    Raises:
        SourceError: log or take cannot be read, or nothing is in them.
        OutputError: the movie cannot be written, or exists and ``force`` is not set.
        ModelError: a generator or mapping cannot be had.
    """
    for source in (log, take):
        refuse_same_file(movie, source)
    refuse_overwrite(movie, force=force)
    sound = open_sound(take)
    header, end = read_header(log), end_of(log)
    wanted = moments_at(fps, moments(log, casting), header.start_index, end)
    first = next(wanted, None)  # what cannot be painted is told before a file is there
    if first is None:
        raise SourceError(f"{log} holds no moment of its take.")
    part = unfinished(movie)
    with Offscreen(size) as stage, closing(TakeWriter(Take(part, size, fps=fps))) as out:
        blocks = sound.blocks()
        written = 0
        eyes = _Eyes(fps)
        for slot, (moment, pixels) in enumerate(_painted(_chain(first, wanted))):
            while (
                written < (slot + 1) * SHOW_RATE / fps and (block := next(blocks, None)) is not None
            ):
                out.write_sound(block)
                written += len(block)
            done = stage.pipeline(pixels, eyes.look(moment, slot), tag=slot)
            if done is not None:
                out.write_frame(*done)
            progress((slot + 1) / fps, sound.duration_s)
        for block in blocks:
            out.write_sound(block)
        last = stage.flush()
        if last is not None:
            out.write_frame(*last)
    with _telling_of(movie):
        part.replace(movie)


def unfinished(movie: Path) -> Path:
    """What ``movie`` is called while it is painted."""
    return movie.with_name(f"{movie.stem}.unfinished{movie.suffix}")


@contextmanager
def _telling_of(movie: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{movie} cannot be written ({error.strerror}); the whole movie is called "
            f"{unfinished(movie).name}."
        ) from error


def _painted(wanted: Iterator[Moment]) -> Iterator[tuple[Moment, Pixels]]:
    """Each moment with its picture; where other models take over they fade, as they did live."""
    last: tuple[Moment, Pixels] | None = None
    for _, group in groupby(wanted, key=lambda moment: moment.number):
        first = next(group)
        fade = Crossfade(last[1], last[0].thought.sample_index) if last is not None else None
        with Painters(first.cast.generator, usable_cores()) as painters:
            for moment, painted in painters.paint(_chain(first, group)):
                index = moment.thought.sample_index
                pixels = painted
                if fade is not None and not fade.done(index):
                    pixels = fade.mix(painted, index)
                last = moment, pixels
                yield last


class _Eyes:
    """How each moment was looked at: the look, and black where it was black."""

    def __init__(self, fps: int) -> None:
        self._fps = fps
        self._blackout = Fade()

    def look(self, moment: Moment, slot: int) -> LookState:
        time_s = slot / self._fps
        controls = moment.controls
        return replace(
            look_state(controls, moment.thought.pulse, time_s=time_s),
            blackout=self._blackout.toward(controls.blackout or controls.fade, now_s=time_s),
            freeze=controls.frozen,
        )


def _chain(first: Moment, rest: Iterator[Moment]) -> Iterator[Moment]:
    yield first
    yield from rest


def _between(before: Moment, after: Moment, share: float) -> Moment:
    """``share`` of the way to the next tick; the tick itself at 0, and across models."""
    if share == 0.0 or before.number != after.number:
        return before
    return replace(before, thought=blended(before.thought, after.thought, share))
