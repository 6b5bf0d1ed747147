"""Weights files: what is read, and every way in which a file is refused."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from tests.synthesis.random_generator import SMALL, random_generator, random_tensors
from traumer_live.core.errors import ModelError
from traumer_live.synthesis.checkpoint import load_checkpoint, save_checkpoint, stated_levels
from traumer_live.synthesis.config import GeneratorConfig

MODELS = Path(__file__).parents[2] / "models"


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return random_generator(tmp_path / "small.safetensors")


def refusal(path: Path) -> str:
    """The sentence with which ``path`` is refused."""
    with pytest.raises(ModelError) as refused:
        load_checkpoint(path)
    sentence = str(refused.value)
    assert path.name in sentence
    assert "\n" not in sentence
    assert len(sentence) < 300
    return sentence


def rewritten(path: Path, edit) -> Path:
    """``path`` written anew by the plain library, without digest, after ``edit`` of its tensors."""
    tensors = load_file(path)
    edit(tensors)
    save_file(tensors, path)
    return path


def with_header(path: Path, header: object, data: bytes = b"") -> Path:
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


def test_what_is_written_is_read(weights: Path) -> None:
    checkpoint = load_checkpoint(weights)
    assert checkpoint.config == SMALL
    assert checkpoint.metadata["kind"] == "generator"
    for name, tensor in random_tensors(SMALL).items():
        np.testing.assert_array_equal(checkpoint.tensors[name], tensor)


@pytest.mark.parametrize(
    "config",
    [
        GeneratorConfig(),
        GeneratorConfig(resolution=8, channel_base=64, channel_max=512, w_dim=4, z_dim=6),
        GeneratorConfig(resolution=128, channel_base=3000, channel_max=40, w_dim=4, z_dim=4),
        GeneratorConfig(resolution=32, channel_base=512, channel_max=16, mapping_layers=2),
    ],
)
def test_the_tensors_tell_the_configuration(tmp_path: Path, config: GeneratorConfig) -> None:
    path = random_generator(tmp_path / "any.safetensors", config)
    rewritten(path, lambda tensors: None)  # without metadata
    found = load_checkpoint(path).config
    assert found.layers == config.layers
    assert (found.w_dim, found.z_dim, found.mapping_layers) == (
        config.w_dim,
        config.z_dim,
        config.mapping_layers,
    )


def test_float16_files_are_half_as_long_and_read_as_float32(tmp_path: Path, weights: Path) -> None:
    tensors = random_tensors(SMALL)
    save_checkpoint(tmp_path / "half.safetensors", tensors, SMALL, half=True)
    assert (tmp_path / "half.safetensors").stat().st_size < 0.6 * weights.stat().st_size
    read = load_checkpoint(tmp_path / "half.safetensors").tensors
    for name, tensor in tensors.items():
        assert read[name].dtype == np.float32
        np.testing.assert_array_equal(read[name], tensor.astype(np.float16))


def test_fir_buffers_of_published_files_are_ignored(weights: Path) -> None:
    def add(tensors):
        taps = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64
        tensors["synthesis.b8.conv0.resample_filter"] = taps.astype(np.float32)

    assert load_checkpoint(rewritten(weights, add)).config == SMALL


def test_another_fir_is_refused(weights: Path) -> None:
    def add(tensors):
        tensors["synthesis.b8.conv0.resample_filter"] = np.ones((2, 2), np.float32) / 4

    assert "other taps" in refusal(rewritten(weights, add))


def test_missing_file(tmp_path: Path) -> None:
    assert "There is no weights file" in refusal(tmp_path / "nowhere.safetensors")


def test_folder(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)


@pytest.mark.parametrize("kept", [0, 3, 8, 100, 5000, -1, -5000])
def test_truncated(weights: Path, kept: int) -> None:
    weights.write_bytes(weights.read_bytes()[:kept])
    assert "again" in refusal(weights)


def test_longer_than_declared(weights: Path) -> None:
    weights.write_bytes(weights.read_bytes() + b"more")
    assert "not as long" in refusal(weights)


@pytest.mark.parametrize("start", [b"\x80\x02}q\x00", b"PK\x03\x04", b"RIFF\x00\x10\x00\x00WAVE"])
def test_other_formats(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "other.pkl"
    path.write_bytes(start + bytes(4000))
    assert "safetensors" in refusal(path)


def test_tampered_numbers(weights: Path) -> None:
    data = bytearray(weights.read_bytes())
    data[-1000] ^= 1
    weights.write_bytes(data)
    assert "damaged or were changed" in refusal(weights)


@pytest.mark.parametrize(
    "header",
    [
        [],
        "text",
        {"x": 1},
        {"x": {"dtype": "F32"}},
        {"x": {"dtype": "F99", "shape": [1], "data_offsets": [0, 4]}},
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}},
        {"x": {"dtype": "F32", "shape": [-1], "data_offsets": [4, 0]}},
        {"x": {"dtype": "F32", "shape": ["many"], "data_offsets": [0, 4]}},
        {"x": {"dtype": "F32", "shape": [float("inf")], "data_offsets": [0, 4]}},
        {"__metadata__": []},
    ],
)
def test_damaged_header(tmp_path: Path, header: object) -> None:
    assert "header" in refusal(with_header(tmp_path / "bad.safetensors", header, bytes(4)))


def test_deeply_nested_header(tmp_path: Path) -> None:
    text = b"[" * 200_000
    path = tmp_path / "nested.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text)
    assert "header" in refusal(path)


def test_huge_shapes_cost_nothing(tmp_path: Path) -> None:
    size = 2**50
    entry = {"dtype": "F32", "shape": [2**24, 2**24], "data_offsets": [0, size]}
    sentence = refusal(with_header(tmp_path / "huge.safetensors", {"synthesis.b4.const": entry}))
    assert "not as long" in sentence or "header" in sentence


def test_a_huge_header_length_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "long.safetensors"
    path.write_bytes(struct.pack("<Q", 2**62) + b"{}")
    assert "not a safetensors file" in refusal(path)


def test_a_resolution_beyond_reason_is_refused(weights: Path) -> None:
    def add(tensors):
        tensors["synthesis.b8192.conv1.weight"] = np.ones((1, 1, 3, 3), np.float32)

    assert "whole StyleGAN2" in refusal(rewritten(weights, add))


def test_other_kind(tmp_path: Path) -> None:
    path = tmp_path / "tagger.safetensors"
    save_file({"conv.weight": np.ones(3, np.float32)}, path, {"kind": "mtt_vgg"})
    assert "not a StyleGAN2 or StyleGAN3 generator but of the kind 'mtt_vgg'" in refusal(path)
    save_file({"conv.weight": np.ones(3, np.float32)}, path, {"architecture": "stylegan4"})
    assert "but of the architecture 'stylegan4'" in refusal(path)
    save_file({"conv.weight": np.ones(3, np.float32)}, path)
    assert "generator but something else" in refusal(path)


@pytest.mark.parametrize("stated", ["3,3", "9,9,9", "0,4,4", "a,b,c", "-1,4,5"])
def test_levels_that_do_not_split_the_rows(weights: Path, stated: str) -> None:
    save_file(load_file(weights), weights, {"levels": stated})
    assert "rows in three" in refusal(weights)


def test_levels_of_its_own(weights: Path) -> None:
    split = (1, 1, SMALL.num_ws - 2)
    save_file(load_file(weights), weights, {"levels": ",".join(map(str, split))})
    assert stated_levels(load_checkpoint(weights), "small") == split


@pytest.mark.skipif(not (MODELS / "mtt_vgg.safetensors").exists(), reason="no tagger here")
def test_the_shipped_tagger_is_not_a_generator() -> None:
    assert "not a StyleGAN2 or StyleGAN3 generator" in refusal(MODELS / "mtt_vgg.safetensors")


@pytest.mark.parametrize(
    "name", ["synthesis.b16.conv0.affine.bias", "mapping.w_avg", "synthesis.b64.torgb.weight"]
)
def test_missing_tensor(weights: Path, name: str) -> None:
    assert name in refusal(rewritten(weights, lambda tensors: tensors.pop(name)))


def test_missing_mapping(weights: Path) -> None:
    sentence = refusal(rewritten(weights, lambda tensors: tensors.pop("mapping.fc0.weight")))
    assert "whole StyleGAN2 generator" in sentence


def test_unknown_tensor(weights: Path) -> None:
    def add(tensors):
        tensors["synthesis.b8.skip.weight"] = np.ones((1, 1), np.float32)

    assert "synthesis.b8.skip.weight should be absent" in refusal(rewritten(weights, add))


def test_a_network_without_channels(tmp_path: Path) -> None:
    shapes = {"synthesis.b4.const": (0, 4, 4), "synthesis.b4.conv1.weight": (0, 0, 3, 3)}
    shapes |= {"synthesis.b8.conv1.weight": (0, 0, 3, 3), "mapping.fc0.weight": (4, 4)}
    path = tmp_path / "empty.safetensors"
    save_file({name: np.zeros(shape, np.float32) for name, shape in shapes.items()}, path)
    assert "whole StyleGAN2" in refusal(path)


def test_inconsistent_shape(weights: Path) -> None:
    def widen(tensors):
        tensors["synthesis.b32.conv0.weight"] = np.ones((16, 99, 3, 3), np.float32)

    assert "synthesis.b32.conv0.weight should be" in refusal(rewritten(weights, widen))


def test_missing_numbers(weights: Path) -> None:
    def spoil(tensors):
        tensors["synthesis.b8.conv0.bias"][0] = np.nan

    assert "synthesis.b8.conv0.bias" in refusal(rewritten(weights, spoil))


@pytest.mark.parametrize("name", ["resolution", "w_dim", "channel_base", "mapping_layers"])
def test_metadata_that_promises_another_network(weights: Path, name: str) -> None:
    save_file(load_file(weights), weights, {"kind": "generator", name: "1024"})
    assert f"declares another {name} than" in refusal(weights)


@pytest.mark.parametrize("declared", ["", "many", "100", "-8", "1" * 5000])
def test_metadata_that_makes_no_sense(weights: Path, declared: str) -> None:
    save_file(load_file(weights), weights, {"kind": "generator", "resolution": declared})
    assert "sizes that no generator has" in refusal(weights)


def test_another_pair_of_channel_numbers_for_the_same_widths(tmp_path: Path) -> None:
    config = GeneratorConfig(resolution=16, channel_base=512, channel_max=8, w_dim=4, z_dim=4)
    path = random_generator(tmp_path / "flat.safetensors", config)
    assert load_checkpoint(path).config.layers == config.layers


def test_a_wrong_set_of_tensors_is_not_written(tmp_path: Path) -> None:
    tensors = random_tensors(SMALL)
    del tensors["mapping.w_avg"]
    with pytest.raises(ModelError, match=r"mapping\.w_avg"):
        save_checkpoint(tmp_path / "x.safetensors", tensors, SMALL)
    assert not (tmp_path / "x.safetensors").exists()
