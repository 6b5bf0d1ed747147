"""The fit behind the button: a mapping of all labels so far, kept as a pack beside them.

In: the desk's labels and models.  Out: progress, and Fitted.  Thread: asked on the GUI's, done on
an errand thread of its own, so that labelling goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QObject, pyqtSignal

from traumer_live.app.errands import Errands
from traumer_live.app.labelling.desk import LabellingDesk
from traumer_live.app.texts import labelling as texts
from traumer_live.core.types import Array
from traumer_live.labelling.candidates import random_w
from traumer_live.labelling.label import Clip, Label
from traumer_live.labelling.personal import Personal, fit_labels
from traumer_live.labelling.sharing import pack_of
from traumer_live.labelling.store import Store
from traumer_live.labelling.workshop import Workshop
from traumer_live.latent.pack import write_pack
from traumer_live.latent.transfer import Transfer

FOLDER = "mappings"  # in the store's
CHANCE = 100  # of 200 pictures


@dataclass(frozen=True)
class Fitted:
    """What came of a fit."""

    made: Personal
    pack: Path
    workshop: Workshop

    @property
    def line(self) -> str:
        """The result, short enough for the window's lowest bar."""
        count = len(self.made.lessons.labels)
        name = str(self.made.recipe)
        judged = next((j for j in self.made.judgements if j.name == name), None)
        return texts.learnt(count) if judged is None else texts.judged(count, judged.rank, CHANCE)


class Fitter(QObject):
    """One fit at a time."""

    progress = pyqtSignal(str)  # what is being done; empty: nothing any more
    fitted = pyqtSignal(object)  # Fitted
    failed = pyqtSignal(str)  # one sentence

    def __init__(self, desk: LabellingDesk) -> None:
        super().__init__()
        self._desk = desk
        self._last: Transfer | None = None  # a later fit begins where the last one ended
        self._errands = Errands()
        self._errands.failed.connect(self._fail)
        self.running = False

    def fit(self) -> None:
        """Begin, unless one is running."""
        workshop, store = self._desk.workshop, self._desk.store
        if self.running or workshop is None:
            return
        self.running = True
        self.progress.emit(texts.FITTING)
        labels, clips, last = store.labels, self._desk.clips, self._last
        self._errands.run(lambda: self._made(workshop, store, labels, clips, last), self._done)

    @property
    def at_work(self) -> bool:
        """Whether a fit is not done yet."""
        return self._errands.at_work

    def close(self) -> None:
        """Finish what was begun."""
        self._errands.close()

    def _made(
        self,
        workshop: Workshop,
        store: Store,
        labels: tuple[Label, ...],
        clips: tuple[Clip, ...],
        last: Transfer | None,
    ) -> Fitted:
        room = workshop.room(clips)
        made = fit_labels(
            labels,
            room,
            shown=lambda label: screens_of(label, store, workshop),
            start=last,
            progress=self.progress.emit,
        )
        name = f"{datetime.now().astimezone():mapping %Y-%m-%d %H.%M.%S}.safetensors"
        path = store.folder / FOLDER / name
        write_pack(path, pack_of(made, room, workshop.tag_names, author=store.annotator))
        return Fitted(made, path, workshop)

    def _done(self, fitted: Fitted) -> None:
        self.running = False
        self._last = fitted.made.transfer
        self.progress.emit("")
        self.fitted.emit(fitted)

    def _fail(self, sentence: str) -> None:
        self.running = False
        self.progress.emit("")
        self.failed.emit(sentence)


def screens_of(label: Label, store: Store, workshop: Workshop) -> Array | None:
    """The pictures (n, w_dim) that a label was chosen from, if all are known."""
    found = [
        store.screen_w(screen, lambda count, seed: random_w(workshop.generator, count, seed))
        for screen in label.screens
    ]
    whole = [w for w in found if w is not None]
    return np.concatenate(whole) if whole and len(whole) == len(found) else None
