"""Weights files, good and bad: one clear sentence for each."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from traumer_live.core.errors import ModelError
from traumer_live.core.paths import data_file
from traumer_live.embedding import load_encoder
from traumer_live.embedding.checkpoint import fingerprint, load_weights

SHIPPED = data_file("models/mtt_vgg.safetensors")


@pytest.fixture
def shipped_bytes() -> bytes:
    return SHIPPED.read_bytes()


def contents() -> tuple[dict[str, np.ndarray], dict[str, str]]:
    with safe_open(SHIPPED, framework="numpy") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()  # noqa: SIM118


def refused(path: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load_encoder(path, "numpy")
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_the_shipped_file_says_where_it_comes_from():
    _, metadata = contents()
    assert metadata["licence"] == "ISC"
    assert "Permission to use, copy, modify" in metadata["licence_text"]
    weights = load_weights(SHIPPED)
    assert len(weights.tag_names) == 50
    assert weights.mel_spec.n_mels == 96
    assert weights.mel_spec.compression == "log10_10000"


def test_the_model_card_knows_this_file(shipped_bytes):
    import hashlib

    assert hashlib.sha256(shipped_bytes).hexdigest() in SHIPPED.with_suffix(".md").read_text()


def test_missing(tmp_path):
    assert "no encoder weights file" in refused(tmp_path / "absent.safetensors")


def test_a_folder(tmp_path):
    assert "no encoder weights file" in refused(tmp_path)


@pytest.mark.parametrize("size", [0, 5, 700, 100_000, -1])
def test_truncated(tmp_path, shipped_bytes, size):
    path = tmp_path / "cut.safetensors"
    path.write_bytes(shipped_bytes[:size])
    assert "truncated or something else" in refused(path)


def test_not_a_weights_file_at_all(tmp_path):
    path = tmp_path / "song.safetensors"
    path.write_bytes(b"RIFF0000WAVEfmt " * 100)
    assert "truncated or something else" in refused(path)


def test_one_flipped_bit(tmp_path, shipped_bytes):
    damaged = bytearray(shipped_bytes)
    damaged[-1000] ^= 4
    path = tmp_path / "flipped.safetensors"
    path.write_bytes(damaged)
    assert "changed or damaged" in refused(path)


def test_swapped_tags(tmp_path):
    tensors, metadata = contents()
    metadata["tags"] = json.dumps(json.loads(metadata["tags"])[::-1])
    path = tmp_path / "swapped.safetensors"
    save_file(tensors, path, metadata)
    assert "changed or damaged" in refused(path)


def test_a_generator(tmp_path):
    path = tmp_path / "painter.safetensors"
    save_file({"synthesis.const": np.zeros((4, 4), np.float32)}, path, {"kind": "generator"})
    message = refused(path)
    assert "painter.safetensors" in message
    assert "'generator'" in message


def test_no_metadata(tmp_path):
    path = tmp_path / "bare.safetensors"
    save_file({"x": np.zeros(3, np.float32)}, path)
    assert "not the weights" in refused(path)


@pytest.mark.parametrize("change", ["lacks", "other shape"])
def test_another_network_under_our_name(tmp_path, change):
    tensors, metadata = contents()
    if change == "lacks":
        del tensors["layer3.kernel"]
    else:
        tensors["layer3.kernel"] = np.zeros((3, 3, 64, 128), np.float32)
    metadata["fingerprint"] = fingerprint(tensors, metadata)
    path = tmp_path / "other.safetensors"
    save_file(tensors, path, metadata)
    assert "layer3.kernel" in refused(path)


@pytest.mark.parametrize("key", ["tags", "mel_spec"])
@pytest.mark.parametrize("text", [None, "{", "7", '{"colour": 1}'])
def test_a_description_of_another_kind(tmp_path, key, text):
    tensors, metadata = contents()
    del metadata[key]
    if text is not None:
        metadata[key] = text
    metadata["fingerprint"] = fingerprint(tensors, metadata)
    path = tmp_path / "odd.safetensors"
    save_file(tensors, path, metadata)
    assert "odd.safetensors does not" in refused(path)


def test_unknown_backend():
    with pytest.raises(ModelError, match="choose onnx, numpy, torch"):
        load_encoder(backend="tpu")
