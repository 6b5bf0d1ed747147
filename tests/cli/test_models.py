"""``traumer-live models``, and names wherever a model can be named."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

import numpy as np
import pytest

from tests.importing.foreign_files import golden, snapshot
from tests.music import tune, write_wav
from traumer_live.cli import main
from traumer_live.cli.show_checks import hashes_on_card
from traumer_live.core import model_library
from traumer_live.core.errors import ModelError, OutputError
from traumer_live.core.files import hash_file
from traumer_live.core.model_library import SHIPPED, resolve
from traumer_live.core.paths import data_file
from traumer_live.engine.mappings import Pair, fitting_pack
from traumer_live.importing.confined import read_in_child
from traumer_live.latent.pack import load_pack
from traumer_live.synthesis.loading import load_generator


@pytest.fixture(autouse=True)
def own_library(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def checkpoint(tmp_path):
    state, _ = golden("ada_skip")
    return snapshot(tmp_path / "wiki.pkl", state)


@pytest.fixture
def models(capsys):
    """Run ``models`` with these words; its exit code and what it said."""

    def run(*words):
        code = main(["models", *map(str, words)])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def test_a_life(models, checkpoint, tmp_path):
    assert "Nothing was imported" in models("list")[1]
    code, said = models("import", checkpoint, "--origin", "my cellar", "--licence", "CC0")
    assert code == 0
    assert "--generator wiki" in said
    assert "stylegan2-skip" in models("list")[1]
    told = models("info", "wiki")[1]
    for part in ("stylegan2-skip", "32 x 32 pixels", "8 of 32", "my cellar", "CC0", "ms per frame"):
        assert part in told
    assert hashlib.sha256(checkpoint.read_bytes()).hexdigest() in told
    assert models("export", "wiki", "--onnx", "-o", tmp_path / "w.onnx")[0] == 0
    assert list((tmp_path / "cache").rglob("synthesis-*"))
    assert models("remove", "wiki")[0] == 0
    assert not list((tmp_path / "cache").rglob("synthesis-*"))
    assert "Nothing was imported" in models("list")[1]
    assert checkpoint.exists()
    assert list(model_library.library_dir().iterdir()) == []


def test_the_exported_graph_paints_the_same(models, checkpoint, tmp_path):
    import onnxruntime

    _, reference = golden("ada_skip")
    models("import", checkpoint)
    models("export", "wiki", "--onnx", "-o", tmp_path / "w.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "w.onnx", providers=["CPUExecutionProvider"])
    state, _ = golden("ada_skip")
    names = ["b4.conv1", *(f"b{r}.conv{i}" for r in (8, 16, 32) for i in (0, 1))]
    planes = {f"noise_{i}": state[f"synthesis.{n}.noise_const"] for i, n in enumerate(names)}
    feed = {"w_plus": reference["w"][0], "noise_gain": np.array(1, np.float32), **planes}
    picture = session.run(["rgb"], feed)[0][0].transpose(1, 2, 0)
    assert np.abs(picture - reference["image"][0].clip(0, 255)).max() < 1e-3


def test_an_export_overwrites_nothing(models, checkpoint, tmp_path):
    models("import", checkpoint)
    target = tmp_path / "w.onnx"
    target.write_bytes(b"precious")
    code, said = models("export", "wiki", "--onnx", "-o", target)
    assert code == 1
    assert "--force" in said
    assert target.read_bytes() == b"precious"


@pytest.mark.parametrize("words", [("info", "x"), ("remove", "x"), ("export", "x", "--onnx")])
def test_names_that_are_unknown(models, words):
    code, said = models(*words)
    assert code == 1
    assert "No imported model is called 'x'" in said
    assert "models import FILE" in said


def test_a_name_of_nothing_tells_what_is_there(models, checkpoint):
    models("import", checkpoint)
    with pytest.raises(ModelError, match=r"'wikki' is neither a file nor .* imported are: wiki"):
        resolve("wikki", "generator")


@pytest.mark.parametrize("name", [name for kind in SHIPPED.values() for name in kind])
def test_the_card_of_a_shipped_model_names_its_sha256(name):
    path = model_library.shipped_file(name)
    assert hash_file(path) in hashes_on_card(path)


def test_models_that_came_with_us_have_names_too(models, checkpoint, monkeypatch, tmp_path):
    told = models("list")[1]
    for name in ("dream256", "painter512", "mtt_vgg", "starter"):
        assert name in told
    monkeypatch.chdir(tmp_path)
    assert resolve("painter512", "generator") == data_file("models/painter512.safetensors")
    with pytest.raises(ModelError, match="'painter512' is neither"):
        resolve("painter512", "encoder")
    told = models("info", "painter512")[1]
    for part in ("generator, shipped", "512 x 512 pixels", "14 of 512", "painter512.md"):
        assert part in told
    code, said = models("remove", "painter512")
    assert code == 1
    assert "came with the program" in said
    models("import", checkpoint, "--name", "starter")
    assert resolve("starter", "mapping") == data_file("models/starter.safetensors")
    models("import", checkpoint, "--name", "painter512")  # the user's own comes first
    assert resolve("painter512", "generator") == model_library.get("painter512").path


HEADLESS = ("run", "--headless", "--seconds", "0.2", "--source", "tone")


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (HEADLESS, ("generator", "encoder", "mapping")),
        (("render", "{song}", "-o", "{out}"), ("generator", "encoder", "mapping")),
        (("fit", "--store", "{out}", "-o", "{out}"), ("generator", "encoder")),
        (("map", "--pack", "{starter}", "-o", "{out}"), ("generator",)),
    ],
    ids=lambda value: value[0],
)
def test_every_command_that_takes_models_takes_names(command, options, tmp_path, capsys):
    places = {"song": write_wav(tmp_path / "song.wav", tune(1)), "out": tmp_path / "out",
              "starter": data_file("models/starter.safetensors")}  # fmt: skip
    words = [word.format(**places) for word in command]
    for option in options:
        assert main([*words, f"--{option}", "nobody"]) == 1
        assert "'nobody' is neither a file nor the name of an" in capsys.readouterr().err


def test_a_model_that_cannot_be_deleted_stays(models, checkpoint, monkeypatch):
    models("import", checkpoint)

    def refuse(path, missing_ok=False):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        with pytest.raises(OutputError, match=r"wiki cannot be deleted from .* allow writing"):
            model_library.remove("wiki")
    assert model_library.get("wiki").path.is_file()


def test_a_full_disk_leaves_nothing_behind(models, checkpoint, tmp_path, monkeypatch):
    def full(source, target):
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    monkeypatch.setattr("traumer_live.importing.importer.shutil.copyfile", full)
    code, said = models("import", data_file("models/mtt_vgg.safetensors"))
    assert code == 1
    assert "(No space left on device); make room there or allow writing." in said
    assert list(model_library.library_dir().iterdir()) == []


def test_what_the_child_cannot_write_is_not_called_too_large(checkpoint, tmp_path):
    (tmp_path / "no folder").write_text("")
    target = tmp_path / "no folder" / "model.safetensors"
    with pytest.raises(ModelError, match=r"wiki.pkl was read, but .* make room"):
        read_in_child(checkpoint, target)


def test_a_library_that_cannot_be_read_is_not_an_empty_one(models, tmp_path):
    folder = model_library.library_dir()
    folder.parent.mkdir(parents=True)
    folder.write_text("no folder")
    code, said = models("list")
    assert code == 1
    assert "cannot be read" in said
    starter = data_file("models/starter.safetensors")
    made_for = load_pack(starter).header
    pair = Pair(made_for["generator_sha256"], made_for["encoder_sha256"])
    assert fitting_pack(pair) == starter  # the show needs no library


def test_a_name_that_is_taken_or_none(models, checkpoint, tmp_path):
    models("import", checkpoint, "--name", "mine")
    state, _ = golden("ada_resnet")
    other = snapshot(tmp_path / "other.pkl", state)
    assert "remove it first" in models("import", other, "--name", "mine")[1]
    assert "no name" in models("import", other, "--name", "../mine")[1]


def test_names_and_paths_resolve(models, checkpoint, tmp_path, monkeypatch):
    models("import", checkpoint)
    entry = model_library.get("wiki")
    assert resolve("wiki", "generator") == entry.path
    assert load_generator(entry.path).info.name == "wiki"
    assert resolve("elsewhere.safetensors", "generator").name == "elsewhere.safetensors"
    with pytest.raises(ModelError, match="kind generator"):
        resolve("wiki", "encoder")
    with pytest.raises(ModelError, match="models import"):
        resolve(str(checkpoint), "generator")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wiki").write_bytes(b"a file of that name comes first")
    assert resolve("wiki", "generator").name == "wiki"


def test_damaged_cards_are_passed_over(models, checkpoint):
    models("import", checkpoint)
    folder = model_library.library_dir()
    (folder / "broken.json").write_text("{")
    (folder / "list.json").write_text("[1]")
    (folder / "evil.json").write_text('{"name": "evil", "kind": "generator", "architecture": "x",'
        '"dialect": "x", "source_name": "x", "source_sha256": "../../etc/passwd"}')  # fmt: skip
    assert [entry.name for entry in model_library.entries()] == ["wiki"]


def test_a_show_with_an_imported_generator_by_its_name(models, checkpoint, tmp_path, capsys):
    """From the checkpoint to a running show, with a mapping that fits."""
    from traumer_live.embedding.encoder import load_encoder
    from traumer_live.latent.pack import save_pack
    from traumer_live.latent.transfer import Transfer

    models("import", checkpoint)
    e_dim = load_encoder().e_dim
    weight = np.zeros((32, e_dim), np.float32)
    vector = np.zeros(32, np.float32)
    pack = tmp_path / "pack.safetensors"
    save_pack(pack, Transfer(weight, vector, vector, vector + 1), {"generator": "wiki"})
    models("import", pack, "--name", "my-mapping")
    words = ["run", "--headless", "--seconds", "0.5", "--source", "tone"]
    assert main([*words, "--generator", "wiki", "--mapping", "my-mapping"]) == 0


def test_statistics_and_labels_are_told_and_used(models, tmp_path):
    import torch

    from tests.embedding.random_taggers import write_tagger
    from tests.importing.foreign_files import torch_file
    from traumer_live.latent.pack import load_pack

    statistics = {"mean": torch.arange(8.0)[None], "std": torch.full((1, 8), 0.5)}
    torch_file(tmp_path / "stats.pt", statistics)
    assert "--statistics stats" in models("import", tmp_path / "stats.pt")[1]
    told = models("info", "stats")[1]
    assert "8 numbers" in told
    assert "3.5 on average, from 0 to 7" in told
    made = np.empty(2, object)
    made[:] = [{"style": np.zeros(8, np.float32), "audio": np.zeros(8000 * n)} for n in (1, 5)]
    np.save(tmp_path / "labels.npy", made, allow_pickle=True)
    assert models("import", tmp_path / "labels.npy")[0] == 0
    told = models("info", "labels")[1]
    assert "2, each with a w of 8 numbers" in told
    assert "clips of 0.5 to 2.5 s" in told
    transfer = {"transfer.0.weight": torch.zeros(8, 64), "transfer.0.bias": torch.zeros(8)}
    torch_file(tmp_path / "taste.pt", {"state_dict": transfer})
    write_tagger("fcn-96-29s", tmp_path / "fcn.safetensors")
    words = ["import", tmp_path / "taste.pt", "--encoder", tmp_path / "fcn.safetensors"]
    code, said = models(*words)
    assert (code, "--statistics NAME" in said) == (1, True)
    assert models(*words, "--statistics", "labels")[0] == 1  # of another kind
    assert models(*words, "--statistics", "stats")[0] == 0
    pack = load_pack(model_library.get("taste").path)
    np.testing.assert_array_equal(pack.transfer.mu, np.arange(8))
    assert "stats" in models("info", "taste")[1]


def test_a_foreign_generator_is_played_without_a_mapping(models, checkpoint, capsys):
    models("import", checkpoint)
    words = ["run", "--headless", "--seconds", "0.5", "--source", "tone"]
    assert main([*words, "--generator", "wiki"]) == 0


def test_a_remembered_model_that_is_gone_is_no_reason_not_to_start(capsys, tmp_path, monkeypatch):
    from traumer_live.core.settings import Settings, save_settings

    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    save_settings(Settings(generator="sold", mapping="sold-too"))
    words = ["run", "--headless", "--seconds", "0.2", "--source", "tone"]
    assert main(words) == 0
    assert "The shipped models play instead." in capsys.readouterr().out
    assert main([*words, "--generator", "sold"]) == 1
    assert "sold" in capsys.readouterr().err


def test_map_takes_the_name_of_an_imported_pack(models, checkpoint, tmp_path, capsys):
    from traumer_live.latent.pack import save_pack
    from traumer_live.latent.transfer import Transfer

    vector = np.zeros(32, np.float32)
    pack = tmp_path / "bare.safetensors"
    save_pack(pack, Transfer(np.zeros((32, 256), np.float32), vector, vector, vector + 1), {})
    models("import", pack)
    assert main(["map", "--pack", "bare", "-o", str(tmp_path / "m.safetensors")]) == 1
    assert "holds no labels" in capsys.readouterr().err


def test_an_import_says_how_far_it_is(checkpoint):
    from traumer_live.importing.importer import import_model

    shares = []
    import_model(checkpoint, progress=shares.append)
    assert shares == sorted(shares)
    assert len(set(shares)) >= 5
    assert shares[-1] == 1.0
