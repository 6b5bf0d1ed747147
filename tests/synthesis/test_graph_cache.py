"""The kept ONNX graph: built once, reused, rebuilt when damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.synthesis.random_generator import SMALL, random_generator
from traumer_live.core import graph_store
from traumer_live.core.graph_store import OnnxModel
from traumer_live.synthesis import onnx_graph
from traumer_live.synthesis.checkpoint import Checkpoint, load_checkpoint
from traumer_live.synthesis.graph_cache import cached_graph, graph_path


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(graph_store, "cache_dir", lambda: tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def checkpoint(tmp_path: Path) -> Checkpoint:
    return load_checkpoint(random_generator(tmp_path / "small.safetensors"))


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sha256 of every checkpoint whose graph is really built."""
    build, built = onnx_graph.build_graph, []

    def counted(checkpoint: Checkpoint, exit_resolution: int | None) -> OnnxModel:
        built.append(checkpoint.sha256)
        return build(checkpoint, exit_resolution)

    monkeypatch.setattr(onnx_graph, "build_graph", counted)
    return built


def test_a_graph_is_built_once(checkpoint: Checkpoint, builds: list[str]) -> None:
    first = cached_graph(checkpoint)
    assert cached_graph(checkpoint) == first
    assert builds == [checkpoint.sha256]


def test_other_weights_get_their_own_graph(
    checkpoint: Checkpoint, builds: list[str], tmp_path: Path
) -> None:
    other = load_checkpoint(random_generator(tmp_path / "other.safetensors", seed=1))
    assert cached_graph(checkpoint).read_bytes() != cached_graph(other).read_bytes()
    assert len(builds) == 2


@pytest.mark.parametrize("damage", ["empty", "cut", "changed", "folder"])
def test_a_damaged_graph_is_built_again(
    checkpoint: Checkpoint, builds: list[str], damage: str
) -> None:
    first = cached_graph(checkpoint).read_bytes()
    path = graph_path(checkpoint)
    kept = bytearray(path.read_bytes())
    kept[len(kept) // 2] ^= 1
    path.unlink()
    if damage == "folder":
        path.mkdir()
    else:
        path.write_bytes({"empty": b"", "cut": kept[:1000], "changed": kept}[damage])
    assert cached_graph(checkpoint).read_bytes() == first
    assert len(builds) == 2


def test_nothing_half_written_is_left(checkpoint: Checkpoint) -> None:
    cached_graph(checkpoint)
    path = graph_path(checkpoint)
    assert set(path.parent.iterdir()) == {path, path.with_suffix(".sha256")}


def test_a_forbidden_cache_is_no_error(checkpoint: Checkpoint, cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    assert cached_graph(checkpoint).stat().st_size > 100


def test_the_graph_reads_one_noise_plane_per_layer(checkpoint: Checkpoint) -> None:
    import onnx

    graph = onnx.load(cached_graph(checkpoint)).graph
    shapes = {
        value.name: tuple(d.dim_value for d in value.type.tensor_type.shape.dim)
        for value in [*graph.input, *graph.output]
    }
    noise = {f"noise_{i}": (s.resolution,) * 2 for i, s in enumerate(SMALL.layers)}
    assert shapes == noise | {
        "w_plus": (10, 64),
        "noise_gain": (),
        "rgb": (1, 3, 64, 64),
        "rgba": (64, 64, 4),
        "level": (),
    }


def test_noise_modes(checkpoint: Checkpoint) -> None:
    from traumer_live.synthesis.noise import noise_planes

    const, none = noise_planes(checkpoint), noise_planes(checkpoint, "none")
    random = [noise_planes(checkpoint, "random", seed=seed) for seed in (1, 1, 2)]
    assert [plane.shape for plane in const] == [(s.resolution,) * 2 for s in SMALL.layers]
    assert not any(plane.any() for plane in none)
    for stored, first, same, other in zip(const, *random, strict=True):
        np.testing.assert_array_equal(first, same)
        assert (first != other).any()
        assert (first != stored).any()
