"""A song to a movie, as fast as the machine can: the live chain without its clocks.

In: a song file.  Out: a movie with its sound.  Thread: the caller's draws; one hears ahead of it,
painters make pictures on every core, a writer encodes.
Equal song, models, seed and controls give equal pictures; memory does not grow with the song.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from traumer_live.audio.files import SoundFile, open_sound
from traumer_live.core.controls import Controls
from traumer_live.core.cores import usable_cores
from traumer_live.core.files import refuse_overwrite, refuse_same_file
from traumer_live.core.types import SAMPLES_PER_TICK, TICK_RATE, Array
from traumer_live.engine.ahead import Ahead
from traumer_live.engine.ears import Ears, Thought
from traumer_live.engine.models import Models
from traumer_live.engine.painters import Painters
from traumer_live.engine.rate import at_rate, blended
from traumer_live.engine.screen import look_state
from traumer_live.video.look import Size
from traumer_live.video.offscreen import Offscreen
from traumer_live.video.take import Take
from traumer_live.video.take_writer import TakeWriter

HEARD_AHEAD = 30  # thoughts: a second of them, a few MB
Progress = Callable[[float, float | None], None]  # seconds done, seconds in all if known


@dataclass(frozen=True)
class RenderPlan:
    """Everything that decides how the movie looks."""

    size: Size = (1280, 720)
    fps: int = TICK_RATE
    seed: int = 0
    controls: Controls = field(default_factory=Controls)


def render(
    song: Path,
    movie: Path,
    plan: RenderPlan,
    models: Models,
    *,
    force: bool = False,
    progress: Progress = lambda done, total: None,
) -> None:
    """Render ``song`` to ``movie``; an interrupt leaves the part made so far, playable.

    Raises:
        SourceError: the song cannot be read.
        OutputError: the movie cannot be written, or exists and ``force`` is not set.
        DisplayError: there is no OpenGL to draw with.
    """
    sound = check_paths(song, movie, force=force)
    ears = Ears(models, preset=plan.controls.preset, seed=plan.seed)
    with (
        Offscreen(plan.size) as stage,
        Painters(models.generator, usable_cores()) as painters,
        closing(TakeWriter(Take(movie, plan.size, fps=plan.fps))) as take,
        closing(Ahead(_thoughts(sound, ears, plan.controls, take), most=HEARD_AHEAD)) as heard,
    ):
        thoughts = iter(heard)
        if plan.fps != TICK_RATE:
            thoughts = at_rate(heard, plan.fps, thought=lambda each: each, blend=blended)
        for slot, (thought, pixels) in enumerate(painters.paint(thoughts)):
            look = look_state(plan.controls, thought.pulse, time_s=slot / plan.fps)
            done = stage.pipeline(pixels, look, tag=slot)
            if done is not None:
                take.write_frame(*done)
            progress((slot + 1) / plan.fps, sound.duration_s)
        last = stage.flush()
        if last is not None:
            take.write_frame(*last)


def check_paths(song: Path, movie: Path, *, force: bool) -> SoundFile:
    """The song, opened, when it can be read and ``movie`` may be written.

    Raises:
        SourceError: the song cannot be read.
        OutputError: the movie exists and ``force`` is not set, or it is the song.
    """
    refuse_same_file(movie, song)
    refuse_overwrite(movie, force=force)
    return open_sound(song)


def _thoughts(
    sound: SoundFile, ears: Ears, controls: Controls, take: TakeWriter
) -> Iterator[Thought]:
    """One thought per tick; the song's sound goes into the take on the way."""
    for tick in _ticks(sound, take):
        thought = ears.hear(tick, controls)
        if thought is not None:
            yield thought
    yield from ears.finish(controls)


def _ticks(sound: SoundFile, take: TakeWriter) -> Iterator[Array]:
    """The song in ticks of (1600, 2); the last is filled up with silence."""
    kept = np.zeros((0, 2), dtype=np.float32)
    for block in sound.blocks():
        take.write_sound(block)
        kept = np.concatenate([kept, block])
        whole = len(kept) // SAMPLES_PER_TICK * SAMPLES_PER_TICK
        yield from kept[:whole].reshape(-1, SAMPLES_PER_TICK, 2)
        kept = kept[whole:]
    if len(kept):
        rest = np.zeros((SAMPLES_PER_TICK, 2), dtype=np.float32)
        rest[: len(kept)] = kept
        yield rest
