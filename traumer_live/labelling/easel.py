"""Paints the pictures of a screen one after the other, what is looked at now before the rest.

In: w or w_plus under a key, as thumbnail or large.  Out: pixels and what was measured of them, by a
call on the easel's thread.  Thread: ``easel``, to which the generator belongs from then on; asking
is done from any.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from traumer_live.core.errors import TraumerError
from traumer_live.core.priority import stand_back
from traumer_live.core.types import Array, Pixels
from traumer_live.labelling.picture_attributes import measure_picture
from traumer_live.synthesis.generator import Generator, GeneratorInfo, first_exit

THUMBNAIL = 96  # pixels of a side that a thumbnail needs: a cell enlarged, on an ordinary screen
Size = Literal["thumbnail", "large"]
NOW, SOON, LATER = 0, 1, 2  # what is looked at; the screen; the rest


@dataclass(frozen=True)
class Painted:
    """One picture."""

    key: Hashable
    w: Array  # as it was asked for
    pixels: Pixels  # (H, W, 4)
    look: Array  # its measured attributes


@dataclass(order=True)
class _Order:
    urgency: int
    number: int
    key: Hashable = field(compare=False)
    w: Array = field(compare=False)
    size: Size = field(compare=False)


class Easel:
    """A worker with a generator of its own."""

    def __init__(
        self,
        generator: Generator,
        painted: Callable[[Painted], None],
        failed: Callable[[str], None] = lambda _: None,
        *,
        modest: bool = False,
    ) -> None:
        """``painted`` and ``failed`` (one sentence, told once) are called on the easel's thread.

        A ``modest`` one lets everything else in this program go first: a show is running.
        """
        self._generator, self._painted, self._failed = generator, painted, failed
        self._changed = threading.Condition()
        self._orders: list[_Order] = []
        self._numbers = itertools.count()
        self._stopping, self._modest = False, modest
        self._told: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="easel", daemon=True)
        self._thread.start()

    def paint(
        self, key: Hashable, w: Array, *, size: Size = "thumbnail", urgency: int = SOON
    ) -> None:
        """Ask for a picture; of equal urgency the first comes first."""
        with self._changed:
            heapq.heappush(self._orders, _Order(urgency, next(self._numbers), key, w, size))
            self._changed.notify()

    def forget(self, unwanted: Callable[[Hashable], bool]) -> None:
        """Leave undone what nobody waits for any more."""
        with self._changed:
            self._orders = [order for order in self._orders if not unwanted(order.key)]
            heapq.heapify(self._orders)

    def close(self) -> None:
        """End after the picture at hand."""
        with self._changed:
            self._stopping = True
            self._orders.clear()
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        if self._modest:
            stand_back()
        self._warm_up()
        while True:
            with self._changed:
                while not (self._orders or self._stopping):
                    self._changed.wait()
                if self._stopping:
                    return
                order = heapq.heappop(self._orders)
            try:
                self._paint(order)
            except TraumerError as error:
                self._tell(str(error))
            except Exception as error:  # noqa: BLE001  (crosses the thread as a sentence)
                self._tell(f"A picture could not be painted ({error!r}); the others go on.")

    def _warm_up(self) -> None:
        """Make the first pictures quick: the models are loaded while the first music is heard."""
        info = self._generator.info
        for size in (thumbnail_exit(info), first_exit(info)):
            try:
                self._generator.prepare(size)
            except TraumerError as error:
                self._tell(str(error))

    def _paint(self, order: _Order) -> None:
        info = self._generator.info
        rows = order.w if order.w.ndim == 2 else np.repeat(order.w[None], info.num_ws, axis=0)
        size = thumbnail_exit(info) if order.size == "thumbnail" else first_exit(info)
        pixels = self._generator.synthesize(rows, exit_resolution=size)
        self._painted(Painted(order.key, order.w, pixels, measure_picture(pixels)))

    def _tell(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self._failed(sentence)


def thumbnail_exit(info: GeneratorInfo) -> int:
    """Where to stop for a small picture; early ones of a large generator may have no colour yet."""
    exits = info.exits or (info.resolution,)
    return next((size for size in exits if size >= THUMBNAIL), exits[-1])
