"""The operator's desk: what every panel of the studio asks for, and what it is told.

In: clicks and keys.  Out: changes to the running Show; signals with its state.  Thread: GUI;
whatever opens a device or a file is sent on an errand.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from traumer_live.app.errands import Errands
from traumer_live.app.model_desk import ModelDesk
from traumer_live.app.now_playing import NowPlaying
from traumer_live.app.scene_desk import SceneDesk
from traumer_live.app.take_desk import TakeDesk
from traumer_live.app.teach_desk import TeachDesk
from traumer_live.app.texts.take import no_folder
from traumer_live.audio.capture import SourceInfo, SourceSpec, list_sources
from traumer_live.core.controls import Controls
from traumer_live.core.errors import OutputError
from traumer_live.core.keep_awake import KeepAwake
from traumer_live.core.paths import videos_dir
from traumer_live.core.settings import Settings
from traumer_live.core.types import Pulse
from traumer_live.engine.models import Choice
from traumer_live.engine.show import Show
from traumer_live.video.look import Size
from traumer_live.video.qualities import TakeWish

STATUS_MS = 250  # four times a second: readable, and nothing dances


@dataclass(frozen=True)
class Choices:
    """What shall be remembered; empty: as it was."""

    controls: Controls
    source: str
    record_folder: str
    output_screen: str
    models: Choice | None = None
    takes: TakeWish | None = None
    small_window: str = ""
    output_device: str = ""  # goes with output_screen


class Desk(QObject):
    """Stands between the panels and the Show."""

    controls_changed = pyqtSignal(object)  # Controls
    status_changed = pyqtSignal(object)  # ShowStatus
    sources_found = pyqtSignal(object)  # list[SourceInfo]
    notice = pyqtSignal(str)  # one sentence for a badge

    def __init__(self, show: Show, settings: Settings, size: Size) -> None:
        super().__init__()
        self.show = show
        self.size = size
        self.record_folder = Path(settings.record_folder or videos_dir()).expanduser()
        self.chosen_source: SourceSpec | None = None  # chosen by the operator: to be remembered
        self._chosen_folder = ""
        self.errands = Errands()
        self.errands.failed.connect(self.notice)
        self.models = ModelDesk(show)
        self.models.failed.connect(self.notice)
        self.scenes = SceneDesk(show, self.errands)
        self.scenes.notice.connect(self.notice)
        self.lessons = TeachDesk(show)
        self.lessons.learnt.connect(self._remember_mapping)
        self.music = NowPlaying()
        self.music.began.connect(self.scenes.track_changed)
        self.takes = TakeDesk(show, lambda: self.record_folder)
        self.takes.failed.connect(self.notice)
        self.status_changed.connect(self.takes.follow)
        show.controls.observe(_weak_teller(self))
        self._awake: KeepAwake | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.read)

    def start(self) -> None:
        """Begin to tell the panels how the show goes."""
        self._timer.start(STATUS_MS)
        self.read()
        self.find_sources()
        self.scenes.read()
        self.takes.start()
        self.music.start()
        self.scenes.follow_tracks(self.music.available)

    def close(self) -> None:
        """Stop telling; finish the errands."""
        self._timer.stop()
        self.keep_awake(False)
        self.errands.close()
        self.models.close()
        self.scenes.close()
        self.lessons.close()
        self.takes.close()
        self.music.close()
        del self.show  # Qt's connections may keep the desk for ever; nothing may keep the show

    def choices(self, screen: str) -> Choices:
        """What the operator chose; ``screen`` is the audience's."""
        source = str(self.chosen_source) if self.chosen_source else ""
        folder, picked, takes = self._chosen_folder, self.models.picked, self.takes.wish
        return Choices(self.controls, source, folder, screen, picked, takes)

    def read(self) -> None:
        """Tell the panels the newest status and notices."""
        self.status_changed.emit(self.show.status())
        for sentence in self.show.notices.drain():
            self.notice.emit(sentence)

    def _remember_mapping(self, choice: Choice) -> None:
        """What was taught plays again next time."""
        self.models.picked = choice
        self.models.changed.emit()

    def keep_awake(self, wanted: bool) -> None:
        """Keep the screens from going dark, as long as ``wanted``."""
        if wanted and self._awake is None:
            self._awake = KeepAwake()
            self.errands.run(self._awake.start)
        elif not wanted and self._awake is not None:
            self.errands.run(self._awake.stop)
            self._awake = None

    # -- controls ------------------------------------------------------------------------------

    @property
    def controls(self) -> Controls:
        """What is turned how."""
        return self.show.controls.now

    def change(self, **values: Any) -> None:
        """Turn something."""
        self.show.controls.change(**values)

    def toggle(self, name: str) -> None:
        """Turn a yes/no control over."""
        self.show.controls.toggle(name)

    def toggle_safe(self) -> None:
        """Into the safe scene, or back to what was turned."""
        self.show.controls.toggle_safe()

    # -- sound ---------------------------------------------------------------------------------

    @property
    def pulse(self) -> Pulse:
        """The newest look at the sound."""
        thought = self.show.thought
        return thought.pulse if thought else Pulse()

    @property
    def source(self) -> SourceSpec:
        """What is listened to."""
        return self.show.listener.spec

    def find_sources(self) -> None:
        """Ask the sound system what can be captured; ``sources_found`` tells."""
        self.errands.run(list_sources, self._tell_sources)

    def choose_source(self, spec: SourceSpec) -> None:
        """Listen to ``spec``; when it cannot be opened the old source goes on."""
        self.errands.run(lambda: self.show.switch_source(spec), lambda _: self._chose(spec))

    def _tell_sources(self, sources: list[SourceInfo]) -> None:
        self.sources_found.emit(sources)

    def _chose(self, spec: SourceSpec) -> None:
        self.chosen_source = spec
        self.read()

    # -- takes ---------------------------------------------------------------------------------

    @property
    def recording(self) -> bool:
        """Whether a take is running."""
        return self.show.recorder is not None

    @property
    def disk_free(self) -> int:
        """Bytes left where takes go, as last asked; 0 when nobody knows."""
        return self.takes.disk_free

    def choose_folder(self, folder: str) -> None:
        """Takes go to ``folder`` from now on."""
        self.record_folder = Path(folder)
        self._chosen_folder = folder
        self.takes.read()

    def toggle_recording(self) -> None:
        """Begin a take in the chosen folder, or end the running one."""
        task = self.show.stop_recording if self.recording else self._begin_take
        self.errands.run(task, lambda _: self.read())

    def record(self, target: str | Path, *, raw: bool = False, force: bool = False) -> None:
        """Begin the take that the command line asked for.

        Raises:
            OutputError: the file cannot be written.
        """
        self.show.start_recording(target, size=self.size, raw=raw, force=force)

    def _begin_take(self) -> None:
        try:
            self.record_folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(no_folder(self.record_folder, error.strerror)) from error
        self.record(self.record_folder)


def _weak_teller(desk: Desk) -> Callable[[Controls], None]:
    """Tells ``desk`` of changes without keeping it, or desk and show would keep each other."""
    kept = weakref.ref(desk)

    def tell(controls: Controls) -> None:
        listening = kept()
        if listening is not None:
            listening.controls_changed.emit(controls)

    return tell
