"""The pictures of one clip: asked for, painted, looked at, ranked and refined.

In: a workshop, keys and clicks.  Out: tiles as they fill; signals.  Thread: GUI; sheets are made on
an errand thread, pictures painted on the easel's.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

import numpy as np
from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from traumer_live.app.errands import Errands
from traumer_live.app.labelling.tiles import Origin, Tile
from traumer_live.app.texts import labelling as texts
from traumer_live.core.types import Array
from traumer_live.labelling.asking import Asked
from traumer_live.labelling.easel import LATER, NOW, SOON, Easel, Painted
from traumer_live.labelling.label import Pick
from traumer_live.labelling.lessons import single_w
from traumer_live.labelling.nudging import Compass
from traumer_live.labelling.sheets import Sheet, proposed_sheet, random_sheet, sheet_like
from traumer_live.labelling.workshop import Workshop
from traumer_live.latent.levels import level_rows

SCREEN, SMALL_SCREEN = 200, 48  # pictures
MOST_MARKED = 5
PAUSE_MS = 90  # the eye rests on a picture: worth painting large
MODES = ("few", "guided", "paper")  # 48 proposed, 200 proposed, 200 at random


@dataclass
class Moment:
    """A clip with everything on the wall: what undo returns to."""

    asked: Asked
    tiles: list[Tile] = field(default_factory=list)
    marked: list[Tile] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)  # that were seen for this clip
    event: str = ""  # id of what it ended with


class Pictures(QObject):
    """Everything on the wall."""

    notice = pyqtSignal(str)  # one sentence
    screen_changed = pyqtSignal()
    looked_at = pyqtSignal(object)  # Tile, or None
    tile_changed = pyqtSignal(object)  # Tile
    marks_changed = pyqtSignal()
    _easel_painted = pyqtSignal(object)
    _easel_failed = pyqtSignal(str)

    def __init__(self, errands: Errands) -> None:
        super().__init__()
        self.mode = MODES[0]
        self.now: Moment | None = None
        self.current: Tile | None = None  # what is looked at
        self.compass: Compass | None = None
        self._workshop: Workshop | None = None
        self._easel: Easel | None = None
        self._errands = errands
        self._seeds = np.random.default_rng()
        self._easel_painted.connect(self._painted)
        self._easel_failed.connect(self.notice)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._paint_large)

    def open(self, workshop: Workshop, *, modest: bool = False) -> None:
        """Begin to paint with a generator; modestly while a show is running."""
        self._workshop = workshop
        self.compass = Compass(workshop.spread)
        self._easel = Easel(
            workshop.generator,
            self._easel_painted.emit,
            self._easel_failed.emit,
            modest=modest,
        )

    def close(self) -> None:
        """Paint no more."""
        self._rest.stop()
        if self._easel is not None:
            self._easel.close()

    def begin(self, moment: Moment | None) -> None:
        """Go over to a clip, or to none; one that was left and comes back has its pictures."""
        self.now = moment
        self._forget_pictures()
        self.look_at(None)
        self.screen_changed.emit()
        self.marks_changed.emit()
        for tile in moment.tiles if moment else ():
            if tile.pixels is None:
                self._order(tile)

    def choose_mode(self, mode: str) -> None:
        """How the pictures of a screen are found."""
        if mode != self.mode:
            self.mode = mode
            self.another()

    def another(self) -> None:
        """Another screen of pictures for this clip."""
        if self.now is None or self._workshop is None:
            return
        workshop, asked, seed = self._workshop, self.now.asked, self._seed()
        count = SMALL_SCREEN if self.mode == "few" else SCREEN
        if self.mode == "paper":
            self._make(lambda: random_sheet(workshop, count, seed), "random")
        else:
            self._make(lambda: proposed_sheet(workshop, asked, count, seed), "proposed")

    def more_like_this(self) -> None:
        """A screen of pictures around the one that is looked at."""
        if self.now is None or self._workshop is None or self.current is None:
            return
        workshop, seed = self._workshop, self._seed()
        w = single_w(self.current.pick())
        count = SMALL_SCREEN if self.mode == "few" else SCREEN
        self._make(lambda: sheet_like(workshop, w, count, seed), "alike")

    def look_at(self, tile: Tile | None) -> None:
        """The eye is on this picture."""
        if tile is self.current:
            return
        self.current = tile
        self.looked_at.emit(tile)
        if tile is not None:
            self._rest.start(PAUSE_MS)

    def toggle_mark(self, tile: Tile | None = None) -> None:
        """Put a picture at the end of the ranking, or take it out."""
        tile = tile or self.current
        if self.now is None or tile is None:
            return
        marked = self.now.marked
        if tile in marked:
            marked.remove(tile)
        elif len(marked) < MOST_MARKED:
            marked.append(tile)
        else:
            self.notice.emit(texts.enough_marked(MOST_MARKED))
        self.marks_changed.emit()

    def rank(self, place: int) -> None:
        """Put the picture that is looked at on this place of the ranking, from 1."""
        if self.now is None or self.current is None:
            return
        marked = [tile for tile in self.now.marked if tile is not self.current]
        marked.insert(place - 1, self.current)
        self.now.marked = marked[:MOST_MARKED]
        self.marks_changed.emit()

    def nudge(self, axis: str, by: float) -> None:
        """Refine the picture that is looked at along an axis of ``nudging.AXES``."""
        tile, compass = self.current, self.compass
        if tile is None or compass is None:
            return
        if not compass.ready:
            self.notice.emit(texts.DIRECTIONS_ARE_LEARNT)
            return
        self._refine(tile, compass.nudged(tile.w, axis, by))

    def mix(self) -> None:
        """Keep the shape of the first marked picture and take colour and surface of this one."""
        tile, workshop = self.current, self._workshop
        if tile is None or workshop is None or self.now is None:
            return
        others = [marked for marked in self.now.marked if marked is not tile]
        if not others:
            self.notice.emit(texts.MARK_A_SHAPE)
            return
        info = workshop.generator.info
        rows = level_rows(info.num_ws, info.level_sizes)
        mixed = _rows_of(others[0], info.num_ws).copy()
        mixed[rows["fine"]] = _rows_of(tile, info.num_ws)[rows["fine"]]
        self._refine(tile, mixed)

    def restore(self) -> None:
        """Take the refinements of a picture back."""
        if self.current is not None and self.current.restore():
            self._paint_again(self.current)

    def _make(self, make: Callable[[], Sheet], origin: Origin) -> None:
        moment = self.now

        def show(sheet: Sheet) -> None:
            if moment is self.now and moment is not None:
                self._show(moment, sheet, origin)

        self._errands.run(make, show)

    def _show(self, moment: Moment, sheet: Sheet, origin: Origin) -> None:
        self._forget_pictures()
        moment.sheets.append(sheet)
        moment.tiles = [Tile(w, origin, k) for k, w in enumerate(sheet.w, start=1)]
        self.look_at(None)
        for tile in moment.tiles:
            self._order(tile)
        self.screen_changed.emit()

    def _refine(self, tile: Tile, w: Array) -> None:
        tile.refine(w)
        self._paint_again(tile)

    def _paint_again(self, tile: Tile) -> None:
        self._order(tile, urgency=NOW)
        self._rest.start(PAUSE_MS)
        self.tile_changed.emit(tile)

    def _paint_large(self) -> None:
        tile = self.current
        if self._easel is None or tile is None or tile.large is not None:
            return
        self._easel.forget(_is_large)
        self._easel.paint((tile, tile.version, True), tile.w, size="large", urgency=NOW)

    def _order(self, tile: Tile, *, urgency: int = SOON) -> None:
        if self._easel is not None:
            self._easel.paint((tile, tile.version, False), tile.w, urgency=urgency)

    def _forget_pictures(self) -> None:
        if self._easel is not None:
            self._easel.forget(lambda key: not _is_favourite(key))

    def _painted(self, painted: Painted) -> None:
        key: tuple[Tile, int, bool] = painted.key  # type: ignore[assignment]
        tile, version, large = key
        if version != tile.version:
            return  # it was refined meanwhile
        if large:
            tile.large = painted.pixels
        else:
            tile.pixels = painted.pixels
        if tile.look is None or not large:
            tile.look = painted.look
        if self.compass is not None and not large and painted.w.ndim == 1:
            self.compass.add(painted.w, painted.look)
        self.tile_changed.emit(tile)

    def favourite(self, pick: Pick) -> Tile | None:
        """A picture that was pinned; None when this generator cannot paint it."""
        if self._workshop is None:
            return None
        info = self._workshop.generator.info
        if pick.w.shape not in ((info.w_dim,), (info.num_ws, info.w_dim)):
            return None
        tile = Tile(pick.w, "favourite", look=pick.look)
        self._order(tile, urgency=LATER)
        return tile

    def _seed(self) -> int:
        return int(self._seeds.integers(1 << 31))


def _is_large(key: Hashable) -> bool:
    return isinstance(key, tuple) and bool(key[2])


def _is_favourite(key: Hashable) -> bool:
    return isinstance(key, tuple) and isinstance(key[0], Tile) and key[0].origin == "favourite"


def _rows_of(tile: Tile, num_ws: int) -> Array:  # (num_ws, w_dim)
    return tile.w if tile.w.ndim == 2 else np.repeat(tile.w[None], num_ws, axis=0)
