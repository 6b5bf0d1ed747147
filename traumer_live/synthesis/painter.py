"""Pictures by the best runtime of this machine, found while the show already plays.

In: a loaded generator; w_plus and an exit per picture.  Out: pixels, and how long they took.
Thread: ``paint`` on dreams; rivals are opened on a thread of their own.

Nothing is timed apart: a rival paints every second picture of the show for a moment, in turn with
what ran before. Exact runtimes make the same picture, so nobody sees it, and all are compared under
the load that they will have. The choice is kept, and taken up soon after the next start. When
pictures then take much longer or shorter than was kept (it was found on a busy machine), everybody
may try again.

A runtime that fails, or computes numbers that are none, is dropped with one notice, and the next
paints the same picture.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Thread

import numpy as np

from traumer_live.core.errors import ModelError, reason_of
from traumer_live.core.types import TICK_RATE, Array, Pixels
from traumer_live.synthesis.candidates import (
    Candidate,
    KeptChoice,
    candidate_of,
    candidates,
    fallbacks,
    keep_choice,
    kept_choice,
)
from traumer_live.synthesis.generator import BackendError, Generator, Source
from traumer_live.synthesis.loading import generator_of

HOLDS_MS = 0.8 * 1000 / TICK_RATE  # holds the display rate with room for a busier moment
FIRST_MS = 300.0  # of painting before anything else is looked for
PAIRS = 8  # of pictures that decide between two
JUDGED = 4  # approximate pictures that are compared with exact ones, each of which may refuse
LONGEST_TRIAL_MS = 2500.0  # of a rival's pictures; slow ones are decided by fewer pairs
WORTH = 0.93  # a rival must need less than this part, or what runs stays
UNSEEN_DB = 45.0  # PSNR from which an approximate picture cannot be told from the exact one
DISAGREES = 1.8  # times longer or shorter than was kept
DISAGREES_BY_SIZE = 2.5  # the same where another size was kept, whose share of the work is a guess
DISAGREES_S = 15.0  # for so long
RETRY_S = 120.0  # between two calibrations at least, doubling


@dataclass
class Trial:
    """Two runtimes painting in turn."""

    rival: Candidate
    generator: Generator
    resolution: int
    times: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))  # ours, theirs

    @property
    def decided(self) -> bool:
        """Enough was seen."""
        ours, theirs = self.times
        return min(len(ours), len(theirs)) >= PAIRS or (
            len(ours) >= 2 and len(theirs) >= 2 and sum(theirs) >= LONGEST_TRIAL_MS
        )

    @property
    def turn(self) -> int:
        """Who paints next: 0 what ran before, 1 the rival."""
        return int(len(self.times[1]) < len(self.times[0]))

    def typical(self) -> tuple[float, float]:
        """Milliseconds of both, by the faster half of their pictures."""
        ours, theirs = (sorted(each)[: max(len(each) // 2, 1)] for each in self.times)
        return float(np.mean(ours)), float(np.mean(theirs))


class Painter:
    """Paints with the best runtime that it knows and goes on looking for a better one."""

    def __init__(
        self,
        generator: Generator,
        *,
        explore: bool,
        tell: Callable[[str], None] = lambda sentence: None,
        rivals: Sequence[Candidate] | None = None,
    ) -> None:
        self._tell = tell
        self._given = generator  # never dropped for good: it is what was asked for
        self.generator = generator  # what paints now
        self._explore = explore and generator.source is not None
        self._candidates = tuple(candidates(generator.info) if rivals is None else rivals)
        self._dropped: set[Candidate] = set()
        self._opened: SimpleQueue[Opened] = SimpleQueue()
        self._opening: Candidate | None = None
        self._trial: Trial | None = None
        self.kept = kept_choice(generator.info) if self._explore else None
        self._waiting = list(self._candidates) if self._explore else []
        if self.kept is not None:
            self._waiting = [self.kept.candidate]
        self._spent_ms = 0.0
        self._average_ms = 0.0  # of pictures of the size painted now
        self._resolution = 0  # that size; 0 before the first picture
        self._disagreed_since: float | None = None
        self._calibrated_at = float("-inf")
        self._retry_s = RETRY_S

    @property
    def calibrating(self) -> bool:
        """Whether rivals are still to be tried."""
        return bool(self._waiting or self._opening or self._trial)

    @property
    def comparing(self) -> bool:
        """Whether pictures just now take turns, so that their times say little."""
        return self._trial is not None

    def is_ready(self, resolution: int) -> bool:
        """Whether a picture of this size would begin at once."""
        return self.generator.is_ready(resolution)

    def open_kept(self, resolution: int) -> None:
        """Begin with who was found the best before, if anybody was; waits until it is open."""
        kept, source = self.kept, self._given.source
        if kept is None or source is None or kept.candidate == candidate_of(self._given.info):
            return
        opened: SimpleQueue[Opened] = SimpleQueue()
        _open(source, kept.candidate, resolution, opened)
        self._waiting = []
        self._take_in(opened.get(), resolution)

    def paint(
        self, w_plus: Array, *, noise_gain: float, resolution: int, now_s: float
    ) -> tuple[Pixels, float]:
        """The picture, stopped at ``resolution``, and its milliseconds.

        Raises:
            ModelError: w_plus is of no use, or no runtime is left that can paint.
        """
        self._turn_to(resolution)
        self._look_for_rivals(resolution)
        trial = self._trial
        if trial is not None and trial.resolution == resolution:
            return self._try(trial, w_plus, noise_gain, now_s)
        if trial is not None:  # another size is painted now: compare once more, later
            self._waiting.append(trial.rival)
            self._trial = None
        pixels, ms = self._timed(self.generator, w_plus, noise_gain, resolution)
        self._watch(ms, now_s)
        return pixels, ms

    def _turn_to(self, resolution: int) -> None:
        """From now on the average is that of another size: what it will be, by their work."""
        if self._resolution not in (0, resolution):
            self._average_ms *= self._times_the_work(resolution, self._resolution)
        self._resolution = resolution

    # -- painting ------------------------------------------------------------------------------

    def _timed(
        self, generator: Generator, w_plus: Array, noise_gain: float, resolution: int
    ) -> tuple[Pixels, float]:
        """A picture by ``generator``, or by whoever follows when it fails."""
        while True:
            start = time.perf_counter()
            try:
                pixels = generator.synthesize(
                    w_plus, noise_gain=noise_gain, exit_resolution=resolution
                )
                return pixels, 1e3 * (time.perf_counter() - start)
            except Exception as error:  # runtimes' exceptions share no base
                if isinstance(error, ModelError) and not isinstance(error, BackendError):
                    raise  # it was asked for nonsense, which is no fault of the runtime
                generator = self._without(generator, error)

    def _without(self, failed: Generator, error: Exception) -> Generator:
        """Who goes on; the error itself is raised when nobody else can be had."""
        self._trial = None
        self._drop(candidate_of(failed.info))
        following = self.generator if failed is not self.generator else self._next()
        if following is None:
            self._dropped.clear()  # perhaps it was the moment: all of them may try again
            self.generator = self._given
            raise error
        self._tell(
            f"{candidate_of(failed.info)} failed ({reason_of(error.__cause__ or error)}); "
            f"{candidate_of(following.info)} paints instead."
        )
        self.generator = following
        return following

    def _drop(self, failed: Candidate) -> None:
        self._dropped.add(failed)
        self._waiting = [each for each in self._waiting if each not in self._dropped]

    def _next(self) -> Generator | None:
        """Another generator that can be opened, what was given first."""
        if candidate_of(self._given.info) not in self._dropped:
            return self._given
        source = self._given.source
        others = (*self._candidates, *fallbacks(self._given.info))
        for each in others if source is not None else ():
            if each in self._dropped or source is None:
                continue
            try:
                return generator_of(source, each.backend, each.threads)
            except Exception:  # noqa: BLE001  (runtimes' exceptions share no base)
                self._dropped.add(each)
        return None

    # -- looking for something better ------------------------------------------------------------

    def _look_for_rivals(self, resolution: int) -> None:
        if self._trial is not None or self._spent_ms <= FIRST_MS:
            return  # the first pictures of a show have the machine to themselves
        if not self._opened.empty():
            self._take_in(self._opened.get(), resolution)
        while self._waiting and self._opening is None and self._trial is None:
            self._begin_opening(self._waiting.pop(0), resolution)
        if self._explore and self.kept is None and not self.calibrating:
            self.kept = KeptChoice(candidate_of(self.generator.info), resolution, self._average_ms)
            keep_choice(self._given.info, self.kept)

    def _begin_opening(self, rival: Candidate, resolution: int) -> None:
        wanted = self.kept is not None or self._is_worth_trying(rival, resolution)
        if rival == candidate_of(self.generator.info) or rival in self._dropped or not wanted:
            return
        assert self._given.source is not None
        self._opening = rival
        self._start(_open, self._given.source, rival, resolution)

    def _start(self, target: Callable[..., None], *asked: object) -> None:
        """Let ``target`` put what it opened into our queue."""
        # No daemon: a runtime that is cut off while it compiles takes the whole process down.
        Thread(target=target, args=(*asked, self._opened), name="rival").start()

    def _is_worth_trying(self, rival: Candidate, resolution: int) -> bool:
        """More threads or less precision only where one exact thread does not hold the rate."""
        whole_ms = self._average_ms * self._times_more(resolution)
        return whole_ms > HOLDS_MS or (rival.exact and rival.threads == 1)

    def _take_in(self, opened: Opened, resolution: int) -> None:
        """A rival is ready: compare it, or let it paint when it was found the best before."""
        self._opening = None
        rival, generator = opened.rival, opened.generator
        if generator is None:
            self._drop(rival)
            self._tell(f"{rival} cannot be used here ({opened.trouble}); the others can.")
            if self.kept is not None and rival == self.kept.candidate:
                self.kept, self._waiting = None, list(self._candidates)
        elif not generator.is_ready(resolution):  # another size is painted by now
            self._opening = rival
            self._start(_prepare, rival, generator, resolution)
        elif self.kept is not None and rival == self.kept.candidate:
            self.generator, self._average_ms = generator, 0.0
        else:
            self._trial = Trial(rival, generator, resolution)

    def _times_more(self, resolution: int) -> float:
        """How many times longer the whole picture takes than one of ``resolution``."""
        return self._times_the_work(self._given.info.exits[-1], resolution)

    def _times_the_work(self, resolution: int, other: int) -> float:
        """How many times longer a picture of ``resolution`` takes than one of ``other``."""
        info = self._given.info
        work = dict(zip(info.exits, info.work, strict=True))
        return work[resolution] / work[other]

    def _try(
        self, trial: Trial, w_plus: Array, noise_gain: float, now_s: float
    ) -> tuple[Pixels, float]:
        """One picture of a trial."""
        asked = (w_plus, noise_gain, trial.resolution)
        if trial.turn and len(trial.times[1]) < JUDGED and not trial.rival.exact:
            exact, ms = self._timed(self.generator, *asked)
            rough, _ = self._timed(trial.generator, *asked)
            if psnr(exact, rough) < UNSEEN_DB:
                self._trial = None
            if self._trial is not trial:
                return exact, ms
        turn = trial.turn
        pixels, ms = self._timed(trial.generator if turn else self.generator, *asked)
        if self._trial is trial:  # nobody failed
            trial.times[turn].append(ms)
            if trial.decided:
                self._decide(trial)
                self._calibrated_at = now_s
        return pixels, ms

    def _decide(self, trial: Trial) -> None:
        self._trial = None
        ours, theirs = trial.typical()
        self._average_ms = ours
        rival, us = (trial.rival, theirs), (candidate_of(self.generator.info), ours)
        if is_better(rival, us, whole=self._times_more(trial.resolution)):
            self.generator, self._average_ms = trial.generator, theirs

    def _watch(self, ms: float, now_s: float) -> None:
        """Notice when pictures cost another amount than was kept."""
        self._spent_ms += ms
        self._average_ms += (0.05 if self._average_ms else 1.0) * (ms - self._average_ms)
        kept = self.kept
        if kept is None or self.calibrating or self._agrees_with(kept):
            self._disagreed_since = None
            return
        self._disagreed_since = since = self._disagreed_since or now_s
        if now_s - max(since + DISAGREES_S, self._calibrated_at + self._retry_s) > 0:
            self._retry_s *= 2
            self._calibrated_at, self.kept = now_s, None
            self._waiting = [candidate_of(self._given.info), *self._candidates]

    def _agrees_with(self, kept: KeptChoice) -> bool:
        """Whether pictures take about what was kept; the ladder may paint another size by now."""
        expected_ms = kept.ms * self._times_the_work(self._resolution, kept.resolution)
        factor = DISAGREES if kept.resolution == self._resolution else DISAGREES_BY_SIZE
        return 1 / factor < self._average_ms / expected_ms < factor


@dataclass(frozen=True)
class Opened:
    """A rival that is ready for its first picture, or why it never will be."""

    rival: Candidate
    generator: Generator | None
    trouble: str = ""


def _open(source: Source, rival: Candidate, resolution: int, opened: SimpleQueue[Opened]) -> None:
    """On a thread of its own: make ``rival`` ready for its first picture."""
    try:
        generator = generator_of(source, rival.backend, rival.threads, opened=resolution)
    except Exception as error:  # noqa: BLE001  (runtimes' exceptions share no base)
        opened.put(Opened(rival, None, reason_of(error)))
    else:
        _prepare(rival, generator, resolution, opened)


def _prepare(
    rival: Candidate, generator: Generator, resolution: int, opened: SimpleQueue[Opened]
) -> None:
    """Paint once: first pictures are late."""
    try:
        generator.prepare(resolution)
        average = np.tile(generator.w_avg, (generator.info.num_ws, 1))
        generator.synthesize(average, exit_resolution=resolution)
    except Exception as error:  # noqa: BLE001  (runtimes' exceptions share no base)
        opened.put(Opened(rival, None, reason_of(error)))
    else:
        opened.put(Opened(rival, generator))


def is_better(
    rival: tuple[Candidate, float], ours: tuple[Candidate, float], *, whole: float
) -> bool:
    """Whether the rival (with its milliseconds) should paint from now on.

    What holds the display rate for the whole picture wins, then what is exact, then what takes
    less of the processor; where neither holds it, what is faster.  ``whole`` is how many times
    longer the whole picture takes.
    """
    (them, theirs), (us, mine) = rival, ours
    they_hold, we_hold = theirs * whole <= HOLDS_MS, mine * whole <= HOLDS_MS
    if they_hold != we_hold:
        return they_hold
    if not we_hold:
        return theirs < WORTH * mine
    if them.exact != us.exact:
        return them.exact
    return theirs * them.threads < WORTH * mine * us.threads


def psnr(exact: Pixels, rough: Pixels) -> float:
    """Peak signal-to-noise ratio of two pictures in decibels; infinite when they are equal."""
    error = float(np.square(exact.astype(np.float32) - rough.astype(np.float32)).mean())
    return 10 * float(np.log10(255**2 / error)) if error else float("inf")
