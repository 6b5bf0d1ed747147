"""From thoughts to pictures on whatever this machine is: who paints, and on which rung.

In: w_plus, noise gain, the models, host time.  Out: pixels.  Thread: dreams; status from any.

Puts the painter (which runtime) and the ladder (how much detail) together. A change of size waits
until the graph for it is ready: opening one takes up to seconds, and the show goes on meanwhile.
One that cannot be opened is asked for again later.
Other models come as a ``Start``: their painter is open and has painted once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread

from traumer_live.core.errors import reason_of
from traumer_live.core.types import Array, Pixels
from traumer_live.engine.ladder import Ladder, described
from traumer_live.engine.models import Models
from traumer_live.synthesis.generator import Generator, GeneratorInfo, first_exit
from traumer_live.synthesis.painter import Painter

CARD_MS = 10.0  # for the whole picture on a graphics card: too large is noticed within a moment
GUESSED_MS = 30.0  # for 1e9 multiplications, on one core of a middling processor


@dataclass
class Start:
    """Who will paint for other models, and what they begin with."""

    generator: Generator
    painter: Painter
    ladder: Ladder
    first: Pixels | None = None  # painted before the switch, of what was heard just then


class Dreamer:
    """Paints thoughts, as large and as often as this machine can."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._for: Generator | None = None
        self._start: Start | None = None  # that other models will begin with
        self._painter: Painter | None = None
        self._ladder: Ladder | None = None
        self._resolution = 0  # of the pictures now
        self._preparing: tuple[Thread, Generator, int] | None = None

    @property
    def keyed(self) -> bool:
        """Whether pictures are key frames that should fade into each other."""
        return self._ladder is not None and self._ladder.rung.keyed

    @property
    def info(self) -> GeneratorInfo | None:
        """What paints now; None before the first picture."""
        return self._painter.generator.info if self._painter else None

    @property
    def rung(self) -> str:
        """The present rung, for people; empty before the first picture."""
        if self._ladder is None:
            return ""
        text = described(self._ladder.rung, self._ladder.average_ms)
        return text.replace(f"{self._ladder.rung.resolution} px", f"{self._resolution} px")

    @property
    def expected_s(self) -> float:
        """What the next picture is expected to take, in seconds."""
        return self._ladder.average_ms / 1000 if self._ladder is not None else 0.0

    def start_of(self, models: Models) -> Start:
        """What ``models`` will begin with, ready for its first picture; from any thread.

        Raises:
            ModelError: no runtime can paint it.
        """
        start = _start(models, self._tell)
        start.painter.open_kept(start.ladder.rung.resolution)
        start.painter.generator.prepare(start.ladder.rung.resolution)
        return start

    def expect(self, start: Start) -> None:
        """Models are about to change to those of ``start``; from any thread."""
        self._start = start

    def first_of(self, models: Models) -> Pixels | None:
        """Begin with ``models`` if they are new: the picture that was painted of them before."""
        start = self._start
        if (
            models.generator is self._for
            or start is None
            or start.generator is not models.generator
        ):
            return None
        self._begin(start)
        return start.first

    def paint(self, w_plus: Array, noise_gain: float, models: Models, now_s: float) -> Pixels:
        """The picture of a thought.

        Raises:
            ModelError: w_plus is of no use to this generator, or no runtime can paint it.
        """
        if models.generator is not self._for:
            self._begin(_start(models, self._tell))
        painter, ladder = self._painter, self._ladder
        assert painter is not None
        assert ladder is not None
        self._follow(ladder, painter, now_s)
        pixels, ms = painter.paint(
            w_plus, noise_gain=noise_gain, resolution=self._resolution, now_s=now_s
        )
        if not painter.comparing and self._resolution == ladder.rung.resolution:
            ladder.painted(ms, now_s + ms / 1000)
        return pixels

    def _begin(self, start: Start) -> None:
        self._painter, self._ladder = start.painter, start.ladder
        self._preparing = None
        self._for, self._start = start.generator, None
        self._resolution = start.ladder.rung.resolution
        if not start.painter.is_ready(self._resolution):
            self._resolution = first_exit(start.generator.info)  # open since it was loaded

    def _follow(self, ladder: Ladder, painter: Painter, now_s: float) -> None:
        """Take up the size that the ladder asks for, once its graph is open."""
        wanted = ladder.rung.resolution
        if self._preparing is None:
            if wanted != self._resolution:
                self._begin_preparing(painter.generator, wanted)
            return
        thread, generator, asked = self._preparing
        if thread.is_alive():
            return
        self._preparing = None
        # Another size may be wanted by now, or another runtime paint, whose graph comes next.
        if painter.is_ready(wanted):
            self._resolution = wanted
        elif not generator.is_ready(asked):
            ladder.refused(asked, self._resolution, now_s)

    def _begin_preparing(self, generator: Generator, resolution: int) -> None:
        thread = Thread(target=_prepare, args=(generator, resolution, self._tell), name="graph")
        self._preparing = thread, generator, resolution
        thread.start()


def _start(models: Models, tell: Callable[[str], None]) -> Start:
    """Begin with what was found for these models before, or with a careful guess."""
    info = models.generator.info
    explore = models.choice.backend == "auto" and models.choice.threads is None
    painter = Painter(models.generator, explore=explore, tell=tell)
    ladder = Ladder(info.exits, info.work)
    if painter.kept is not None:
        ladder.start_at(painter.kept.resolution, painter.kept.ms)
    elif any("cuda" in provider.lower() for provider in info.providers):
        ladder.start_at(info.exits[-1], CARD_MS)
    else:
        size = first_exit(info)
        ladder.start_at(size, GUESSED_MS * info.work[info.exits.index(size)])
    return Start(models.generator, painter, ladder)


def _prepare(generator: Generator, resolution: int, tell: Callable[[str], None]) -> None:
    """Open a graph beside the show; where it cannot be, pictures keep their size."""
    try:
        generator.prepare(resolution)
    except Exception as error:  # noqa: BLE001  (the thread's edge; runtimes' share no base)
        why = reason_of(error)
        tell(f"Pictures of {resolution} pixels cannot be made now ({why}); they keep their size.")
