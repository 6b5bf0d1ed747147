"""What the kiosk's keys do.

In: GLFW key codes.  Out: changes of the show, the window, the take.  Thread: main.

    F fullscreen    Esc back to a window    R record    H status line
    B blackout      Space freeze            Q quit
    D fade to black and back                S safe scene
    1 to 9 the scenes of these slots
    T teach: this music goes with this picture    U take that back
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import glfw

from traumer_live.core.errors import TraumerError
from traumer_live.engine.scenes import Scenes
from traumer_live.engine.show import Show
from traumer_live.kiosk.surface import Surface
from traumer_live.labelling.teaching import Teacher
from traumer_live.scenes.scene import SLOTS
from traumer_live.video.look import Size


@dataclass(frozen=True)
class TakePlan:
    """How takes are made in this run."""

    target: str | Path  # file, folder or name with a time pattern
    size: Size
    raw: bool = False  # bare generator frames
    force: bool = False  # overwrite an existing file

    def for_the_next_take(self) -> TakePlan:
        """A name is used once, or a second take would overwrite the first of the same night."""
        target = Path(self.target)
        many = str(self.target).endswith("/") or target.is_dir() or "%" in target.name
        return replace(self, target=self.target if many else f"{target.parent}/", force=False)


class Actions:
    """Everything a key can do, by name."""

    def __init__(self, show: Show, plan: TakePlan, *, scene: str = "") -> None:
        """``scene`` is that which the show began in."""
        self._show = show
        self._began_in = scene
        self._plan = plan
        self.surface: Surface | None = None  # the window that the keys belong to
        self.quits = False
        self.wants_takes = False  # until somebody ends the take; a full disk does not
        self._by_key: dict[int, Callable[[], None]] = {
            glfw.KEY_F: self.toggle_fullscreen,
            glfw.KEY_ESCAPE: self.leave_fullscreen,
            glfw.KEY_R: self.toggle_recording,
            glfw.KEY_H: lambda: self._toggle("hud"),
            glfw.KEY_B: lambda: self._toggle("blackout"),
            glfw.KEY_D: lambda: self._toggle("fade"),
            glfw.KEY_S: self.toggle_safe,
            glfw.KEY_T: lambda: self._taught_by().teach(),
            glfw.KEY_U: lambda: self._taught_by().undo(),
            glfw.KEY_SPACE: lambda: self._toggle("frozen"),
            glfw.KEY_Q: self.quit,
            **{glfw.KEY_0 + slot: partial(self.recall, slot) for slot in SLOTS},
        }
        self._scenes: Scenes | None = None  # from the first key on
        self._teacher: Teacher | None = None  # the same

    def on_key(self, key: int) -> None:
        """Do what ``key`` stands for; other keys do nothing."""
        action = self._by_key.get(key)
        if action is not None:
            action()

    def toggle_fullscreen(self) -> None:
        """Fill the monitor, or stop doing so."""
        if self.surface is not None:
            self.surface.toggle_fullscreen()

    def leave_fullscreen(self) -> None:
        """Back to a window."""
        if self.surface is not None and self.surface.fills_monitor:
            self.surface.show_window()

    def toggle_recording(self) -> None:
        """Begin a take or end it; what goes wrong is told, and the show goes on."""
        try:
            if self._show.recorder is None:
                self.start_recording()
            else:
                self.wants_takes = False
                self._show.stop_recording()
        except TraumerError as error:
            self._show.notices.tell_again(str(error))

    def start_recording(self) -> None:
        """Begin a take.

        Raises:
            OutputError: the file cannot be written.
        """
        plan = self._plan
        self._show.start_recording(plan.target, size=plan.size, force=plan.force, raw=plan.raw)
        self._plan = plan.for_the_next_take()
        self.wants_takes = True

    def toggle_safe(self) -> None:
        """Into the safe scene, or back to what was turned."""
        self._show.controls.toggle_safe()

    def recall(self, slot: int) -> None:
        """Return to the scene of a slot; an empty one is told."""
        if not self._recalling().recall_slot(slot):
            self._show.notices.tell_again(
                f"There is no scene in slot {slot}; the studio keeps some."
            )

    def recall_planned(self, wanted: str) -> None:
        """Return to the scene of this name or slot, unless it plays; one that is gone is told."""
        scenes = self._recalling()
        try:
            scene = scenes.store.find(wanted)
        except TraumerError as error:
            self._show.notices.tell_again(str(error))
            return
        if scene.name != self.scene:
            scenes.recall(scene)

    def _recalling(self) -> Scenes:
        """The scenes, which begin to work with the first wish."""
        if self._scenes is None:
            self._scenes = Scenes(self._show)
            self._show.accompany(self._scenes)
            self._scenes.follow(self._show.models)
        return self._scenes

    def _taught_by(self) -> Teacher:
        """The teacher, who begins with the first lesson."""
        if self._teacher is None:
            self._teacher = Teacher(self._show)
            self._show.accompany(self._teacher)
            self._teacher.follow(self._show.models)
        return self._teacher

    @property
    def scene(self) -> str:
        """The scene that was recalled last, or begun in; empty when there was none."""
        return (self._scenes and self._scenes.current) or self._began_in

    def quit(self) -> None:
        """End the kiosk."""
        self.quits = True

    def _toggle(self, name: str) -> None:
        self._show.controls.toggle(name)
