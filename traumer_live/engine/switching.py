"""Other models while the show runs: prepared beside it, then cut to between two ticks.

In: the running show's sound and the models to come.  Out: ears that have heard what they need; a
crossfade of pictures.  Thread: ``prepare`` runs on the caller's, so not on a window's; the fade
belongs to dreams.

What follows has heard the last seconds before it takes over, so its first thought is not about
silence, and its generator has painted what it thinks, so its first picture is there at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from traumer_live.core.controls import Controls
from traumer_live.core.errors import ModelError
from traumer_live.core.types import SAMPLES_PER_TICK, SHOW_RATE, TICK_RATE, Array, Pixels
from traumer_live.engine.dreamer import Start
from traumer_live.engine.ears import Ears, Thought
from traumer_live.engine.models import Models
from traumer_live.engine.tween import resized
from traumer_live.latent.smoothing import PAPER_SPANS_S

FADE_S = 1.0  # show time from the last old picture to the new ones alone
LONGEST_S = 32.0  # of sound heard beforehand: the 29-s tagger's window and the smoothing
FRESH_EVERY = 6  # ticks that share an embedding while the past is caught up with: five a second
NEARLY = 2  # ticks behind the show at which the ears' thread does the rest
ReadTick = Callable[[int], Array]  # show index -> (1600, 2)


class Companion(Protocol):
    """Works beside a show for the models that it plays."""

    def follow(self, models: Models) -> None:
        """The show plays these from now on; must not wait."""

    def stop(self) -> None:
        """The show ends: end soon, leaving nothing behind but whole files."""


@dataclass
class Following:
    """Models that are ready to take over, and ears that have heard up to nearly now."""

    models: Models
    ears: Ears
    read: ReadTick  # the sound of a tick that is past, as the ears of the show heard it
    start: Start | None = None  # of the pictures, where another generator paints them
    thought: Thought | None = None  # the newest

    def hear_until(self, index: int, controls: Controls) -> None:
        """Listen up to show time ``index``, with a few embeddings a second."""
        while self.ears.heard < index:
            fresh = self.ears.heard // SAMPLES_PER_TICK % FRESH_EVERY == 0
            self.thought = self.ears.hear(self.read(self.ears.heard), controls, fresh=fresh)


def check(models: Models, running: Models, *, raw_take: bool) -> None:
    """Refuse what cannot take over from ``running``.

    Raises:
        ModelError: the encoder is in use, or a take of bare frames would change its size.
    """
    if models.encoder is running.encoder:
        raise ModelError("The encoder of these models is in use by the show; load it once more.")
    if raw_take and models.generator.info.size != running.generator.info.size:
        raise ModelError(
            f"A take of bare frames is running, and {models.generator.info.name} paints another "
            "size; stop the take first."
        )


def prepare(
    models: Models,
    running: Models,
    *,
    heard: Callable[[], int],
    read: ReadTick,
    controls: Callable[[], Controls],
    seed: int,
    start_of: Callable[[Models], Start],
) -> Following:
    """Load nothing, but warm up everything; takes a small part of the time listened to."""
    ears = Ears(models, preset=controls().preset, seed=seed)
    before = min(2 * ears.input_delay_s + max(PAPER_SPANS_S.values()), LONGEST_S)
    ticks = min(int(before * TICK_RATE), heard() // SAMPLES_PER_TICK)
    following = Following(models, ears, read)
    if models.generator is not running.generator:  # it may be painting on another thread
        following.start = start_of(models)
    ears.start_at(heard() - ticks * SAMPLES_PER_TICK)
    catch_up(following, heard, controls)
    if following.start is not None:
        _paint_first(following.start, following.thought)
        catch_up(following, heard, controls)  # the show went on meanwhile
    return following


def catch_up(
    following: Following, heard: Callable[[], int], controls: Callable[[], Controls]
) -> None:
    """Listen to what the show has heard, nearly; the ears' thread does the rest.

    A machine that is slower than the sound leaves out what it cannot hear in time.
    """
    ears = following.ears
    for _ in range(2 * (heard() - ears.heard) // SAMPLES_PER_TICK + 1):  # it goes on meanwhile
        if heard() - ears.heard <= NEARLY * SAMPLES_PER_TICK:
            return
        following.hear_until(ears.heard + SAMPLES_PER_TICK, controls())
    ears.skip_to(heard())


def _paint_first(start: Start, thought: Thought | None) -> None:
    """The first picture, as large as the show begins with; later ones follow the ladder.

    Of a show that has heard nothing it is the average one, and never shown.
    """
    generator, resolution = start.painter.generator, start.ladder.rung.resolution
    if thought is None:
        rows = np.tile(generator.w_avg, (generator.info.num_ws, 1))
        generator.synthesize(rows, exit_resolution=resolution)
        return
    start.first = generator.synthesize(
        thought.w_plus, noise_gain=thought.noise_gain, exit_resolution=resolution
    )


class Crossfade:
    """From the last old picture to the new ones, along show time."""

    def __init__(self, old: Pixels, start: int) -> None:
        self._old, self._start = old, start

    def done(self, index: int) -> bool:
        """Whether the old picture is gone at show time ``index``."""
        return index - self._start >= FADE_S * SHOW_RATE

    def mix(self, new: Pixels, index: int) -> Pixels:
        """The picture at show time ``index``."""
        self._old = resized(self._old, (new.shape[1], new.shape[0]))
        share = int(256 * min(1.0, max(0.0, (index - self._start) / (FADE_S * SHOW_RATE))))
        total = self._old * np.uint16(256 - share) + new * np.uint16(share)
        return (total >> 8).astype(np.uint8)
