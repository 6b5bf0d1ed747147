"""What a frame of the show costs on this machine, stage by stage, without clocks or threads.

In: models, a size, sound.  Out: milliseconds of every stage.  Thread: the caller's, which gets an
OpenGL context of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from traumer_live.core.controls import Controls
from traumer_live.core.types import SAMPLES_PER_TICK, SHOW_RATE, TICK_RATE, Array, Pixels
from traumer_live.engine.ears import Ears, Thought
from traumer_live.engine.models import Models
from traumer_live.engine.screen import look_state
from traumer_live.video.encoders import Encoder, software_encoder
from traumer_live.video.gl import release_standalone, standalone_context
from traumer_live.video.look import LookState, Size
from traumer_live.video.readback import Readback
from traumer_live.video.renderer import Renderer
from traumer_live.video.take import Take

STAGES = ("ears", "synthesis", "upload and look", "read back", "encode the take")
T = TypeVar("T")


class LivePath:
    """The stages of the live show, one after the other."""

    def __init__(
        self, models: Models, size: Size, take: Path, *, encoder: Encoder | None = None
    ) -> None:
        """Make everything ready; the movie at ``take`` is overwritten.

        Raises:
            DisplayError: there is no OpenGL at all.
            OutputError: the movie cannot be written.
        """
        self._models = models
        self._controls = Controls()
        self._ears = Ears(models, preset="live", seed=0)
        self._ctx = standalone_context()
        self.device = str(self._ctx.info["GL_RENDERER"])
        self._renderer = Renderer(self._ctx, size)
        self._readback = Readback(self._ctx, size)
        self._take = Take(take, size, encoder=encoder or software_encoder())
        self._number = 0

    def frame(self, sound: Array) -> dict[str, float]:
        """Milliseconds of each stage for one tick of sound (1600, 2)."""
        spent: dict[str, float] = {}
        ears, synthesis, look, back, encode = (partial(_timed, spent, name) for name in STAGES)
        thought: Thought | None = ears(partial(self._ears.hear, sound, self._controls))
        assert thought is not None  # the preset "live" never looks ahead
        pixels = synthesis(partial(self._paint, thought))
        state = look_state(self._controls, thought.pulse, time_s=self._number / TICK_RATE)
        look(partial(self._draw, pixels, state))
        done = back(partial(self._readback.exchange, self._renderer.framebuffer, self._number))
        encode(partial(self._keep, done, sound))
        self._number += 1
        return spent

    def close(self) -> None:
        """Give everything back."""
        self._take.close()
        self._readback.release()
        self._renderer.release()
        release_standalone(self._ctx)

    def __enter__(self) -> LivePath:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _paint(self, thought: Thought) -> Pixels:
        return self._models.generator.synthesize(thought.w_plus, noise_gain=thought.noise_gain)

    def _draw(self, pixels: Pixels, state: LookState) -> None:
        self._renderer.upload(pixels)
        self._renderer.draw(state)
        self._ctx.finish()

    def _keep(self, done: tuple[Pixels, int] | None, sound: Array) -> None:
        if done is not None:
            self._take.write_frame(*done)
        self._take.write_sound(sound)


def _timed(spent: dict[str, float], name: str, work: Callable[[], T]) -> T:
    began = time.perf_counter()
    result = work()
    spent[name] = 1e3 * (time.perf_counter() - began)
    return result


def measure(
    path: LivePath, frames: int, *, warm_up: int = 30, longest_s: float = 15.0
) -> dict[str, list[float]]:
    """Milliseconds of every stage for so many frames of a beat with chords.

    A machine too slow for them is measured on fewer, at least one.
    """
    times: dict[str, list[float]] = {name: [] for name in STAGES}
    over_at = time.monotonic() + longest_s
    for number, sound in zip(range(frames + warm_up), beat(), strict=False):
        if time.monotonic() > over_at and times[STAGES[0]]:
            break
        if time.monotonic() > over_at:
            warm_up = 0  # rather a cold frame than none
        spent = path.frame(sound)
        if number >= warm_up:
            for name, values in times.items():
                values.append(spent[name])
    return times


def beat(bpm: float = 120.0) -> Iterator[Array]:
    """Ticks (1600, 2) of a kick and a chord, for ever: something for the ears to work on."""
    period = round(SHOW_RATE * 60 / bpm)
    start = 0
    while True:
        n = np.arange(start, start + SAMPLES_PER_TICK)
        since = (n % period) / SHOW_RATE
        kick = 0.5 * np.sin(2 * np.pi * 55 * since) * np.exp(-18 * since)
        chord = sum(np.sin(2 * np.pi * hz * n / SHOW_RATE) for hz in (220.0, 277.2, 329.6))
        sound = (kick + 0.08 * chord).astype(np.float32)
        yield np.stack([sound, sound], axis=1)
        start += SAMPLES_PER_TICK
