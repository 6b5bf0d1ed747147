"""The numpy mapping network and the statistics of w."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.synthesis.random_generator import SMALL, random_generator
from traumer_live.synthesis import mapping as room
from traumer_live.synthesis.checkpoint import Checkpoint, load_checkpoint
from traumer_live.synthesis.config import GeneratorConfig
from traumer_live.synthesis.mapping import Mapping


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(room, "cache_dir", lambda: tmp_path)
    return tmp_path / "w_statistics"


@pytest.fixture
def checkpoint(tmp_path: Path) -> Checkpoint:
    return load_checkpoint(random_generator(tmp_path / "small.safetensors"))


def test_numpy_equals_torch(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from traumer_live.synthesis.networks import MappingNetwork

    for config in (SMALL, GeneratorConfig()):
        path = random_generator(tmp_path / "any.safetensors", config)
        checkpoint = load_checkpoint(path)
        network = MappingNetwork(config)
        network.load_state_dict(
            {
                name.removeprefix("mapping."): torch.from_numpy(tensor)
                for name, tensor in checkpoint.tensors.items()
                if name.startswith("mapping.")
            }
        )
        z = np.random.default_rng(1).standard_normal((20, config.z_dim)).astype(np.float32)
        with torch.inference_mode():
            reference = network(torch.from_numpy(z)).numpy()
        w = Mapping(checkpoint)(z)
        assert w.dtype == np.float32
        np.testing.assert_allclose(w, reference, rtol=1e-5, atol=1e-5 * np.abs(reference).max())


def test_statistics_are_those_of_the_drawn_w(checkpoint: Checkpoint) -> None:
    mapping = Mapping(checkpoint)
    found = mapping.statistics(samples=2500, seed=3)
    rng = np.random.default_rng(3)
    z = [rng.standard_normal((n, SMALL.z_dim), dtype=np.float32) for n in (1000, 1000, 500)]
    w = mapping(np.concatenate(z))
    np.testing.assert_allclose(found.mu, w.mean(0), atol=1e-4)
    np.testing.assert_allclose(found.sigma, w.std(0), atol=1e-4)


def test_statistics_are_kept_by_weights_count_and_seed(checkpoint: Checkpoint, cache: Path) -> None:
    mapping = Mapping(checkpoint)
    first = mapping.statistics(samples=100)
    again = Mapping(checkpoint).statistics(samples=100)
    np.testing.assert_array_equal(first.mu, again.mu)
    other = mapping.statistics(samples=100, seed=1)
    assert (first.mu != other.mu).any()
    mapping.statistics(samples=50)
    assert len(list(cache.iterdir())) == 3


@pytest.mark.parametrize("damage", [b"", b"rubbish", b"\x93NUMPY\x01\x00"])
def test_damaged_statistics_are_measured_again(
    checkpoint: Checkpoint, cache: Path, damage: bytes
) -> None:
    mapping = Mapping(checkpoint)
    first = mapping.statistics(samples=100)
    (kept,) = cache.iterdir()
    kept.write_bytes(damage)
    np.testing.assert_array_equal(mapping.statistics(samples=100).mu, first.mu)
    assert len(kept.read_bytes()) > len(damage)


def test_a_forbidden_cache_is_no_error(checkpoint: Checkpoint, cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    assert Mapping(checkpoint).statistics(samples=100).mu.shape == (SMALL.w_dim,)
