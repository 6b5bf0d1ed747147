"""The kiosk's digits return to the scenes of these slots."""

from __future__ import annotations

import glfw
import pytest

from tests.waiting import wait_until
from traumer_live.audio.capture import SourceSpec
from traumer_live.engine.show import Show
from traumer_live.kiosk.actions import Actions, TakePlan
from traumer_live.scenes.scene import Scene
from traumer_live.scenes.store import SceneStore


@pytest.fixture
def show(small_models):
    settings = small_models.settings()
    with Show(settings, small_models.load(), SourceSpec.parse("tone")) as running:
        yield running


def test_a_digit_returns_to_a_scene_of_the_running_show(show, tmp_path, monkeypatch):
    monkeypatch.setattr("traumer_live.scenes.store.user_data_dir", lambda: tmp_path)
    SceneStore().save(Scene("Dusk", {"hue": 20.0}, seed=9, slot=4, crossfade_s=0.2))
    actions = Actions(show, TakePlan(tmp_path, (96, 64)))
    actions.on_key(glfw.KEY_4)
    assert wait_until(lambda: show.controls.now.hue == 20.0)
    assert show.seed == 9
    heard = show.thought.sample_index if show.thought else 0
    assert wait_until(lambda: show.thought and show.thought.sample_index > heard)
    actions.on_key(glfw.KEY_5)
    assert show.notices.drain() == ["There is no scene in slot 5; the studio keeps some."]
