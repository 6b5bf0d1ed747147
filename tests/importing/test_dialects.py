"""Every dialect: the original's tensors in the original's layout give the original's pictures."""

from __future__ import annotations

import argparse

import numpy as np
import pytest
import torch

from tests.importing.foreign_files import golden, snapshot, tensorflow_snapshot, tensors, torch_file
from traumer_live.core import model_library
from traumer_live.core.paths import user_data_dir
from traumer_live.importing.importer import Notes, import_model
from traumer_live.synthesis.loading import load_generator

TOLERANCE = 1e-3  # on the scale 0..255


def paints_as_the_original(entry, reference):
    generator = load_generator(entry.path, backend="onnx")
    for w, image in zip(reference["w"], reference["image"], strict=True):
        rows = w if w.ndim == 2 else np.repeat(w[None], generator.info.num_ws, 0)
        picture = generator.synthesize_float(rows)
        assert np.abs(picture - image.clip(0, 255)).max() < TOLERANCE
    if "c" not in reference:
        w = reference["w"] if reference["w"].ndim == 2 else reference["w"][:, 0]
        np.testing.assert_allclose(generator.map(reference["z"]), w, atol=1e-5)
    return True


@pytest.mark.parametrize(
    ("name", "architecture"),
    [
        ("ada_skip", "stylegan2-skip"),
        ("ada_resnet", "stylegan2-resnet"),
        ("ada_conditional", "stylegan2-skip"),
        ("sg3_t", "stylegan3-t"),
        ("sg3_r", "stylegan3-r"),
    ],
)
def test_nvidia_snapshots(tmp_path, name, architecture):
    state, reference = golden(name)
    trace = tmp_path / "trace"
    path = snapshot(tmp_path / "n.pkl", state, source=f"open({str(trace)!r}, 'w')")
    entry = import_model(path)
    assert entry.architecture == architecture
    assert paints_as_the_original(entry, reference)
    assert not trace.exists()


@pytest.mark.parametrize(
    ("name", "architecture"), [("tf_skip", "stylegan2-skip"), ("tf_resnet", "stylegan2-resnet")]
)
def test_tensorflow_snapshots(tmp_path, name, architecture):
    state, reference = golden(name)
    entry = import_model(tensorflow_snapshot(tmp_path / "wikiart.pkl", state))
    assert entry.architecture == architecture
    assert entry.name == "wikiart"
    assert paints_as_the_original(entry, reference)


@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize("settings", [None, argparse.Namespace(size=32, lr=0.002)])
def test_rosinality_with_and_without_settings_new_and_old(tmp_path, new, settings):
    state, reference = golden("rosinality")
    value = {"g": tensors(state), "d": {}, "g_ema": tensors(state), "ada_aug_p": torch.tensor(0.1)}
    if settings is not None:
        value["args"] = settings
    entry = import_model(torch_file(tmp_path / "100000.pt", value, new=new))
    assert entry.dialect == "rosinality's stylegan2-pytorch"
    assert paints_as_the_original(entry, reference)


def test_an_average_that_lies_beside_the_weights_is_taken(tmp_path):
    state, _ = golden("rosinality")
    value = {"g_ema": tensors(state), "latent_avg": torch.arange(32.0)}
    entry = import_model(torch_file(tmp_path / "a.pt", value))
    np.testing.assert_array_equal(load_generator(entry.path).w_avg, np.arange(32))


def test_an_average_that_is_missing_is_measured(tmp_path):
    state, _ = golden("rosinality")
    entry = import_model(torch_file(tmp_path / "a.pt", {"g_ema": tensors(state)}))
    generator = load_generator(entry.path)
    z = np.random.default_rng(5).standard_normal((20_000, 32), dtype=np.float32)
    np.testing.assert_allclose(generator.w_avg, generator.map(z).mean(0), atol=0.05)
    assert "measured" in entry.metadata["w_avg"]


@pytest.mark.parametrize(
    ("name", "wrap"),
    [
        ("basicsr", lambda state: {"params_ema": state, "params": state}),
        ("mmgeneration", lambda state: {
            "meta": {"epoch": 1},
            "state_dict": {f"generator_ema.{key}": value for key, value in state.items()},
        }),
    ],
)  # fmt: skip
def test_the_libraries_that_grew_from_it(tmp_path, name, wrap):
    state, reference = golden(name)
    entry = import_model(torch_file(tmp_path / "net_g.pth", wrap(tensors(state))))
    assert paints_as_the_original(entry, reference)


@pytest.mark.parametrize("name", ["ada_skip", "sg3_t", "rosinality", "mmgeneration"])
def test_plain_state_dicts(tmp_path, name):
    from safetensors.torch import save_file

    state, reference = golden(name)
    bare = torch_file(tmp_path / "bare.pth", tensors(state))
    assert paints_as_the_original(import_model(bare), reference)
    save_file(tensors(state), tmp_path / "plain.safetensors")
    entry = import_model(tmp_path / "plain.safetensors", Notes(name="plain"))
    assert paints_as_the_original(entry, reference)


def test_half_and_bfloat16(tmp_path):
    state, reference = golden("ada_skip")
    for dtype, far in ((torch.float16, 1), (torch.bfloat16, 8)):
        stored = {key: value.to(dtype) for key, value in tensors(state).items()}
        entry = import_model(torch_file(tmp_path / f"{str(dtype)[6:]}.pt", stored))
        picture = load_generator(entry.path).synthesize_float(reference["w"][0])
        assert np.abs(picture - reference["image"][0].clip(0, 255)).mean() < far


def test_tensors_that_share_or_turn_their_numbers(tmp_path):
    state, reference = golden("ada_skip")
    turned = {
        key: value.t().contiguous().t() if value.ndim == 2 else value
        for key, value in tensors(state).items()
    }
    entry = import_model(torch_file(tmp_path / "turned.pt", turned))
    assert paints_as_the_original(entry, reference)


def test_the_library_holds_weights_and_a_card(tmp_path):
    state, _ = golden("ada_skip")
    path = snapshot(tmp_path / "My best net!.pkl", state)
    entry = import_model(path, Notes(origin="my own training", licence="mine"))
    assert entry.name == "My-best-net"
    assert entry.path.parent == user_data_dir() / "models"
    assert sorted(p.suffix for p in entry.path.parent.iterdir()) == [".json", ".safetensors"]
    assert model_library.get("My-best-net") == entry
    assert (entry.origin, entry.licence) == ("my own training", "mine")


def test_a_second_import_keeps_the_name_or_takes_the_new_one(tmp_path):
    state, _ = golden("ada_skip")
    path = snapshot(tmp_path / "n.pkl", state)
    import_model(path, Notes(name="first"))
    assert import_model(path).name == "first"
    assert import_model(path, Notes(name="second")).name == "second"
    assert [entry.name for entry in model_library.entries()] == ["second"]
