"""Teach it at the gig: this music, this picture; the show has learnt it a moment later.

In: a key.  Out: a label in the store, then a mapping fitted anew, which the running show fades
over to; undo takes back both.  Thread: ``teach`` and ``undo`` are called from any and return at
once; the rest is done on ``teacher``, one thing after the other, and the fit in a process of its
own (``teaching_child``).

The label is on the disk before anything is fitted, so a crash loses none. The store is opened for
a moment only; while a labelling window holds it, labels are kept aside, and join it later.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from traumer_live.core import model_library
from traumer_live.core.errors import TraumerError
from traumer_live.engine.ears import Moment
from traumer_live.engine.models import Choice, Models
from traumer_live.engine.show import Show
from traumer_live.engine.shown import Picture
from traumer_live.labelling.errors import LabelError, StoreHeldError
from traumer_live.labelling.label import Label
from traumer_live.labelling.lesson import Lesson, hearing_of, label_of
from traumer_live.labelling.lessons import FEWEST, belongs
from traumer_live.labelling.pack_labels import take_in
from traumer_live.labelling.recipes import recipe_of
from traumer_live.labelling.store import Store, default_store
from traumer_live.labelling.teaching_child import Pupil, Task
from traumer_live.labelling.workshop import ids_of
from traumer_live.latent.pack import load_pack, write_pack

FOLDER, ASIDE = "mappings", "aside"  # in the store's
GRACE_S = 10.0  # for what was begun when the show ends

TakenUp = Callable[[Choice], None]
Learn = Callable[[Task], Path]


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
        self,
        show: Show,
        *,
        store: Path | None = None,
        taken_up: TakenUp = lambda _: None,
        learn: Learn | None = None,
    ) -> None:
        """A teacher of ``show``.

        Args:
            show: that is to be taught.
            store: of the labels; None is the person's own.
            taken_up: is told, on the teacher's thread, which models play from now on.
            learn: makes the pack of a task; None does it in a process of its own.
        """
        self._show = show
        self._folder = store or default_store()
        self._taken_up = taken_up
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._pupil = Pupil()
        self._learn = learn or self._pupil.learn
        self._taught: list[Taught] = []

    def follow(self, models: Models) -> None:
        """Begin; what was taught to other models cannot be taken back in these."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="teacher", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Keep the labels that were asked for, learn no more."""
        if self._thread is not None:
            self._jobs.put(None)
            self._pupil.stop()
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
        ids = ids_of(models)
        label = label_of(lesson, ids)
        with self._opened(label) as store:
            kept, labels = store.add(label), store.labels
        self._taught.append(Taught(kept.id, None))
        count = sum(belongs(known, ids) for known in labels)
        if count < FEWEST:
            more = FEWEST - count
            self._show.notices.tell_again(
                f"Kept: {count} of {FEWEST} labels; {more} more, and the show follows them."
            )
            return
        taught = self._learnt(models)
        if not self._plays(models):
            raise LabelError("The label is kept; other models play by now, which it is not for.")
        # What plays by now: since the key was pressed a lesson before may have been learnt.
        self._taught[-1] = Taught(kept.id, self._show.next_models)
        self._show.change_mapping(taught)
        self._taken_up(taught.choice)
        self._show.notices.tell_again(
            f"Taught: the picture follows your {count} labels. Undo takes the last one back."
        )

    def _opened(self, label: Label) -> Store:
        """The store, with everything that was kept aside; if it is held, ``label`` is too.

        Raises:
            StoreHeldError: that happened.
        """
        aside = self._folder / ASIDE
        try:
            store = Store(self._folder)
        except StoreHeldError as held:
            with Store(aside) as waiting:
                waiting.add(label)
            raise StoreHeldError(
                "Kept aside, since the labelling window is open; teach once more when it is "
                "closed, and both are learnt."
            ) from held
        if aside.is_dir():
            with Store(aside) as waiting:
                take_in(store, waiting.labels)
                for kept in waiting.labels:
                    waiting.retract(kept.id)
        return store

    def _learnt(self, models: Models) -> Models:
        """The models with a mapping of all labels, which is kept beside them."""
        pair = models.pair  # each has a mapping of its own, also within one evening
        which = f"{pair.generator_sha256[:6]}-{pair.encoder_sha256[:6]}"
        name = f"{datetime.now().astimezone():taught %Y-%m-%d} {which}.safetensors"
        target = self._folder / FOLDER / name
        made = self._learn(Task(models.choice, self._folder, target, _like(models)))
        choice = replace(models.choice, mapping=str(made))
        return replace(models.playing(load_pack(made)), choice=choice)

    def _undo(self) -> None:
        if not self._taught:
            raise LabelError("Nothing was taught in this show that could be taken back.")
        self._show.teaching = "undoing"
        last = self._taught[-1]
        with Store(self._folder) as store:
            store.retract(last.label)
        self._taught.pop()
        if last.before is not None and self._plays(last.before):
            self._show.change_mapping(last.before)
            self._keep(last.before)
            self._taken_up(last.before.choice)
        self._show.notices.tell_again("Taken back: the label, and what was learnt from it.")

    def _plays(self, models: Models) -> bool:
        """Whether these are still the show's, whatever their mapping."""
        return self._show.next_models.encoder is models.encoder

    def _keep(self, models: Models) -> None:
        """The file of a taught mapping says again what plays."""
        path = Path(models.choice.mapping)
        if models.pack is not None and path.parent == self._folder / FOLDER:
            write_pack(path, models.pack)


def _like(models: Models) -> Path | None:
    """Where the search begins: at what plays, if that was learnt from labels."""
    named, pack = models.choice.mapping, models.pack
    if not named or pack is None or recipe_of(pack.header) is None:
        return None
    return model_library.resolve(named, "mapping")
