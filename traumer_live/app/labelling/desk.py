"""What the labelling window asks for and is told: clips of music, labels, what they cover.

In: keys and clicks.  Out: a store that holds every label before the next clip comes; signals.
Thread: GUI; scanning, asking, painting and playing have threads of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from traumer_live.app.errands import Errands
from traumer_live.app.labelling.pictures import Moment, Pictures
from traumer_live.app.labelling.tiles import Tile
from traumer_live.app.labelling.wishes import Wishes
from traumer_live.app.texts import labelling as texts
from traumer_live.audio.loop_player import LoopPlayer
from traumer_live.audio.passages import read_passage
from traumer_live.core.errors import TraumerError
from traumer_live.core.types import Array
from traumer_live.embedding.encoder import load_encoder
from traumer_live.labelling.asking import Asked, Asker
from traumer_live.labelling.contradictions import contradicted
from traumer_live.labelling.label import Clip, Label
from traumer_live.labelling.library import Library, Progress, require_music
from traumer_live.labelling.store import Store
from traumer_live.labelling.workshop import Workshop, open_workshop

FOLLOW_MS = 250  # how often the scan is looked at
LOUDNESS, MOST_GAIN_DB = -18.0, 12.0  # LUFS that clips are played at, as far as they can
PEAK = 0.97
REMEMBERED = 20  # clips that undo can return to with their pictures


@dataclass(frozen=True)
class Coverage:
    """The library as a map."""

    clips: tuple[Clip, ...]
    places: Array  # (n, 2)
    confidence: Array  # (n,), how well the labels cover each


class LabellingDesk(QObject):
    """One evening of labelling."""

    notice = pyqtSignal(str)  # one sentence
    opened = pyqtSignal()  # models are there
    scanned = pyqtSignal(object)  # Progress
    asked = pyqtSignal(object)  # Asked, or None: nothing is left
    heard = pyqtSignal(object, object)  # Clip, its sound (n, 2)
    labels_changed = pyqtSignal()
    contradiction = pyqtSignal(object)  # (older, newer) Labels, or None
    covered = pyqtSignal(object)  # Coverage

    def __init__(
        self,
        wishes: Wishes,
        *,
        player: LoopPlayer | None = None,
        workshop: Callable[[], Workshop] | None = None,
    ) -> None:
        """Open the store; nothing else is begun before ``start``.

        Raises:
            LabelError: somebody else is labelling in it, or it is no store.
            OutputError: it cannot be written to.
            SourceError: there is no music in the folder.
        """
        super().__init__()
        self.wishes = wishes
        require_music(wishes.music)
        self.store = Store(wishes.store, annotator=wishes.annotator)
        self.player = player or LoopPlayer()
        self.workshop: Workshop | None = None
        self.library: Library | None = None
        self.favourites: dict[str, Tile] = {}  # by the id of their event
        self._load = workshop or (lambda: open_workshop(wishes.choice))
        self._asker: Asker | None = None
        self._past: list[Moment] = []
        self._asking = self._covering = self._stale = False
        self._exhausted = 0  # clips that were known when none was left to ask for
        self._seed = 0
        self._errands = Errands()
        self._errands.failed.connect(self._failed)
        self.pictures = Pictures(self._errands)
        self.pictures.notice.connect(self.notice)
        self._scan_clock = QTimer(self)
        self._scan_clock.timeout.connect(self._follow_scan)

    # -- beginning and end ---------------------------------------------------------------------

    def start(self) -> None:
        """Load the models, then scan and ask."""
        self.player.start()
        self._errands.run(self._load, self._opened)
        if self.store.notice:
            self.notice.emit(self.store.notice)

    def leave(self) -> None:
        """Begin and tell nothing more; what was begun ends by itself."""
        self._scan_clock.stop()
        self.player.close()
        self._errands.forget()
        if self.library is not None:
            self.library.leave()

    @property
    def at_work(self) -> bool:
        """Whether something goes on for which ``close`` would wait for long."""
        return self._errands.at_work or (self.library is not None and self.library.at_work)

    def close(self) -> None:
        """End everything; what was labelled is on the disk already."""
        self._scan_clock.stop()
        self.player.close()
        self._errands.close()
        self.pictures.close()
        if self.library is not None:
            self.library.stop()
        self.store.close()

    def _opened(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self._asker = Asker(workshop)
        self.pictures.open(workshop, modest=self.wishes.beside_show)
        self.library = Library(
            self.wishes.music,
            lambda: load_encoder(workshop.encoder_file),
            workshop.ids.encoder_sha256,
        )
        self.library.start()
        self._scan_clock.start(FOLLOW_MS)
        self._show_favourites()
        self.opened.emit()

    def _follow_scan(self) -> None:
        assert self.library is not None
        progress = self.library.progress
        self.scanned.emit(progress)
        if self.now is None and len(self.library.clips) > self._exhausted:
            self.ask()
        if progress.state not in ("waiting", "scanning"):
            self._scan_clock.stop()
            if progress.notice:
                self.notice.emit(progress.notice)
        self.show_coverage()

    @property
    def now(self) -> Moment | None:
        """The clip that is asked for, with its pictures."""
        return self.pictures.now

    @property
    def asking(self) -> bool:
        """Whether a clip is about to come."""
        return self._asking

    @property
    def progress(self) -> Progress:
        """How far the scan is."""
        return self.library.progress if self.library else Progress()

    # -- clips ---------------------------------------------------------------------------------

    def ask(self) -> None:
        """Go on to the clip whose label teaches most."""
        asker, library = self._asker, self.library
        if asker is None or library is None or self._asking:
            return
        self._asking, self._seed = True, self._seed + 1
        clips, labels, passed = library.clips, self.store.labels, self.store.skipped
        seed = self._seed
        self._errands.run(lambda: asker.ask(clips, labels, passed, seed=seed), self._begin)

    def ask_for(self, clip: Clip) -> None:
        """Label just this clip, perhaps once more."""
        asker, labels = self._asker, self.store.labels
        if asker is not None and not self._asking:
            self._asking = True
            self._errands.run(lambda: asker.about(clip, labels), self._begin)

    def hear(self, clip: Clip) -> None:
        """Play a clip of the library."""
        path = self.library.path_of(clip) if self.library else None
        if path is None:
            self.player.play(None)
            self.notice.emit(texts.not_in_folder(clip.piece))
            return
        self._errands.run(lambda: passage(path, clip), lambda sound: self._play(clip, sound))

    def hear_again(self) -> None:
        """The clip that is asked for, from its beginning."""
        if self.now is not None:
            self.hear(self.now.asked.clip)

    def _play(self, clip: Clip, sound: Array) -> None:
        self.player.play(sound)
        self.heard.emit(clip, sound)

    def _begin(self, asked: Asked | None) -> None:
        self._asking = False
        if asked is None:
            self._exhausted = len(self.library.clips) if self.library else 0
            self.player.play(None)
        self._go_to(None if asked is None else Moment(asked))
        if asked is not None:
            self.pictures.another()

    def _go_to(self, moment: Moment | None) -> None:
        self.pictures.begin(moment)
        self.asked.emit(moment.asked if moment else None)
        if moment is not None:
            self.hear(moment.asked.clip)

    # -- labels --------------------------------------------------------------------------------

    def choose(self) -> None:
        """Keep the marked pictures, or else the one that is looked at, and go on."""
        moment, current = self.now, self.pictures.current
        if moment is None or self._asking:
            return
        tiles = moment.marked or [tile for tile in (current,) if tile is not None]
        if not tiles:
            self.notice.emit(texts.GO_TO_A_PICTURE)
            return
        try:
            label = self.store.add(self._label(moment, tiles))
        except TraumerError as error:
            self.notice.emit(str(error))
            return
        self._leave(moment, label.id)
        self._look_for_contradiction(label)

    def skip(self) -> None:
        """Never ask for this clip again."""
        moment = self.now
        if moment is None or self._asking:
            return
        try:
            event = self.store.skip(moment.asked.clip.key)
        except TraumerError as error:
            self.notice.emit(str(error))
            return
        self.contradiction.emit(None)
        self._leave(moment, event)

    def undo(self) -> None:
        """Take back what was done last, and return to its clip."""
        if self._asking:
            return
        before = {label.id: label.clip for label in self.store.labels}
        try:
            kind = self.store.undo()
        except TraumerError as error:
            self.notice.emit(str(error))
            return
        gone = before.keys() - {label.id for label in self.store.labels}
        self.contradiction.emit(None)
        if kind is None:
            self.notice.emit(texts.NOTHING_TO_UNDO)
        elif kind == "pin":
            self._show_favourites()
        elif self._past:
            self._go_to(self._past.pop())
        elif gone:
            self.ask_for(before[gone.pop()])  # of an earlier evening
        self.labels_changed.emit()
        self.show_coverage()

    def pin(self) -> None:
        """Keep the picture that is looked at as a favourite; let go of one that is."""
        tile = self.pictures.current
        if tile is None:
            return
        try:
            pinned = next((k for k, kept in self.favourites.items() if kept is tile), None)
            if pinned is not None:
                self.store.retract(pinned)
                del self.favourites[pinned]
            else:
                kept = Tile(tile.w, "favourite", pixels=tile.pixels, large=tile.large)
                kept.look = tile.look
                self.favourites[self.store.pin(tile.pick())] = kept
        except TraumerError as error:
            self.notice.emit(str(error))
        self.labels_changed.emit()

    def settle(self, label: Label | None) -> None:
        """End a contradiction by taking one of the two labels back; None keeps both."""
        if label is not None:
            try:
                self.store.retract(label.id)
            except TraumerError as error:
                self.notice.emit(str(error))
            self._past = [moment for moment in self._past if moment.event != label.id]
            self.labels_changed.emit()
            self.show_coverage()
        self.contradiction.emit(None)

    def show_coverage(self) -> None:
        """Tell how well the labels cover the library."""
        asker, clips, labels = self._asker, self.clips, self.store.labels
        if asker is None or not clips:
            return
        self._stale = self._covering  # what is being found out is of yesterday already
        if self._covering:
            return
        self._covering = True

        def covered() -> Coverage:
            return Coverage(clips, asker.places(clips)[:, :2], asker.confidence(clips, labels))

        def tell(found: Coverage) -> None:
            self._covering = False
            self.covered.emit(found)
            if self._stale:
                self.show_coverage()

        self._errands.run(covered, tell)

    @property
    def clips(self) -> tuple[Clip, ...]:
        """All that were found so far."""
        return self.library.clips if self.library else ()

    def _label(self, moment: Moment, tiles: list[Tile]) -> Label:
        assert self.workshop is not None
        screens = tuple(sheet.screen or self.store.keep_screen(sheet.w) for sheet in moment.sheets)
        return Label(
            id="",
            made="",
            clip=moment.asked.clip,
            picks=tuple(tile.pick() for tile in tiles),
            screens=screens,
            models=self.workshop.ids,
            annotator=self.store.annotator,
            note=self.wishes.note,
        )

    def _leave(self, moment: Moment, event: str) -> None:
        """What was decided is on the disk; only now the next clip comes."""
        moment.event = event
        self._past = [*self._past[1 - REMEMBERED :], moment]
        self.ask()
        self.labels_changed.emit()
        self.show_coverage()

    def _look_for_contradiction(self, label: Label) -> None:
        asker, compass = self._asker, self.pictures.compass
        deviation = compass.deviation if compass else None
        before = [other for other in self.store.labels if other.id != label.id]
        assert asker is not None

        def look() -> Label | None:
            places = asker.places([known.clip for known in (label, *before)])
            return contradicted(label, before, places, asker.length, deviation)

        def tell(other: Label | None) -> None:
            self.contradiction.emit((other, label) if other is not None else None)

        self._errands.run(look, tell)

    def _show_favourites(self) -> None:
        present = dict(self.store.favourites)
        self.favourites = {k: t for k, t in self.favourites.items() if k in present}
        for event, pick in present.items():
            if event not in self.favourites:
                tile = self.pictures.favourite(pick)
                if tile is not None:
                    self.favourites[event] = tile
        self.labels_changed.emit()

    def _failed(self, sentence: str) -> None:
        self._asking = self._covering = False
        self.notice.emit(sentence)


def passage(path: Path, clip: Clip) -> Array:  # (n, 2)
    """The clip's sound, about as loud as all others."""
    sound = read_passage(path, clip.start_s, clip.length_s)
    if clip.attributes is None or not len(sound):
        return sound
    gain = 10 ** (min(LOUDNESS - clip.attributes.loudness, MOST_GAIN_DB) / 20)
    peak = float(np.abs(sound).max())
    return np.asarray(sound * min(gain, PEAK / max(peak, 1e-6)), np.float32)
