"""Scenes on disk: they come back as they were, damaged ones are told, nothing is overwritten."""

from __future__ import annotations

import tomllib

import pytest

from traumer_live.core.errors import OutputError, SettingsError
from traumer_live.scenes.scene import Scene
from traumer_live.scenes.store import SceneStore

PICTURE = b"\xff\xd8\xff\xe0 a thumbnail"
DUSK = Scene(
    "Dämmerung / dusk",
    controls={"preset": "live", "hue": 12.5, "look_knobs": {"velvet/bloom.amount": 0.3}},
    models={"generator": "dream", "class_index": None, "aspect": (16, 9)},
    seed=7,
    crossfade_s=2.5,
    slot=3,
    thumbnail=PICTURE,
)


@pytest.fixture
def store(tmp_path):
    return SceneStore(tmp_path / "scenes")


def test_a_scene_comes_back_as_it_was(store):
    store.save(DUSK)
    (back,) = store.scenes()
    assert back.name == DUSK.name
    assert (back.seed, back.crossfade_s, back.slot) == (7, 2.5, 3)
    assert back.controls == DUSK.controls
    assert back.models == {"generator": "dream", "aspect": [16, 9]}
    assert back.thumbnail == PICTURE
    assert store.find("DÄMMERUNG / dusk") == back
    assert store.find("3") == back


def test_the_file_is_readable_and_versioned(store):
    store.save(DUSK)
    (path,) = store.folder.glob("*.toml")
    assert path.name == "dammerung-dusk.toml"
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    assert told["version"] == 1
    assert told["controls"]["hue"] == 12.5


def test_what_a_newer_program_wrote_is_kept(store):
    store.save(DUSK)
    (path,) = store.folder.glob("*.toml")
    text = path.read_text(encoding="utf-8").replace("[controls]", '[controls]\nfog = "thick"')
    path.write_text(f"mood = 'blue'\n{text}", encoding="utf-8")
    store.save(store.find("3").in_slot(4), replacing=True)
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    assert told["mood"] == "blue"
    assert told["controls"]["fog"] == "thick"
    assert told["slot"] == 4
    assert len(list(store.folder.glob("*.toml"))) == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("not toml at all [", ""),
        ("version = 99\nname = 'x'", "version 99"),
        ("version = 1\nname = ''", "no name"),
        ("version = 1\nname = 'x'\nseed = -1", "seed is -1"),
        ("version = 1\nname = 'x'\ncrossfade_s = 1e9", "crossfade_s"),
        ("version = 1\nname = 'x'\nslot = 12", "slot 12"),
        ("version = 1\nname = 'x'\ncontrols = 3", "controls is 3"),
    ],
)
def test_a_damaged_file_is_told_and_stays(store, text, why):
    store.save(DUSK)
    broken = store.folder / "broken.toml"
    broken.write_text(text, encoding="utf-8")
    assert [scene.name for scene in store.scenes()] == [DUSK.name]
    (sentence,) = store.troubles
    assert "broken.toml" in sentence
    assert why in sentence
    assert broken.read_text(encoding="utf-8") == text


def test_a_slot_has_one_owner(store):
    store.save(DUSK)
    store.save(Scene("dawn", slot=3))
    assert [(scene.name, scene.slot) for scene in store.scenes()] == [("dawn", 3), (DUSK.name, 0)]
    assert store.find(DUSK.name).thumbnail == PICTURE


def test_two_files_of_one_name_give_up_a_slot_each_in_its_own_place(store):
    """Somebody copied a file by hand, to try something else."""
    store.save(DUSK)
    (path,) = store.folder.glob("*.toml")
    copy = path.with_name("a-copy.toml")
    copy.write_text(path.read_text().replace("hue = 12.5", "hue = 90.0"))
    store.save(Scene("dawn", slot=3))
    assert "hue = 90.0" in copy.read_text()
    assert "hue = 12.5" in path.read_text()
    assert [each.slot for each in store.scenes()] == [3, 0, 0]


def test_a_name_is_not_taken_twice(store):
    store.save(DUSK)
    with pytest.raises(OutputError, match="already"):
        store.save(DUSK)
    assert store.free_name(DUSK.name) == f"{DUSK.name} 2"
    store.save(Scene("dammerung dusk"))  # another name, the same file name
    assert len(store.scenes()) == 2


def test_scenes_travel_as_one_file(store, tmp_path):
    store.save(DUSK)
    store.save(Scene("dawn", slot=1, seed=2))
    bundle = tmp_path / "night.toml"
    store.export(store.scenes(), bundle)
    with pytest.raises(OutputError, match="exists"):
        store.export(store.scenes(), bundle)
    other = SceneStore(tmp_path / "other")
    other.save(Scene("Dawn", slot=3))
    added = other.take_in(bundle)
    assert [(scene.name, scene.slot) for scene in added] == [("dawn 2", 1), (DUSK.name, 0)]
    assert other.find(DUSK.name).thumbnail == PICTURE
    assert other.find("3").name == "Dawn"


def test_a_single_scene_file_can_be_taken_in(store, tmp_path):
    store.save(DUSK)
    (path,) = store.folder.glob("*.toml")
    (added,) = SceneStore(tmp_path / "other").take_in(path)
    assert added.thumbnail == PICTURE


@pytest.mark.parametrize("text", ["[[", "kind = 'traumer-scenes'\nscenes = 3", "version = 2"])
def test_what_holds_no_scenes_is_refused(store, tmp_path, text):
    source = tmp_path / "x.toml"
    source.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"x\.toml holds no scenes"):
        store.take_in(source)
    assert store.scenes() == []


def test_removed_scenes_leave_nothing(store):
    store.save(DUSK)
    assert store.remove("3").name == DUSK.name
    assert list(store.folder.iterdir()) == []
    with pytest.raises(SettingsError, match="none yet"):
        store.remove("3")
