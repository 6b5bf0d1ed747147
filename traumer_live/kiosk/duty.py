"""Everything an unattended kiosk does besides showing: signs of life, status, takes, memory.

In: a folder for its state, its settings.  Out: files there, bytes to the parent.  Thread: main.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from traumer_live.core.settings import KioskSettings
from traumer_live.engine.show import Show
from traumer_live.engine.status import ShowStatus
from traumer_live.kiosk.actions import Actions
from traumer_live.kiosk.day import DayPlan
from traumer_live.kiosk.memory import MODELS, LastPicture, State, save_state
from traumer_live.kiosk.status import Health, StatusPage
from traumer_live.kiosk.supervisor import Beat
from traumer_live.kiosk.takes import Ledger, Limits, Takes
from traumer_live.kiosk.window import Projection

Notice = Callable[[str], None]


class UnattendedDuty:
    """The Duty of a kiosk with a folder of its own."""

    def __init__(
        self, folder: Path, settings: KioskSettings, beat: Beat, *, planned: str = ""
    ) -> None:
        """``planned`` is the scene that the process before us had gone to by the plan."""
        self._folder = folder
        self._settings = settings
        self._beat = beat
        self._picture = LastPicture(folder / "last-picture.bin")
        self.health = Health(
            folder / "status.json", restarts=beat.restarts, last_exit=beat.last_exit
        )
        self._page: StatusPage | None = None
        self._takes: Takes | None = None
        self._plan = DayPlan.parse(settings.scenes)
        self._planned = planned  # the scene that the plan asked for last
        self._saved: State | None = None
        self._show: Show | None = None
        self._projection: Projection | None = None
        self._actions: Actions | None = None

    def take_up(self, show: Show, projection: Projection, actions: Actions) -> None:
        """Begin.

        Raises:
            OutputError: the status page's port is taken.
        """
        self._show, self._projection, self._actions = show, projection, actions
        kiosk = self._settings
        limits = Limits(60 * kiosk.take_minutes, 1e6 * kiosk.take_mb, 1e9 * kiosk.keep_gb)
        ledger = Ledger(self._folder / "takes.json")
        self._takes = Takes(show, limits, ledger, actions.start_recording)
        projection.watchers.append(self._look)
        if kiosk.status_port:
            self._page = StatusPage(self.health, kiosk.status_port)

    def turn(self, now_s: float) -> None:
        """Say that we live; keep the picture."""
        if self._projection is None or self._actions is None:
            return
        self._beat.beat(now_s)
        self._picture.keep(self._projection.picture, now_s)
        if self._beat.orphaned:
            self._actions.quit()

    def close(self) -> None:
        """End what runs beside; the last state stays for the next start."""
        if self._takes is not None:
            self._takes.close()
        if self._page is not None:
            self._page.close()
        self._picture.close()

    def _look(self, status: ShowStatus, now_s: float) -> None:
        assert self._show is not None
        assert self._actions is not None
        assert self._takes is not None
        self._takes.wanted = self._actions.wants_takes
        self._takes.watch(now_s)
        self.follow_plan(datetime.now(), self._actions.recall_planned)
        self.health.update(self._show, status, now_s, scene=self._actions.scene)
        state = self._state(self._show, self._actions)
        if state != self._saved:
            self._saved = state
            save_state(self._folder / "state.json", state)

    def follow_plan(self, now: datetime, recall: Callable[[str], None]) -> None:
        """Go to the scene whose time has come, once: by hand another may be chosen until then."""
        planned = self._plan.scene_at(now)
        if planned and planned != self._planned:
            self._planned = planned
            recall(planned)

    def _state(self, show: Show, actions: Actions) -> State:
        choice = show.models.choice
        return State(
            show.controls.now,
            actions.wants_takes,
            {name: getattr(choice, name) for name in MODELS},
            show.seed,
            actions.scene,
            self._planned,
        )
