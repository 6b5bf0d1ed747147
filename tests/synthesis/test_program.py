"""A generator that is a program: it plays like any other if it came with us, and else never."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.synthesis.random_generator import SMALL, random_tensors
from traumer_live.core import model_library, paths
from traumer_live.core.errors import ModelError
from traumer_live.core.onnx_writer import GraphWriter
from traumer_live.synthesis import load_generator
from traumer_live.synthesis.checkpoint import load_checkpoint, save_checkpoint
from traumer_live.synthesis.generator import BackendError
from traumer_live.synthesis.onnx_picture import write_picture
from traumer_live.synthesis.program_config import NOISE, PROGRAM, ROWS, program_config
from traumer_live.synthesis.weights_file import write_weights
from traumer_live.synthesis.widen import WIDE

SIZE, W_DIM, Z_DIM, LEVELS = 16, 8, 5, (1, 1, 1)


def graph() -> bytes:
    """Colours from the first three numbers of the last row, and noise on top."""
    g = GraphWriter("program")
    w_plus = g.input("w_plus", (len(LEVELS), W_DIM))
    gain, noise = g.input("noise_gain", ()), g.input("noise_0", (SIZE, SIZE))
    row = g.slice(w_plus, axis=0, start=2, end=3)
    colours = g.op("Reshape", g.slice(row, axis=1, start=0, end=3), g.constant([1, 3, 1, 1]))
    flat = g.op("Add", g.op("Mul", colours, g.constant(20.0)), g.constant(128.0))
    write_picture(g, g.op("Add", flat, g.op("Mul", noise, gain)), (SIZE, SIZE), colours=3)
    return g.finish().to_bytes()


def tensors(program: bytes) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        "mapping.w_avg": np.zeros(W_DIM, np.float32),
        "mapping.fc0.weight": 100 * rng.standard_normal((W_DIM, Z_DIM), np.float32),
        "mapping.fc0.bias": np.zeros(W_DIM, np.float32),
        NOISE.format(0): rng.standard_normal((SIZE, SIZE), np.float32),
        ROWS: np.arange(3, dtype=np.float32),
        f"{PROGRAM}{SIZE}": np.frombuffer(program, np.uint8),
    }


def written(path: Path, program: bytes = b"", **metadata: str) -> Path:
    parts = tensors(program or graph())
    config = program_config({name: part.shape for name, part in parts.items()})
    save_checkpoint(path, parts, config, metadata=metadata, half=True)
    return path


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the models that came with the program, of which ``p`` is one."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(paths, "_ROOTS", (tmp_path, *paths._ROOTS))
    monkeypatch.setattr(model_library, "SHIPPED", {"generator": ("p",)})
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


@pytest.mark.parametrize("backend", ["onnx", "openvino"])
def test_it_paints_maps_and_says_what_it_is(ours: Path, backend: str) -> None:
    if backend == "openvino":
        pytest.importorskip("openvino")
    generator = load_generator(
        written(ours / "p.safetensors", same_w_as="ab" * 32), backend=backend
    )
    info = generator.info
    assert (info.architecture, info.size, info.num_ws) == ("program", (SIZE, SIZE), 3)
    assert (info.w_space, info.level_sizes, info.exits) == ("ab" * 32, LEVELS, (SIZE,))
    assert generator.map(np.ones((4, Z_DIM), np.float32)).shape == (4, W_DIM)
    assert (generator.w_statistics().sigma > 0).all()
    w_plus = np.zeros((3, W_DIM), np.float32)
    w_plus[2, :3] = 1, 2, -1
    still = generator.synthesize_float(w_plus, noise_gain=0.0)
    np.testing.assert_allclose(still, np.broadcast_to([148, 168, 108], still.shape), atol=1e-3)
    assert generator.synthesize_float(w_plus).std((0, 1)).min() > 0.5
    pixels = generator.synthesize(w_plus, noise_gain=0.0)
    assert pixels.shape == (SIZE, SIZE, 4)
    assert (pixels[..., 3] == 255).all()


def test_nobody_elses_program_is_run(tmp_path: Path) -> None:
    stranger = written(tmp_path / "stranger.safetensors")
    with pytest.raises(ModelError, match=r"stranger\.safetensors paints by a program of its own"):
        load_generator(stranger)


def test_our_folder_does_not_make_it_ours(ours: Path) -> None:
    written(ours / "p.safetensors")
    with pytest.raises(ModelError, match="program of its own"):
        load_generator(written(ours / "stranger.safetensors"))


def test_an_installation_may_consist_of_links(ours: Path, tmp_path: Path) -> None:
    (ours / "p.safetensors").symlink_to(written(tmp_path / "kept-elsewhere.safetensors"))
    assert load_generator(ours / "p.safetensors").info.architecture == "program"


def test_a_network_has_a_w_of_its_own_whatever_it_says(tmp_path: Path) -> None:
    path = tmp_path / "network.safetensors"
    save_checkpoint(path, random_tensors(SMALL), SMALL, metadata={"same_w_as": "../../elsewhere"})
    info = load_generator(path, backend="onnx").info
    assert info.w_space == info.sha256


def test_torch_and_wide_are_refused_in_a_sentence(ours: Path) -> None:
    path = written(ours / "p.safetensors")
    with pytest.raises(BackendError, match="p is a program that torch cannot run"):
        load_generator(path, backend="torch")
    with pytest.raises(ModelError, match="paints its own square"):
        load_generator(path, aspect=WIDE)


def test_a_program_that_is_no_graph(ours: Path) -> None:
    with pytest.raises(BackendError, match=r"onnxruntime"):
        load_generator(written(ours / "p.safetensors", b"no graph at all"))


@pytest.mark.parametrize("name", [ROWS, NOISE.format(0), "mapping.fc0.bias"])
def test_bytes_are_not_taken_for_numbers(ours: Path, name: str) -> None:
    parts = tensors(graph())
    parts[name] = np.zeros(parts[name].shape, np.uint8)
    write_weights(ours / "p.safetensors", parts, metadata={"architecture": "program"})
    with pytest.raises(ModelError, match=f"no numbers in {name}"):
        load_checkpoint(ours / "p.safetensors")


@pytest.mark.parametrize("name", [ROWS, "mapping.fc0.weight"])
def test_a_part_that_is_missing(ours: Path, name: str) -> None:
    parts = tensors(graph())
    del parts[name]
    write_weights(ours / "p.safetensors", parts, metadata={"architecture": "program"})
    with pytest.raises(ModelError, match="does not hold a whole painting program"):
        load_checkpoint(ours / "p.safetensors")


def test_rows_out_of_order(ours: Path) -> None:
    parts = tensors(graph())
    parts[ROWS] = np.array([0, 2, 1], np.float32)
    write_weights(ours / "p.safetensors", parts, metadata={"architecture": "program"})
    with pytest.raises(ModelError, match="does not split its 3 rows in three"):
        load_checkpoint(ours / "p.safetensors")
