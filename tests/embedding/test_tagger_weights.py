"""Files of taggers: what is read off their tensors, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from tests.embedding.random_taggers import NETWORKS, random_tagger, write_msd_vgg, write_tagger
from traumer_live.core.errors import ModelError
from traumer_live.embedding import load_encoder
from traumer_live.embedding.encoder import load_any_weights
from traumer_live.embedding.geometry import MSD_POOLS
from traumer_live.embedding.tagger_weights import FcnWeights


def written(path: Path, name: str, edit=None, drop: tuple[str, ...] = (), **header: str) -> Path:
    tensors, told = random_tagger(name), {"kind": "encoder", **NETWORKS[name]}
    if edit:
        edit(tensors)
    told = {key: value for key, value in (told | header).items() if key not in drop}
    save_file(tensors, path, told)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ModelError) as refused:
        load_encoder(path)
    sentence = str(refused.value)
    assert path.name in sentence
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize(
    ("header", "window"),
    [
        ({"window_samples": "8000"}, 32),
        ({"variant": "Short_Term_FCN"}, 32),
        ({"variant": "FCN05"}, 32),
        ({"variant": "FCN"}, 1813),
    ],
)
def test_the_header_tells_the_window(tmp_path: Path, header: dict[str, str], window: int) -> None:
    drop = ("window_samples",) if "variant" in header else ()
    weights = load_any_weights(
        written(tmp_path / "x.safetensors", "fcn-128-29s", drop=drop, **header)
    )
    assert isinstance(weights, FcnWeights)
    assert weights.listening.window_frames == window


def test_an_fcn_of_which_nothing_tells_the_window(tmp_path: Path) -> None:
    path = written(tmp_path / "x.safetensors", "fcn-128-29s", drop=("window_samples",))
    assert "how much sound it listens to" in refusal(path)


def test_the_mel_filters_tell_the_bins(tmp_path: Path) -> None:
    def add(tensors):
        tensors["spec.mel_scale.fb"] = np.zeros((257, 96), np.float32)

    path = written(tmp_path / "x.safetensors", "fcn-128-29s", add, drop=("window_samples",))
    assert load_encoder(path).mel_spec.n_mels == 96


def test_tags_are_named_or_numbered(tmp_path: Path) -> None:
    names = [f"mood {i}" for i in range(50)]
    path = written(tmp_path / "x.safetensors", "fcn-96-29s", tags=json.dumps(names))
    assert load_encoder(path).tag_names == tuple(names)
    path = written(tmp_path / "y.safetensors", "fcn-96-29s", tags='["too few"]')
    assert load_encoder(path).tag_names[:2] == ("tag 1", "tag 2")


def test_another_architecture_than_stated(tmp_path: Path) -> None:
    path = written(tmp_path / "x.safetensors", "fcn-96-29s", architecture="short-chunk-cnn-res")
    assert "'short-chunk-cnn-res' but its tensors form 'fcn'" in refusal(path)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("change", ["lacks", "other shape"])
def test_a_network_that_is_not_whole(tmp_path: Path, name: str, change: str) -> None:
    def spoil(tensors):
        key = next(key for key in tensors if key.startswith("layer3") and key.endswith("weight"))
        if change == "lacks":
            del tensors[key]
        else:
            tensors[key] = np.zeros((128, 5, 3, 3), np.float32)

    assert "whole" in refusal(written(tmp_path / "x.safetensors", name, spoil))


@pytest.mark.parametrize(
    "header", [{"n_mels": "many"}, {"window_samples": "x"}, {"tags": "{"}, {"n_mels": "64"}]
)
def test_absurd_headers(tmp_path: Path, header: dict[str, str]) -> None:
    name = "short-chunk" if header.get("n_mels") == "64" else "fcn-96-29s"
    assert "whole" in refusal(written(tmp_path / "x.safetensors", name, **header))


def test_a_truncated_tagger(tmp_path: Path) -> None:
    path = write_tagger("fcn-96-29s", tmp_path / "x.safetensors")
    path.write_bytes(path.read_bytes()[:-100])
    assert "truncated" in refusal(path)


def test_a_network_of_the_shape_of_mtt_vgg(tmp_path: Path) -> None:
    """MSD_vgg, trained on other tags and pooled otherwise."""
    path = write_msd_vgg(tmp_path / "msd.safetensors")
    assert load_any_weights(path).pools == MSD_POOLS
    encoder = load_encoder(path)
    assert encoder.tag_names[0] == "msd 0"
    assert encoder.e_dim == 256


def test_what_is_written_is_what_the_seed_says(tmp_path: Path) -> None:
    path = write_tagger("short-chunk", tmp_path / "x.safetensors")
    for name, tensor in random_tagger("short-chunk").items():
        np.testing.assert_array_equal(load_file(path)[name], tensor)
