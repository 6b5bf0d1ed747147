"""Scenes of a running show: recalled with a crossfade, by hand and by themselves."""

from __future__ import annotations

import random
from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests.waiting import wait_until
from traumer_live.core.controls import ControlBoard, Controls
from traumer_live.core.errors import ModelError
from traumer_live.core.types import Pulse
from traumer_live.engine.models import Choice
from traumer_live.engine.scene_pace import Advance, Since, Walk
from traumer_live.engine.scenes import Scenes
from traumer_live.engine.status import Notices
from traumer_live.scenes.scene import Scene
from traumer_live.scenes.store import SceneStore


class FakeShow:
    """The few things that scenes ask of a show; models are only their choice."""

    def __init__(self) -> None:
        self.controls = ControlBoard()
        self.notices = Notices()
        self.thought = None
        self.seed = 0
        self.models = self.next_models = SimpleNamespace(choice=Choice(backend="onnx"))

    def change_seed(self, seed: int) -> None:
        self.seed = seed

    def switch_models(self, models: SimpleNamespace) -> None:
        self.models = self.next_models = models


@pytest.fixture
def show():
    return FakeShow()


@pytest.fixture
def make_scenes(show, tmp_path):
    made = []

    def make(load=lambda choice: SimpleNamespace(choice=choice)):
        scenes = Scenes(show, SceneStore(tmp_path), load=load, dice=random.Random(1))
        made.append(scenes)
        scenes.follow(show.models)
        return scenes

    yield make
    for scenes in made:
        scenes.stop()


def test_a_moment_is_kept_and_returned_to(show, make_scenes):
    scenes = make_scenes()
    show.controls.change(hue=40.0, preset="paper", look="velvet")
    show.seed = 5
    kept = scenes.keep("Dusk", slot=2, crossfade_s=0.0)
    show.controls.change(hue=-10.0, preset="live", look="plain")
    show.seed = 0
    assert scenes.recall_slot(2)
    assert wait_until(lambda: show.controls.now.hue == 40.0)
    assert (show.controls.now.preset, show.controls.now.look, show.seed) == ("paper", "velvet", 5)
    assert kept.models["generator"] == ""
    assert not scenes.recall_slot(3)


def test_what_belongs_to_the_room_is_no_part_of_a_scene(show, make_scenes):
    scenes = make_scenes()
    show.controls.change(limiter=False, screen="fill")
    kept = scenes.keep("Loud", crossfade_s=0.0)
    show.controls.change(blackout=True, frozen=True, limiter=True, screen="bars", hue=3.0)
    flashing = replace(kept, controls={**kept.controls, "limiter": False, "blackout": False})
    scenes.recall(flashing)
    assert wait_until(lambda: show.controls.now.hue == 0.0)
    now = show.controls.now
    assert now.blackout
    assert now.frozen
    assert now.limiter
    assert now.screen == "bars"


def test_numbers_walk_and_what_is_turned_by_hand_stays(show):
    walk = Walk(show.controls, {"hue": 100.0, "zoom": 2.0, "look": "velvet"}, 4.0, now_s=10.0)
    assert show.controls.now.look == "velvet"
    assert not walk.step(12.0)
    assert show.controls.now.hue == pytest.approx(50.0)
    assert show.controls.now.zoom == pytest.approx(1.5)
    show.controls.change(zoom=0.7)
    assert not walk.step(13.0)
    assert walk.step(14.0)
    assert show.controls.now.hue == 100.0
    assert show.controls.now.zoom == 0.7


def test_models_are_loaded_for_a_scene_on_this_machines_runtime(show, make_scenes):
    scenes = make_scenes()
    scenes.recall(Scene("a", models={"generator": "dream", "aspect": [16, 9]}, crossfade_s=0.0))
    assert wait_until(lambda: show.models.choice.generator == "dream")
    assert show.models.choice == Choice("dream", backend="onnx", aspect=(16, 9))


def test_a_model_that_is_gone_is_told_and_the_rest_is_recalled(show, make_scenes):
    def refuse(choice):
        raise ModelError("There is no imported model 'gone'.")

    scenes = make_scenes(refuse)
    scenes.recall(Scene("a", {"hue": 9.0}, {"generator": "gone"}, crossfade_s=0.0))
    assert wait_until(lambda: show.controls.now.hue == 9.0)
    assert show.notices.drain() == ["There is no imported model 'gone'."]
    assert show.models.choice.generator == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [("preset", "centred"), ("hue", 999.0), ("hue", "blue"), ("look", 3), ("zoom", True)],
)
def test_what_a_show_cannot_take_is_told_and_left_out(show, make_scenes, name, value):
    before = getattr(show.controls.now, name)
    make_scenes().recall(Scene("a", {name: value, "noise_gain": 2.0}, crossfade_s=0.0))
    assert wait_until(lambda: show.controls.now.noise_gain == 2.0)
    assert getattr(show.controls.now, name) == before
    (notice,) = show.notices.drain()
    assert name in notice


def test_controls_that_nobody_knows_are_passed_over(show, make_scenes):
    make_scenes().recall(Scene("a", {"fog": 3, "hue": 1.0}, crossfade_s=0.0))
    assert wait_until(lambda: show.controls.now.hue == 1.0)
    assert show.notices.drain() == []


def test_next_before_and_any_other(show, make_scenes):
    scenes = make_scenes()
    scenes.step(1)  # nothing there, nothing happens
    for name in ("a", "b", "c"):
        scenes.keep(name)
    scenes.step(1)
    assert scenes.current == "a"
    scenes.step(-1)
    assert scenes.current == "c"
    for _ in range(8):
        before = scenes.current
        scenes.shuffle()
        assert scenes.current != before


def test_a_change_of_track_changes_the_scene_unless_locked(show, make_scenes):
    scenes = make_scenes()
    for name in ("a", "b"):
        scenes.keep(name)
    scenes.track_changed()
    assert scenes.current == "b"
    scenes.advance = Advance("track")
    scenes.track_changed()
    assert scenes.current == "a"
    scenes.locked = True
    scenes.track_changed()
    assert scenes.current == "a"


def test_scenes_change_by_themselves_after_seconds(show, make_scenes):
    scenes = make_scenes()
    scenes.store.save(Scene("a", {"hue": 1.0}, crossfade_s=0.0))
    scenes.store.save(Scene("b", {"hue": 2.0}, crossfade_s=0.0))
    scenes.advance = Advance("seconds", 0.1)
    seen = set()
    assert wait_until(lambda: seen.add(show.controls.now.hue) or seen >= {1.0, 2.0})


def test_bars_are_counted_in_sure_beats():
    advance, since = Advance("bars", 2), Since()
    phases = [tick % 15 / 15 for tick in range(15 * 9)]  # nine beats
    over = [since.is_over(advance, Pulse(beat_phase=p, confidence=0.9), 0.0) for p in phases]
    assert over.index(True) == 15 * 8
    unsure = Since()
    assert not any(
        unsure.is_over(advance, Pulse(beat_phase=p, confidence=0.1), 0.0) for p in phases
    )


def test_every_control_is_either_kept_or_named_as_not_of_a_scene(show, make_scenes):
    kept = make_scenes().keep("x")
    assert {"preset", "hue", "look", "look_knobs", "zoom"} <= kept.controls.keys()
    assert Controls(**kept.controls) == Controls()
