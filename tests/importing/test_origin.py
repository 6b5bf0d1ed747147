"""What TräumerAI itself saved, and taggers: read, named, tied to each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.embedding.random_taggers import decibel_mel, random_tagger, write_tagger
from tests.importing.foreign_files import Call, Instance, Named, pickled, torch_file
from traumer_live.core.errors import ModelError
from traumer_live.core.model_library import Entry
from traumer_live.core.paths import data_file
from traumer_live.embedding.encoder import load_encoder
from traumer_live.importing.importer import Notes, import_model
from traumer_live.importing.packs import Fitting
from traumer_live.latent.origin import StyleStatistics, load_origin_labels, load_statistics
from traumer_live.latent.pack import load_pack
from traumer_live.synthesis.weights_file import read_header, read_tensors

LIGHTNING = Path(__file__).parents[3] / "shared" / "weights" / "fcn05_lightning.ckpt"
E_DIM, W_DIM = 6, 8
TAGGER = Fitting("fcn", "ab" * 32, E_DIM)


@pytest.fixture
def transfer(tmp_path):
    """A transfer as the origin saves it, with its optimiser; and its parts."""
    rng = np.random.default_rng(1)
    parts = {
        "transfer.0.weight": rng.standard_normal((W_DIM, E_DIM)).astype(np.float32),
        "transfer.0.bias": rng.standard_normal(W_DIM).astype(np.float32),
        "bias": rng.standard_normal(W_DIM).astype(np.float32),
        "std": rng.random(W_DIM).astype(np.float32),
    }
    state = {name: torch.nn.Parameter(torch.from_numpy(value)) for name, value in parts.items()}
    optimizer = torch.optim.Adam(state.values()).state_dict()
    value = {"iteration": 7, "state_dict": state, "optimizer": optimizer, "learning_rate": 0.1}
    return torch_file(tmp_path / "transfer.pt", value), parts


def test_a_transfer_becomes_a_mapping_pack(transfer):
    path, parts = transfer
    entry = import_model(path, fitting=TAGGER)
    pack = load_pack(entry.path)
    np.testing.assert_array_equal(pack.transfer.weight, parts["transfer.0.weight"])
    np.testing.assert_array_equal(pack.transfer.bias, parts["transfer.0.bias"])
    np.testing.assert_array_equal(pack.transfer.mu, parts["bias"])  # what the origin calls bias
    np.testing.assert_array_equal(pack.transfer.sigma, parts["std"])
    assert (pack.header["encoder"], pack.header["encoder_sha256"]) == ("fcn", "ab" * 32)
    assert entry.kind == "mapping"


def test_a_transfer_needs_to_be_told_its_tagger(transfer):
    with pytest.raises(ModelError, match="--encoder"):
        import_model(transfer[0])


def test_a_transfer_of_another_size_than_its_tagger(transfer):
    with pytest.raises(ModelError, match=r"6 embedding numbers.*64"):
        import_model(transfer[0], fitting=Fitting("other", "cd" * 32, 64))


def test_a_transfer_of_another_size_than_its_generator(transfer):
    fitting = Fitting("fcn", "ab" * 32, E_DIM, "wiki", "ef" * 32, 512)
    with pytest.raises(ModelError, match=r"8 w numbers.*512"):
        import_model(transfer[0], fitting=fitting)


def test_statistics_of_w(tmp_path):
    value = {"mean": torch.arange(8.0)[None], "std": torch.ones(1, 8)}
    entry = import_model(torch_file(tmp_path / "statistics.pt", value))
    tensors, _ = read_tensors(read_header(entry.path))
    np.testing.assert_array_equal(tensors["mu"], np.arange(8))
    np.testing.assert_array_equal(tensors["sigma"], np.ones(8))
    assert entry.kind == "statistics"


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_pickled_labels_without_unpickling(tmp_path, protocol):
    rng = np.random.default_rng(2)
    labels = [
        {"style": rng.standard_normal(W_DIM).astype(np.float32), "audio": rng.random(100 + i)}
        for i in range(3)
    ]
    made = np.empty(3, object)
    made[:] = labels
    path = tmp_path / "labels.npy"
    write_object_array(path, made, protocol)
    entry = import_model(path)
    tensors, _ = read_tensors(read_header(entry.path))
    np.testing.assert_array_equal(tensors["style"], [label["style"] for label in labels])
    for i, label in enumerate(labels):
        np.testing.assert_allclose(tensors[f"audio.{i:05d}"], label["audio"], rtol=1e-6)
    assert (entry.kind, entry.metadata["count"]) == ("labels", "3")


def write_object_array(path, made, protocol):
    """As numpy saves it, at a chosen protocol."""
    import pickle

    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(made))
        pickle.dump(made, file, protocol)


def test_numbers_of_the_other_byte_order_are_turned(tmp_path):
    value = {"mean": np.arange(8, dtype=">f4"), "std": np.ones(8, ">f8")}
    path = tmp_path / "statistics.pkl"
    path.write_bytes(pickled(value))
    tensors, _ = read_tensors(read_header(import_model(path).path))
    np.testing.assert_array_equal(tensors["mu"], np.arange(8))


def fcn(n_mels=96):
    """A small FCN under the benchmark's names."""
    rng = np.random.default_rng(4)
    widths = [1, 4, 6, 6, 6, 4]
    state = {
        "spec.mel_scale.fb": rng.random((257, n_mels)),
        "spec_bn.num_batches_tracked": np.zeros(()),
    }
    norms = {"spec_bn": 1, **{f"layer{i}.bn": widths[i] for i in range(1, 6)}}
    for name, width in norms.items():
        for part in ("weight", "bias", "running_mean", "running_var"):
            state[f"{name}.{part}"] = rng.random(width) + 0.1
    for i in range(1, 6):
        state[f"layer{i}.conv.weight"] = rng.standard_normal((widths[i], widths[i - 1], 3, 3))
        state[f"layer{i}.conv.bias"] = rng.standard_normal(widths[i])
    state["dense.weight"], state["dense.bias"] = rng.random((50, 4)), rng.random(50)
    return {name: torch.from_numpy(np.asarray(v, np.float32)) for name, v in state.items()}


def test_a_benchmark_tagger(tmp_path):
    entry = import_model(torch_file(tmp_path / "best_model.pth", fcn()))
    header = read_header(entry.path)
    assert (entry.kind, entry.architecture) == ("encoder", "fcn")
    assert header.metadata["n_mels"] == "96"
    assert "layer5.conv.weight" in header.shapes
    assert not any("num_batches" in name for name in header.shapes)


def test_an_imported_tagger_hears(tmp_path):
    entry = import_model(torch_file(tmp_path / "best_model.pth", fcn()))
    encoder = load_encoder(entry.path)
    assert (encoder.e_dim, len(encoder.tag_names), encoder.mel_spec.n_mels) == (4, 50, 96)


def test_a_lightning_checkpoint_with_the_settings_of_its_training(tmp_path):
    """omegaconf's objects and their cycles are kept as dead weight; only the class is read."""
    node = Instance(Named("omegaconf.nodes", "AnyNode"), {"_val": "Short_Term_FCN"})
    content = {"type": node}
    config = Instance(Named("omegaconf.dictconfig", "DictConfig"), {"_content": content})
    value = {
        "pytorch-lightning_version": "0.9.0",
        "state_dict": {f"model.{name}": tensor for name, tensor in fcn(128).items()},
        "hyper_parameters": Instance(
            Named("pytorch_lightning.utilities.parsing", "AttributeDict"),
            entries={"model": config, "gpus": Call(Named("typing", "Any"), ())},
        ),
    }
    path = tmp_path / "epoch=1.ckpt"
    path.write_bytes(pickled(value, 2))
    assert import_model(path).metadata["variant"] == "Short_Term_FCN"


def test_a_window_that_the_person_states(tmp_path):
    path = torch_file(tmp_path / "fcn.pth", fcn(128))
    with pytest.raises(ModelError, match=r"29 or 0\.5"):
        import_model(path)
    entry = import_model(path, Notes(window_s=29.0))
    assert read_header(entry.path).metadata["window_samples"] == "464000"


@pytest.mark.skipif(not LIGHTNING.is_file(), reason="the real tagger is not beside this checkout")
def test_a_real_lightning_checkpoint():
    entry = import_model(LIGHTNING)
    shapes = read_header(entry.path).shapes
    assert (entry.architecture, entry.metadata["variant"]) == ("fcn", "Short_Term_FCN")
    assert shapes["spec.mel_scale.fb"] == (257, 128)
    assert shapes["dense.weight"] == (50, 64)
    tensors, _ = read_tensors(read_header(entry.path))
    window = torch.hann_window(512).numpy()
    np.testing.assert_allclose(tensors["spec.spectrogram.window"], window, atol=1e-6)
    assert all(np.isfinite(tensor).all() for tensor in tensors.values())


@pytest.mark.parametrize("name", ["fcn-96-29s", "short-chunk"])
def test_an_imported_tagger_equals_the_same_in_our_own_form(tmp_path, name):
    state = {f"model.{key}": torch.from_numpy(t) for key, t in random_tagger(name).items()}
    if name.startswith("fcn"):
        state["model.spec.mel_scale.fb"] = torch.rand(257, 96)
    imported = load_encoder(
        import_model(torch_file(tmp_path / "t.ckpt", {"state_dict": state})).path
    )
    ours = load_encoder(write_tagger(name, tmp_path / "ours.safetensors"))
    mel = decibel_mel(300, ours.mel_spec.n_mels)
    for encoder in (imported, ours):
        encoder.push(mel)
    np.testing.assert_allclose(imported.embedding()[0], ours.embedding()[0], rtol=1e-5, atol=1e-6)


def test_a_file_of_our_own_goes_in_as_it_is():
    shipped = data_file("models/mtt_vgg.safetensors")
    entry = import_model(shipped)
    assert (entry.kind, entry.architecture) == ("encoder", "mtt_vgg")
    assert entry.path.read_bytes() == shipped.read_bytes()
    assert load_encoder(entry.path).e_dim == 256


def test_a_file_that_lies_about_being_ours(tmp_path):
    from safetensors.numpy import save_file

    for kind in ("generator", "encoder", "mapping", "traumer-live encoder"):
        path = tmp_path / f"{kind[:3]}.safetensors"
        save_file({"x": np.zeros(3, np.float32)}, path, {"kind": kind})
        with pytest.raises(ModelError, match="cannot be imported"):
            import_model(path)


@pytest.fixture
def bare_transfer(transfer, tmp_path):
    """A transfer that was saved without mu and sigma; its own parts."""
    _, parts = transfer
    kept = {n: torch.from_numpy(v) for n, v in parts.items() if n.startswith("transfer")}
    return torch_file(tmp_path / "bare.pt", {"state_dict": kept}), parts


def imported_statistics(tmp_path, parts):
    value = {"mean": torch.from_numpy(parts["bias"])[None], "std": torch.from_numpy(parts["std"])}
    return import_model(torch_file(tmp_path / "stats.pt", value), Notes(name="stats"))


def test_a_transfer_without_statistics_takes_imported_ones(bare_transfer, tmp_path):
    """w = mu + 2 sigma tanh(W e + b), with mu and sigma of the other file."""
    path, parts = bare_transfer
    statistics = load_statistics(imported_statistics(tmp_path, parts).path)
    fitting = replace(TAGGER, statistics=statistics, statistics_name="stats")
    pack = load_pack(import_model(path, fitting=fitting).path)
    e = np.random.default_rng(3).standard_normal(E_DIM).astype(np.float32)
    inner = np.tanh(parts["transfer.0.weight"] @ e + parts["transfer.0.bias"])
    np.testing.assert_allclose(
        pack.transfer(e), parts["bias"] + 2 * parts["std"] * inner, rtol=1e-5, atol=1e-6
    )
    assert pack.header["statistics"] == "stats"


def test_a_transfer_without_statistics_says_how_to_bring_them(bare_transfer):
    with pytest.raises(ModelError, match="--statistics NAME"):
        import_model(bare_transfer[0], fitting=TAGGER)


def test_a_transfer_with_statistics_keeps_its_own(transfer, tmp_path):
    path, parts = transfer
    statistics = load_statistics(imported_statistics(tmp_path, parts).path)
    with pytest.raises(ModelError, match="leave --statistics out"):
        import_model(path, fitting=replace(TAGGER, statistics=statistics))


def test_statistics_of_another_generator(bare_transfer):
    statistics = StyleStatistics(np.zeros(512, np.float32), np.ones(512, np.float32))
    with pytest.raises(ModelError, match=r"8 w numbers.*512.*--statistics"):
        import_model(bare_transfer[0], fitting=replace(TAGGER, statistics=statistics))


def test_half_of_the_statistics_is_no_transfer(transfer, tmp_path):
    _, parts = transfer
    half = {n: torch.from_numpy(v) for n, v in parts.items() if n != "std"}
    with pytest.raises(ModelError, match="only one of the mean and the spread"):
        import_model(torch_file(tmp_path / "half.pt", half), fitting=TAGGER)


def test_labels_are_read_clip_by_clip(tmp_path):
    labels = imported_labels(tmp_path, lengths=(100, 16_000, 7))
    found = load_origin_labels(labels.entry.path)
    assert (len(found), found.samples) == (3, (100, 16_000, 7))
    for i, (style, audio) in enumerate(labels.pairs):
        np.testing.assert_array_equal(found.w[i], style)
        np.testing.assert_allclose(found.sound(i), audio, rtol=1e-6)
        assert found.sound(i).dtype == np.float32
    for index in (-1, 3):
        with pytest.raises(IndexError):
            found.sound(index)


@dataclass(frozen=True)
class Imported:
    entry: Entry
    pairs: list[tuple[np.ndarray, np.ndarray]]


def imported_labels(tmp_path, lengths):
    """A label array of the origin, imported; its styles and sounds."""
    rng = np.random.default_rng(2)
    pairs = [(rng.standard_normal(W_DIM).astype(np.float32), rng.random(n)) for n in lengths]
    made = np.empty(len(pairs), object)
    made[:] = [{"style": style, "audio": audio} for style, audio in pairs]
    path = tmp_path / "labels.npy"
    write_object_array(path, made, 4)
    return Imported(import_model(path), pairs)


def test_readers_refuse_what_is_something_else(transfer, tmp_path):
    _, parts = transfer
    statistics, labels = imported_statistics(tmp_path, parts), imported_labels(tmp_path, (5,))
    with pytest.raises(ModelError, match="holds a statistics, but labels"):
        load_origin_labels(statistics.path)
    with pytest.raises(ModelError, match="holds a labels, but statistics"):
        load_statistics(labels.entry.path)
    with pytest.raises(ModelError, match="There is no file"):
        load_statistics(tmp_path / "none.safetensors")
    labels.entry.path.write_bytes(labels.entry.path.read_bytes()[:60])
    with pytest.raises(ModelError, match="damaged"):
        load_origin_labels(labels.entry.path)


@pytest.mark.parametrize(
    ("tensors", "kind", "sentence"),
    [
        ({"mu": np.zeros(4), "sigma": -np.ones(4)}, "statistics", "mean and spread"),
        ({"mu": np.zeros(4), "sigma": np.ones(3)}, "statistics", "mean and spread"),
        ({"mu": np.full(4, np.nan), "sigma": np.ones(4)}, "statistics", "not numbers"),
        ({"style": np.zeros((2, 4)), "audio.00000": np.zeros(3)}, "labels", "damaged"),
        ({"style": np.zeros(4), "audio.00000": np.zeros(3)}, "labels", "one w per label"),
        ({"style": np.zeros((1, 4)), "audio.00000": np.zeros((3, 2))}, "labels", "no mono"),
    ],
)
def test_files_whose_parts_make_no_sense(tmp_path, tensors, kind, sentence):
    from safetensors.numpy import save_file

    path = tmp_path / "odd.safetensors"
    save_file({n: np.asarray(t, np.float32) for n, t in tensors.items()}, path, {"kind": kind})
    with pytest.raises(ModelError, match=sentence):
        {"statistics": load_statistics, "labels": load_origin_labels}[kind](path)
