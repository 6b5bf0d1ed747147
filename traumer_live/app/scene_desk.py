"""The desk's part for scenes: keep this moment, return to another, give scenes away.

In: keys, the strip, dropped files.  Out: the running Show in another scene; signals.  Thread: GUI;
files are read and written on the desk's errand thread.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from PyQt6.QtCore import QObject, pyqtSignal

from traumer_live.app.errands import Errands
from traumer_live.app.texts import scenes as texts
from traumer_live.core.types import Pixels
from traumer_live.engine.scene_pace import Advance
from traumer_live.engine.scenes import Scenes
from traumer_live.engine.show import Show
from traumer_live.scenes.scene import CROSSFADE_S, Scene

THUMBNAIL = (320, 180)  # pixels, at most; drawn at a third of it
QUALITY = 85


class SceneDesk(QObject):
    """Stands between the strip of scenes and the Show."""

    changed = pyqtSignal()  # the scenes, or which one plays
    notice = pyqtSignal(str)  # one sentence

    def __init__(self, show: Show, errands: Errands) -> None:
        super().__init__()
        self._errands = errands
        self.scenes = Scenes(show)
        show.accompany(self.scenes)
        self.scenes.follow(show.models)
        self.crossfade_s = CROSSFADE_S
        self.kept: list[Scene] = []
        self.picture: Callable[[], Pixels | None] = lambda: None  # what the audience sees now
        self._troubles: tuple[str, ...] = ()
        self.knows_tracks = False  # somebody tells when another track begins

    @property
    def current(self) -> str:
        """Name of the scene that plays; empty: none was recalled."""
        return self.scenes.current

    def read(self) -> None:
        """Look anew what is there."""
        self._errands.run(self.scenes.store.scenes, self._show)

    def recall(self, slot: int) -> None:
        """Return to the scene of a slot."""
        for scene in self.kept:
            if scene.slot == slot:
                self.scenes.recall(scene)
                self.changed.emit()
                return
        self.notice.emit(texts.slot_is_empty(slot))

    def keep(self, slot: int) -> None:
        """Keep this moment in a slot; the scene that was there stays, without a slot."""
        thumbnail = as_thumbnail(self.picture())
        self._errands.run(
            lambda: self.scenes.keep(slot=slot, thumbnail=thumbnail, crossfade_s=self.crossfade_s),
            lambda _: self.read(),
        )

    def step(self, by: int) -> None:
        """To the next scene, or the one before."""
        self._errands.run(lambda: self.scenes.step(by), lambda _: self.changed.emit())

    def shuffle(self) -> None:
        """To any other scene."""
        self._errands.run(self.scenes.shuffle, lambda _: self.changed.emit())

    def lock(self, locked: bool) -> None:
        """Whether scenes change by hand only."""
        self.scenes.locked = locked

    def advance(self, advance: Advance) -> None:
        """When the next scene comes by itself."""
        self.scenes.advance = advance

    def follow_tracks(self, known: bool) -> None:
        """Whether somebody tells when another track begins, so that scenes can change with it."""
        self.knows_tracks = known
        self.changed.emit()

    def track_changed(self) -> None:
        """Another track begins."""
        self._errands.run(self.scenes.track_changed, lambda _: self.changed.emit())

    def take_in(self, path: Path) -> None:
        """Keep the scenes of a file that was dropped or chosen."""
        self._errands.run(lambda: self.scenes.store.take_in(path), self._took_in)

    def export(self, target: Path) -> None:
        """Write all scenes into one file; the dialog has asked about an older one."""
        store = self.scenes.store
        self._errands.run(lambda: store.export(store.scenes(), target, force=True))

    def remove(self, name: str) -> None:
        """Delete a scene."""
        self._errands.run(lambda: self.scenes.store.remove(name), lambda _: self.read())

    def close(self) -> None:
        """No more scenes; nothing may keep the show."""
        self.scenes.stop()
        self.picture = lambda: None
        del self.scenes

    def _took_in(self, scenes: list[Scene]) -> None:
        self.notice.emit(texts.added([scene.name for scene in scenes]))
        self.read()

    def _show(self, scenes: list[Scene]) -> None:
        self.kept = scenes
        troubles = self.scenes.store.troubles
        for sentence in troubles:
            if sentence not in self._troubles:
                self.notice.emit(sentence)
        self._troubles = troubles
        self.changed.emit()


def as_thumbnail(pixels: Pixels | None) -> bytes:
    """A small JPEG of (H, W, 4); nothing where there is no picture."""
    if pixels is None:
        return b""
    image = Image.fromarray(pixels).convert("RGB")
    image.thumbnail(THUMBNAIL, Image.Resampling.LANCZOS)
    written = io.BytesIO()
    image.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()
