"""From thoughts to pictures on whatever this machine is: who paints, and on which rung.

In: w_plus, noise gain, the models, host time.  Out: pixels.  Thread: dreams; status from any.

Puts the painter (which runtime) and the ladder (how much detail) together. A change of size waits
until the graph for it is ready: opening one takes up to seconds, and the show goes on meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

from traumer_live.core.errors import ModelError
from traumer_live.core.types import Array, Pixels
from traumer_live.engine.ladder import Ladder, described
from traumer_live.engine.models import Models
from traumer_live.synthesis.generator import Generator, GeneratorInfo, first_exit
from traumer_live.synthesis.painter import Painter

GUESSED_MS = 30.0  # for 1e9 multiplications, on one core of a middling processor


class Dreamer:
    """Paints thoughts, as large and as often as this machine can."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._for: Generator | None = None
        self._painter: Painter | None = None
        self._ladder: Ladder | None = None
        self._resolution = 0  # of the pictures now
        self._preparing: Thread | None = None

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

    def paint(self, w_plus: Array, noise_gain: float, models: Models, now_s: float) -> Pixels:
        """The picture of a thought.

        Raises:
            ModelError: w_plus is of no use to this generator, or no runtime can paint it.
        """
        if models.generator is not self._for:
            self._begin(models)
        painter, ladder = self._painter, self._ladder
        assert painter is not None
        assert ladder is not None
        self._follow(ladder, painter)
        pixels, ms = painter.paint(
            w_plus, noise_gain=noise_gain, resolution=self._resolution, now_s=now_s
        )
        if not painter.comparing and self._resolution == ladder.rung.resolution:
            ladder.painted(ms, now_s)
        return pixels

    def _begin(self, models: Models) -> None:
        """Other models: begin with what was found for them before, or with a careful guess."""
        info = models.generator.info
        explore = models.choice.backend == "auto" and models.choice.threads is None
        painter = Painter(models.generator, explore=explore, tell=self._tell)
        ladder = Ladder(info.exits, info.work)
        if painter.kept is not None:
            ladder.start_at(painter.kept.resolution, painter.kept.ms)
        else:
            size = first_exit(info)
            ladder.start_at(size, GUESSED_MS * info.work[info.exits.index(size)])
        self._painter, self._ladder = painter, ladder
        self._resolution, self._preparing = ladder.rung.resolution, None
        self._for = models.generator

    def _follow(self, ladder: Ladder, painter: Painter) -> None:
        """Take up the size that the ladder asks for, once its graph is open."""
        wanted = ladder.rung.resolution
        if wanted == self._resolution:
            return
        if self._preparing is None:
            self._preparing = Thread(
                target=_prepare, args=(painter.generator, wanted), name="graph"
            )
            self._preparing.start()
        elif not self._preparing.is_alive():
            self._resolution, self._preparing = wanted, None


def _prepare(generator: Generator, resolution: int) -> None:
    """Open a graph beside the show; if it cannot be, painting with it says so."""
    try:
        generator.prepare(resolution)
    except ModelError:
        return
