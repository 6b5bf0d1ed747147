"""The desk's part for models: open, choose, and go over to others while the show runs.

In: files and names from the card, the menu and drops.  Out: the running Show with other models;
signals.  Thread: GUI; reading, loading and warming up run on an errand thread of their own, so
that choosing a source or ending a take never waits for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from traumer_live.app.errands import Errands
from traumer_live.app.opening import bring, chosen, loaded
from traumer_live.app.texts import dream as texts
from traumer_live.core import model_library
from traumer_live.core.errors import ModelError
from traumer_live.core.model_library import Entry
from traumer_live.engine.models import WIDE, Choice, Models, keeping
from traumer_live.engine.show import Show


class ModelDesk(QObject):
    """Stands between the models card and the Show."""

    changed = pyqtSignal()  # others play now
    working = pyqtSignal(str)  # what is being done; empty: nothing any more
    failed = pyqtSignal(str)  # one sentence

    def __init__(self, show: Show) -> None:
        super().__init__()
        self._show = show
        self.picked: Choice | None = None  # by the operator: to be remembered
        self._waiting = 0
        self._errands = Errands()
        self._errands.failed.connect(self._refused)

    @property
    def models(self) -> Models:
        """What plays, or will in a moment: a wish may follow another before that is taken up."""
        return self._show.next_models

    def library(self) -> list[Entry]:
        """Everything that was imported; nothing, and a notice, where that cannot be read."""
        try:
            return model_library.entries()
        except ModelError as error:
            self._show.notices.tell(str(error))
            return []

    def open(self, path: Path) -> None:
        """Read a checkpoint, tagger or mapping, keep it in the library, and play it."""
        self._begin(lambda: self._choice_of(path))

    def choose(self, kind: str, name: str) -> None:
        """Play a model of the library; an empty name is the shipped one, or what fits."""
        self._begin(lambda: chosen(self.models.choice, kind, name))

    def choose_wide(self, wide: bool) -> None:
        """Paint 16:9 with a square generator, or its square again."""
        self._begin(lambda: self._choice_wide(wide))

    def close(self) -> None:
        """Finish what was begun."""
        self._errands.close()
        del self._show

    def _begin(self, choice: Callable[[], Choice]) -> None:
        """Go over to what ``choice`` gives, on the errand thread."""
        self._waiting += 1
        self._errands.run(lambda: self._switch(choice()), self._switched)

    def _choice_of(self, path: Path) -> Choice:
        self.working.emit(texts.reading(path.name))
        entry = bring(path)
        return chosen(self.models.choice, entry.kind, entry.name)

    def _choice_wide(self, wide: bool) -> Choice:
        now, info = self.models.choice, self.models.generator.info
        if wide and info.has_fixed_size:
            raise ModelError(texts.only_square(info.name))
        return replace(now, aspect=WIDE if wide else None)

    def _switch(self, choice: Choice) -> Choice:
        if choice == self.models.choice:
            return choice
        self.working.emit(texts.WARMING_UP)
        models = loaded(choice, self._show.notices.tell)
        if choice.generator != self.models.choice.generator:
            models = keeping(models, self.models.choice)
        self._show.switch_models(models)
        return models.choice

    def _switched(self, choice: Choice) -> None:
        self.picked = choice
        self._end()

    def _refused(self, sentence: str) -> None:
        self.failed.emit(sentence)
        self._end()

    def _end(self) -> None:
        self._waiting -= 1
        if not self._waiting:
            self.working.emit("")
        self.changed.emit()
