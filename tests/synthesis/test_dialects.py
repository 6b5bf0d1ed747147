"""StyleGAN3 files, classes, and networks that only look like ours."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from tests.synthesis.random_generator import random_generator
from traumer_live.core.errors import ModelError
from traumer_live.synthesis import mapping as mapping_room
from traumer_live.synthesis.alias_free_config import AliasFreeConfig
from traumer_live.synthesis.checkpoint import load_checkpoint
from traumer_live.synthesis.config import GeneratorConfig
from traumer_live.synthesis.mapping import Mapping

GOLDEN = Path(__file__).parents[1] / "golden" / "synthesis"


def changed(name: str, path: Path, edit=None, **metadata: str) -> Path:
    """A golden network with other tensors or another header."""
    tensors = load_file(GOLDEN / f"{name}.safetensors")
    with safe_open(GOLDEN / f"{name}.safetensors", framework="numpy") as file:
        told = dict(file.metadata())
    if edit:
        edit(tensors)
    save_file(tensors, path, told | metadata)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ModelError) as refused:
        load_checkpoint(path)
    assert path.name in str(refused.value)
    return str(refused.value)


def test_a_stylegan3_is_read_off_its_tensors() -> None:
    config = load_checkpoint(GOLDEN / "stylegan3-t.safetensors").config
    assert isinstance(config, AliasFreeConfig)
    assert (config.name, config.resolution, config.num_ws) == ("stylegan3-t", 64, 11)
    assert config.conv_clamp == 256.0
    r = load_checkpoint(GOLDEN / "stylegan3-r.safetensors").config
    assert (r.name, r.conv_clamp, r.num_classes) == ("stylegan3-r", 4.0, 3)
    assert [layer.radial for layer in r.layers] == [True] * 5 + [False] * 3


def test_a_stylegan2_is_read_off_its_tensors() -> None:
    config = load_checkpoint(GOLDEN / "stylegan2-classes.safetensors").config
    assert isinstance(config, GeneratorConfig)
    assert (config.num_classes, config.embed_dim, config.mapping_width) == (5, 7, 20)
    skip = load_checkpoint(GOLDEN / "stylegan2-skip.safetensors").config
    assert skip.conv_clamp == 3.0
    assert load_checkpoint(GOLDEN / "stylegan2-resnet.safetensors").config.name.endswith("resnet")


@pytest.mark.parametrize("stated", ["none", "None"])
def test_a_clamp_may_be_stated_as_none(tmp_path: Path, stated: str) -> None:
    path = changed("stylegan3-t", tmp_path / "x.safetensors", conv_clamp=stated)
    assert load_checkpoint(path).config.conv_clamp is None


@pytest.mark.parametrize("stated", ["-1", "nan", "inf", "much"])
def test_an_absurd_clamp(tmp_path: Path, stated: str) -> None:
    path = changed("stylegan3-t", tmp_path / "x.safetensors", conv_clamp=stated)
    assert "sizes that no generator has" in refusal(path)


@pytest.mark.parametrize(
    ("name", "stated"), [("stylegan3-t", "stylegan3-r"), ("stylegan2-skip", "stylegan2-resnet")]
)
def test_an_architecture_that_is_another(tmp_path: Path, name: str, stated: str) -> None:
    path = changed(name, tmp_path / "x.safetensors", architecture=stated)
    assert f"says that it is {stated} but its tensors form {name}" in refusal(path)


@pytest.mark.parametrize("lacking", [r"L3_.*\.bias", r"L4_.*\.weight", r"input\.phases"])
def test_a_stylegan3_with_a_part_missing(tmp_path: Path, lacking: str) -> None:
    def remove(tensors):
        for name in [name for name in tensors if re.fullmatch(rf"synthesis\.{lacking}", name)]:
            del tensors[name]

    sentence = refusal(changed("stylegan3-t", tmp_path / "x.safetensors", remove))
    assert "whole StyleGAN3" in sentence or "consistent 64-pixel StyleGAN3" in sentence


def test_a_filter_of_another_length(tmp_path: Path) -> None:
    def shorten(tensors):
        name = next(name for name in tensors if name.endswith("up_filter"))
        tensors[name] = tensors[name][:3].copy()

    assert "whole StyleGAN3" in refusal(changed("stylegan3-t", tmp_path / "x.safetensors", shorten))


@pytest.mark.parametrize(
    ("tensor", "what"),
    [
        ("generator.progression.0.conv1.adain1.style.weight", "a StyleGAN1"),
        ("g_synthesis.blocks.4x4.const", "a StyleGAN1"),
        ("GAN.SE.net.0.weight", "lucidrains"),
        ("GE.blocks.0.to_style1.weight", "lucidrains"),
        ("synthesis.feat_8.0.weight", "a FastGAN or Projected GAN"),
        ("mapping.embed_proj.weight", "a StyleGAN-XL"),
        ("backbone.synthesis.b4.const", "three-dimensional"),
        ("b256.fromrgb.weight", "a discriminator"),
    ],
)
def test_relatives_are_refused_by_name(tmp_path: Path, tensor: str, what: str) -> None:
    path = tmp_path / "relative.safetensors"
    save_file({tensor: np.ones((2, 2), np.float32)}, path)
    assert what in refusal(path)


def test_a_class_is_chosen_or_the_mean_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapping_room, "cache_dir", lambda: tmp_path)
    checkpoint = load_checkpoint(GOLDEN / "stylegan2-classes.safetensors")
    z = np.random.default_rng(0).standard_normal((3, 11)).astype(np.float32)
    w = [Mapping(checkpoint, class_index=i)(z) for i in (None, 0, 1)]
    assert all(np.abs(a - b).max() > 1e-3 for a, b in ((w[0], w[1]), (w[1], w[2])))
    for i in (None, 0):
        Mapping(checkpoint, class_index=i).statistics(samples=10)
    assert len(list((tmp_path / "w_statistics").iterdir())) == 2
    with pytest.raises(ModelError, match="has no class 5: its classes are 0 to 4"):
        Mapping(checkpoint, class_index=5)


def test_a_network_without_classes_says_so(tmp_path: Path) -> None:
    checkpoint = load_checkpoint(random_generator(tmp_path / "small.safetensors"))
    with pytest.raises(ModelError, match="it has no classes"):
        Mapping(checkpoint, class_index=0)
