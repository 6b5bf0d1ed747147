"""Scenes on the command line: seen, given away, taken in, deleted."""

from __future__ import annotations

from pathlib import Path

import pytest

from traumer_live.cli import main
from traumer_live.scenes.scene import Scene
from traumer_live.scenes.store import SceneStore


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SceneStore:
    monkeypatch.setattr("traumer_live.scenes.store.user_data_dir", lambda: tmp_path)
    kept = SceneStore()
    kept.save(Scene("Dusk", {"look": "ink", "hue": 20.0}, seed=9, slot=4))
    kept.save(Scene("Dawn", {"look": "plain"}))
    return kept


def test_the_list_and_one_scene(store: SceneStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenes", "list"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("  4  Dusk  shipped generator · look ink · ")
    assert str(store.folder) in told
    assert main(["scenes", "show", "4"]) == 0
    told = capsys.readouterr().out
    assert 'name = "Dusk"' in told
    assert "hue = 20.0" in told


def test_an_exported_scene_comes_back_beside_its_namesake(
    store: SceneStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = tmp_path / "given.toml"
    assert main(["scenes", "export", str(given), "dusk"]) == 0
    assert main(["scenes", "export", str(given)]) == 1
    assert "--force" in capsys.readouterr().err
    assert main(["scenes", "import", str(given)]) == 0
    assert capsys.readouterr().out == "The scene Dusk 2 was added.\n"
    assert store.find("Dusk 2").controls == store.find("Dusk").controls


def test_a_removed_scene_is_gone_and_an_unknown_one_is_told(
    store: SceneStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scenes", "remove", "Dawn"]) == 0
    assert [scene.name for scene in store.scenes()] == ["Dusk"]
    assert main(["scenes", "remove", "Dawn"]) == 1
    assert "There is no scene 'Dawn'; there are: Dusk." in capsys.readouterr().err
