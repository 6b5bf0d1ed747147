"""Files that are something else: each is told what it is."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.importing.foreign_files import golden, module, pickled, tensorflow_snapshot, torch_file
from traumer_live.core.errors import ModelError
from traumer_live.importing.dialects.recognise import convert
from traumer_live.importing.importer import import_model
from traumer_live.importing.reader import read_foreign


def refusal(path):
    with pytest.raises(ModelError) as refused:
        convert(read_foreign(path))
    assert "\n" not in str(refused.value)
    return str(refused.value)


def state(*names):
    return {name: torch.zeros(2, 2) for name in names}


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ({"g_running": state("generator.progression.0.conv.0.conv.weight_orig")}, "StyleGAN1"),
        ({"GAN": state("GE.to_initial_block", "S.net.0.weight", "GE.blocks.0.conv1.weight")},
         "lucidrains"),
        (state("mapping.embed_proj.weight", "synthesis.input.freqs"), "StyleGAN-XL"),
        (state("synthesis.feat_8.1.weight"), "Projected GAN"),
        (state("b4.fromrgb.weight", "b8.fromrgb.weight"), "discriminator"),
        (state("encoder.layer.0.weight"), "no generator, tagger"),
        ({"epoch": 3}, "no generator, tagger"),
    ],
)  # fmt: skip
def test_networks_that_are_others(tmp_path, value, what):
    assert what in refusal(torch_file(tmp_path / "other.pt", value))


def test_a_tensorflow_stylegan1(tmp_path):
    tensors, _ = golden("tf_skip")
    assert "StyleGAN1" in refusal(tensorflow_snapshot(tmp_path / "old.pkl", tensors, version=3))


def test_a_projected_gan_snapshot(tmp_path):
    tensors, _ = golden("ada_skip")
    path = tmp_path / "xl.pkl"
    source = "from pg_modules.blocks import UpBlockSmall"
    path.write_bytes(pickled({"G_ema": module(tensors, source=source)}))
    assert "StyleGAN-XL or Projected GAN" in refusal(path)


def test_unusual_blurs_are_not_painted_wrongly(tmp_path):
    tensors, _ = golden("rosinality")
    changed = dict(tensors)
    changed["convs.0.conv.blur.kernel"] = np.ones((4, 4), np.float32)
    value = {"g_ema": {name: torch.from_numpy(value) for name, value in changed.items()}}
    assert "[1, 3, 3, 1]" in refusal(torch_file(tmp_path / "blur.pt", value))


def test_a_generator_that_lacks_a_part(tmp_path):
    tensors, _ = golden("rosinality")
    value = {name: torch.from_numpy(t) for name, t in tensors.items() if "convs.3" not in name}
    with pytest.raises(ModelError, match=r"consistent|whole"):
        import_model(torch_file(tmp_path / "torn.pt", {"g_ema": value}))


def test_numbers_that_are_none(tmp_path):
    tensors, _ = golden("rosinality")
    value = {name: torch.from_numpy(t.copy()) for name, t in tensors.items()}
    value["conv1.conv.weight"][0, 0, 0, 0, 0] = float("nan")
    assert "missing numbers" in refusal(torch_file(tmp_path / "nan.pt", {"g_ema": value}))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>Sign in</html>", "web page"),
        (b"\x1f\x8b\x08\x00rest", "gzip"),
        (b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"PK\x03\x04 nothing", "damaged archive"),
        (b"a letter to a friend", "no model format"),
        (b"cos\nsystem\n(S'true'\ntR.", "no model format"),
    ],
)
def test_files_that_are_no_models(tmp_path, content, what):
    path = tmp_path / "file.pkl"
    path.write_bytes(content)
    assert what in refusal(path)


def test_a_tar_archive_a_folder_and_nothing(tmp_path):
    with tarfile.open(tmp_path / "old.pt", "w") as archive:
        archive.addfile(tarfile.TarInfo("pickle"), io.BytesIO())
    assert "tar" in refusal(tmp_path / "old.pt")
    assert "folder" in refusal(tmp_path)
    assert "cannot be read" in refusal(tmp_path / "none.pkl")


def test_pipes_and_devices_which_never_end(tmp_path):
    os.mkfifo(tmp_path / "pipe.pkl")
    for path in (tmp_path / "pipe.pkl", Path("/dev/zero")):
        with pytest.raises(ModelError, match="no ordinary file"):
            import_model(path)


def test_a_file_with_holes_larger_than_any_model(tmp_path):
    path = tmp_path / "holes.pkl"
    with path.open("wb") as file:
        file.truncate(9 << 30)
    with pytest.raises(ModelError, match="larger than any model"):
        import_model(path)
