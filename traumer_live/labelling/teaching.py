"""Teach it at the gig: this music, this picture; the show has learnt it a moment later.

In: a key.  Out: a label in the store, then a mapping fitted anew, which the running show fades
over to; undo takes back both.  Thread: ``teach`` and ``undo`` are called from any and return at
once; the rest is done on ``teacher``, one thing after the other, behind the show's own threads.

The label is on the disk before anything is fitted, so a crash loses none. The store is opened for
a moment only; while a labelling window holds it, the person is told.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from traumer_live.core.errors import TraumerError
from traumer_live.core.priority import stand_back
from traumer_live.engine.ears import Moment
from traumer_live.engine.models import Choice, Models
from traumer_live.engine.show import Show
from traumer_live.engine.shown import Picture
from traumer_live.labelling.errors import LabelError
from traumer_live.labelling.label import Label
from traumer_live.labelling.lesson import Lesson, hearing_of, label_of
from traumer_live.labelling.lessons import FEWEST, belongs
from traumer_live.labelling.personal import refit
from traumer_live.labelling.recipes import Recipe, recipe_of
from traumer_live.labelling.sharing import pack_of
from traumer_live.labelling.store import Store, default_store
from traumer_live.labelling.workshop import Workshop, workshop_of
from traumer_live.latent.pack import write_pack
from traumer_live.latent.transfer import Transfer

FOLDER = "mappings"  # in the store's
RETHINK = 10  # labels after which the recipe is chosen anew
GRACE_S = 10.0  # for what was begun when the show ends

TakenUp = Callable[[Choice], None]


@dataclass(frozen=True)
class Taught:
    """One lesson that can be taken back."""

    label: str  # its id in the store
    before: Models | None  # what played; None: the label has not changed the mapping


@dataclass(frozen=True)
class Music:
    """What was heard, and by whom."""

    models: Models
    lately: tuple[Moment, ...]


class Teacher:
    """A companion of the show."""

    def __init__(
        self, show: Show, *, store: Path | None = None, taken_up: TakenUp = lambda _: None
    ) -> None:
        """``taken_up`` is told, on the teacher's thread, which models play from now on."""
        self._show = show
        self._folder = store or default_store()
        self._taken_up = taken_up
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._workshop: tuple[Models, Workshop] | None = None
        self._taught: list[Taught] = []

    def follow(self, models: Models) -> None:
        """Begin; what was taught to other models cannot be taken back in these."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="teacher", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Finish what was begun; a fit that takes too long is left, its label is kept."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join(GRACE_S)

    def hold(self) -> Music:
        """The music of this moment, for a picture that is still to be chosen."""
        return Music(self._show.models, self._show.lately)

    def teach(self, picture: Picture | None = None, music: Music | None = None) -> None:
        """Let ``music`` go with ``picture``.

        None is the last ten seconds of sound, and the picture on the screen.
        """
        picture, music = picture or self._show.shown.newest, music or self.hold()
        if picture is None:
            self._show.notices.tell_again("There is no picture yet to go with the music.")
            return
        lesson = hearing_of(self._show.listener, music.models, music.lately, picture)
        self._jobs.put(lambda: self._teach(lesson, music.models))

    def undo(self) -> None:
        """Take the last lesson of this show back: its label, and what was learnt from it."""
        self._jobs.put(self._undo)

    def _work(self) -> None:
        stand_back()
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except TraumerError as error:
                self._show.notices.tell_again(str(error))
            except Exception as error:  # noqa: BLE001  (the thread's edge: no bug may end the show)
                self._show.notices.tell_again(f"Nothing was learnt ({error!r}); the show goes on.")
            finally:
                self._show.teaching = ""

    def _teach(self, lesson: Lesson, models: Models) -> None:
        self._show.teaching = "learning"
        workshop = self._workshop_of(models)
        label = label_of(lesson, workshop.ids)
        with _opened(self._folder) as store:
            kept, labels, author = store.add(label), store.labels, store.annotator
        self._taught.append(Taught(kept.id, None))
        ours = [known for known in labels if belongs(known, workshop.ids)]
        if len(ours) < FEWEST:
            more = FEWEST - len(ours)
            self._show.notices.tell_again(
                f"Kept: {len(ours)} of {FEWEST} labels; {more} more, and the show follows them."
            )
            return
        taught = self._learnt(models, workshop, ours, author)
        self._taught[-1] = Taught(kept.id, models)
        self._show.change_mapping(taught)
        self._taken_up(taught.choice)
        self._show.notices.tell_again(
            f"Taught: the picture follows your {len(ours)} labels. Undo takes the last one back."
        )

    def _learnt(
        self, models: Models, workshop: Workshop, labels: list[Label], author: str
    ) -> Models:
        """The models with a mapping of all labels, which is kept beside them."""
        room = workshop.room(())
        recipe = recipe_of(models.pack.header) if models.pack is not None else None
        made = refit(labels, room, _kept_recipe(recipe, len(labels)), start=_start(models))
        name = f"{datetime.now().astimezone():taught %Y-%m-%d}.safetensors"
        path = self._folder / FOLDER / name
        pack = pack_of(made, room, workshop.tag_names, author=author)
        write_pack(path, pack)
        choice = replace(models.choice, mapping=str(path))
        return replace(models.playing(pack), choice=choice)

    def _undo(self) -> None:
        if not self._taught:
            raise LabelError("Nothing was taught in this show that could be taken back.")
        self._show.teaching = "undoing"
        last = self._taught[-1]
        with _opened(self._folder) as store:
            store.retract(last.label)
        self._taught.pop()
        if last.before is not None:
            self._show.change_mapping(last.before)
            self._keep(last.before)
            self._taken_up(last.before.choice)
        self._show.notices.tell_again("Taken back: the label, and what was learnt from it.")

    def _keep(self, models: Models) -> None:
        """The file of a taught mapping says again what plays."""
        path = Path(models.choice.mapping)
        if models.pack is not None and path.parent == self._folder / FOLDER:
            write_pack(path, models.pack)

    def _workshop_of(self, models: Models) -> Workshop:
        known = self._workshop
        if known is None or known[0].encoder is not models.encoder:
            known = self._workshop = (models, workshop_of(models))
        return known[1]


def _opened(folder: Path) -> Store:
    """The store, for a moment."""
    return Store(folder)


def _kept_recipe(recipe: Recipe | None, count: int) -> Recipe | None:
    """None where it is time to choose anew."""
    return None if count % RETHINK == 0 else recipe


def _start(models: Models) -> Transfer | None:
    """Where the search begins: at what plays, if that was learnt from the same labels."""
    pack = models.pack
    return pack.transfer if pack is not None and "recipe" in pack.header else None
