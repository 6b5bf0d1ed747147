"""Scenes of a running show: kept, recalled with a crossfade, and changed by themselves if wished.

In: the Show, a store of scenes, wishes from keys and panels.  Out: changes of controls, seed and
models.  Thread: one of its own, ``scenes``; everything that is called here only leaves a wish.

Numbers walk to where the scene has them within its crossfade; names (a look, a preset) change at
its beginning and fade as they always do; models are loaded here and then faded to by the show. A
control that the operator turns meanwhile is left to the operator.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from traumer_live.core.controls import OF_THE_ROOM, Controls, checked
from traumer_live.core.errors import SettingsError, TraumerError
from traumer_live.core.types import TICK_RATE, Pulse
from traumer_live.engine.models import Choice, Models, load_choice
from traumer_live.engine.scene_pace import Advance, Since, Walk, is_number
from traumer_live.engine.show import Show
from traumer_live.scenes.scene import CROSSFADE_S, Scene
from traumer_live.scenes.store import SceneStore

# Of the room and of the moment, not of the picture: a scene must never end a blackout, let flashes
# through, move the show to another screen or hear a room that it was not made in.
NOT_OF_A_SCENE = (
    frozenset(("blackout", "fade", "fade_s", "frozen", "safe", "limiter", "hud", "screen"))
    | OF_THE_ROOM
)
RUNTIME = frozenset(("backend", "threads"))  # of this machine
STEP_S = 1 / TICK_RATE


class Scenes:
    """Works beside a show (a Companion of it)."""

    def __init__(
        self,
        show: Show,
        store: SceneStore | None = None,
        *,
        load: Callable[[Choice], Models] | None = None,
        dice: random.Random | None = None,
    ) -> None:
        self._show = show
        self.store = store or SceneStore()
        self._load = load or (lambda choice: load_choice(choice, show.notices.tell))
        self._dice = dice or random.Random()
        self.locked = False  # scenes change by hand only
        self.current = ""  # name of the scene that was recalled last
        self._advance = Advance()
        self._since = Since()
        self._wish: Scene | None = None
        self._walk: Walk | None = None
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="scenes", daemon=True)

    # -- a Companion ---------------------------------------------------------------------------

    def follow(self, models: Models) -> None:
        """The show runs: begin to work; which models it plays is asked when it matters."""
        if not self._thread.is_alive() and not self._stopping:
            self._thread.start()

    def stop(self) -> None:
        """The show ends."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    # -- what can be asked for -----------------------------------------------------------------

    @property
    def advance(self) -> Advance:
        """When the next scene comes by itself."""
        return self._advance

    @advance.setter
    def advance(self, advance: Advance) -> None:
        with self._changed:
            self._advance = advance
            self._since = Since()
            self._changed.notify()

    def keep(
        self,
        name: str = "",
        *,
        slot: int = 0,
        thumbnail: bytes = b"",
        crossfade_s: float = CROSSFADE_S,
        replacing: bool = False,
    ) -> Scene:
        """Keep this moment as a scene; without a name it gets one.

        Raises:
            TraumerError: the name or slot is none, is taken, or the folder cannot be written to.
        """
        name = name or self.store.free_name(f"Scene {slot}" if slot else "Scene")
        scene = Scene("", crossfade_s=crossfade_s, thumbnail=thumbnail).named(name).in_slot(slot)
        scene = replace(
            scene,
            controls=_of_a_scene(self._show.controls.now),
            models=_named(self._show.next_models.choice),
            seed=self._show.seed,
        )
        self.current = self.store.save(scene, replacing=replacing).name
        return scene

    def recall(self, scene: Scene) -> None:
        """Go to ``scene``; a later wish takes the place of one that was not begun."""
        with self._changed:
            self._wish = scene
            self.current = scene.name
            self._since = Since()
            self._changed.notify()

    def recall_slot(self, slot: int) -> bool:
        """Go to the scene of a quick slot; False when it is empty."""
        for scene in self.store.scenes():
            if scene.slot == slot:
                self.recall(scene)
                return True
        return False

    def step(self, by: int) -> None:
        """Go to the next scene (1) or the one before (-1), round and round."""
        scenes = self.store.scenes()
        if not scenes:
            return
        names = [scene.name for scene in scenes]
        here = names.index(self.current) if self.current in names else (-1 if by > 0 else 0)
        self.recall(scenes[(here + by) % len(scenes)])

    def shuffle(self) -> None:
        """Go to any other scene."""
        others = [scene for scene in self.store.scenes() if scene.name != self.current]
        if others:
            self.recall(self._dice.choice(others))

    def track_changed(self) -> None:
        """Another piece of music begins: the next scene, where that is wished."""
        if self._advance.by == "track":
            self._go_on()

    # -- the thread ----------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._turn()
            except TraumerError as error:
                self._show.notices.tell_again(str(error))
            except Exception as error:  # noqa: BLE001  (the thread's edge: a bug must not end the show)
                self._show.notices.tell(f"A scene stumbled ({error!r}); the show goes on.")

    def _turn(self) -> None:
        """Wait for something to do, and do one step of it."""
        counts = self._advance.by in ("seconds", "bars") and not self.locked
        with self._changed:
            if self._wish is None and not self._stopping:
                self._changed.wait(STEP_S if self._walk or counts else None)
            wish, self._wish = self._wish, None
        if wish is not None:
            self._begin(wish)
        if self._walk is not None and self._walk.step(time.monotonic()):
            self._walk = None
        if counts and not self._stopping:
            thought = self._show.thought
            pulse = thought.pulse if thought else Pulse()
            if self._since.is_over(self._advance, pulse, time.monotonic()):
                self._since = Since()
                self._go_on()

    def _go_on(self) -> None:
        if self.locked:
            return
        if self._advance.shuffled:
            self.shuffle()
        else:
            self.step(1)

    def _begin(self, scene: Scene) -> None:
        """Names at once, numbers on their way, models when they are loaded."""
        self._walk = None
        goal = self._possible(scene)
        if self._show.seed != scene.seed:
            self._show.change_seed(scene.seed)
        try:
            self._change_models(scene)
        finally:  # a model that is gone must not keep the rest of the scene
            self._walk = Walk(self._show.controls, goal, scene.crossfade_s, time.monotonic())

    def _change_models(self, scene: Scene) -> None:
        if not scene.models:  # written by hand: a scene of controls alone
            return
        now = self._show.next_models.choice
        choice = _chosen(scene.models, now)
        if choice != now:
            self._show.switch_models(self._load(choice))

    def _possible(self, scene: Scene) -> dict[str, Any]:
        """What this program and the present moment can take of a scene's controls."""
        goal: dict[str, Any] = {}
        for name, value in own_controls(scene).items():
            if reason := objection(name, value):
                self._show.notices.tell(f"{name} of the scene {scene.name} is left out: {reason}.")
            else:
                goal[name] = value
        return goal


def _of_a_scene(controls: Controls) -> dict[str, Any]:
    return {n: v for n, v in asdict(controls).items() if n not in NOT_OF_A_SCENE}


def _named(choice: Choice) -> dict[str, Any]:
    return {n: v for n, v in asdict(choice).items() if n not in RUNTIME}


def _chosen(models: Mapping[str, Any], now: Choice) -> Choice:
    """The models that a scene names, on the runtime of this show."""
    aspect = models.get("aspect")
    class_index = models.get("class_index")
    return replace(
        now,
        generator=str(models.get("generator", "")),
        encoder=str(models.get("encoder", "")),
        mapping=str(models.get("mapping", "")),
        class_index=class_index if isinstance(class_index, int) else None,
        aspect=tuple(aspect) if isinstance(aspect, list | tuple) else None,
    )


def own_controls(scene: Scene) -> dict[str, Any]:
    """Those controls of a scene that this program has, and that scenes may change."""
    known = {known.name for known in fields(Controls)} - NOT_OF_A_SCENE
    return {name: value for name, value in scene.controls.items() if name in known}


def objection(name: str, value: Any) -> str:
    """Why a control cannot take ``value``; empty when it can."""
    if name == "preset" and value == "centred":
        return "the preset centred needs the future, which a movie has and a show has not"
    default = getattr(Controls(), name)
    if is_number(default) != is_number(value) or (
        not is_number(default) and type(value) is not type(default)
    ):
        return f"{value!r} is of the wrong kind"
    try:
        checked(replace(Controls(), **{name: value}))
    except (SettingsError, TypeError, AttributeError) as error:
        return str(error).rstrip(".")
    return ""
