"""``--scene NAME``: a show begins in a scene; the rest of the command line goes before it."""

from __future__ import annotations

import pytest

from traumer_live.cli.parser import build_parser
from traumer_live.cli.session import apply_options
from traumer_live.core.errors import SettingsError
from traumer_live.core.settings import Settings
from traumer_live.scenes.scene import Scene
from traumer_live.scenes.store import SceneStore


@pytest.fixture
def dusk(tmp_path, monkeypatch):
    monkeypatch.setattr("traumer_live.scenes.store.user_data_dir", lambda: tmp_path)
    return SceneStore().save(
        Scene(
            "Dusk",
            {"hue": 20.0, "preset": "paper", "limiter": False, "zoom": 99.0, "fog": 1},
            {"generator": "dream", "class_index": 3, "aspect": [16, 9]},
            seed=8,
            slot=4,
        )
    )


def begun(command, *words):
    options = build_parser().parse_args([command, *words])
    return apply_options(Settings(seed=1, mapping="old"), options), options


@pytest.mark.parametrize(("command", "name"), [("run", "dusk"), ("kiosk", "4")])
def test_a_show_begins_in_a_scene(dusk, capsys, command, name):
    settings, options = begun(command, "--scene", name)
    assert (settings.generator, settings.mapping, settings.seed) == ("dream", "", 8)
    assert (options.class_index, options.wide) == (3, True)
    controls = settings.controls
    assert (controls.hue, controls.preset) == (20.0, "paper")
    assert controls.limiter  # a scene never lets flashes through
    assert controls.zoom == 1.0
    assert "zoom of the scene Dusk is left out" in capsys.readouterr().out


def test_the_command_line_goes_before_the_scene(dusk):
    words = ("--scene", "Dusk", "--seed", "2", "--preset", "live", "--class", "0")
    settings, options = begun("run", *words)
    assert (settings.seed, settings.controls.preset, options.class_index) == (2, "live", 0)


def test_a_scene_that_is_not_there_is_told(dusk):
    with pytest.raises(SettingsError, match=r"no scene 'dawn'; there are: Dusk"):
        begun("run", "--scene", "dawn")
