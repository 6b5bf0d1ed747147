"""Square generators that paint wide pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.synthesis.random_generator import random_generator
from traumer_live.core import graph_store
from traumer_live.core.errors import ModelError
from traumer_live.synthesis import load_generator
from traumer_live.synthesis.checkpoint import Checkpoint, load_checkpoint
from traumer_live.synthesis.widen import WIDE, mirrored, wide_const, widened

GOLDEN = Path(__file__).parents[1] / "golden" / "synthesis"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(graph_store, "cache_dir", lambda: tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return random_generator(tmp_path / "small.safetensors")


@pytest.fixture
def checkpoint(weights: Path) -> Checkpoint:
    return load_checkpoint(weights)


@pytest.mark.parametrize(
    ("aspect", "size"),
    [((16, 9), (4, 7)), ((4, 3), (4, 5)), ((9, 16), (7, 4)), ((1, 1), (4, 4)), ((21, 9), (4, 9))],
)
def test_the_constant_that_comes_nearest(aspect, size) -> None:
    assert wide_const((4, 4), aspect) == size


def test_the_constant_is_mirrored_at_its_edges() -> None:
    row = mirrored(np.arange(4, dtype=np.float32).reshape(1, 1, 4), (1, 13))
    assert row.ravel().astype(int).tolist() == [3, 2, 1, 0, 0, 1, 2, 3, 3, 2, 1, 0, 0]


def test_the_noise_keeps_its_middle(checkpoint: Checkpoint) -> None:
    wide = widened(checkpoint, WIDE)
    before = checkpoint.tensors["synthesis.b16.conv0.noise_const"]
    after = wide.tensors["synthesis.b16.conv0.noise_const"]
    assert after.shape == (16, 28)
    np.testing.assert_array_equal(after[:, 4:20], before)
    assert 0.8 < after[:, 20:].std() < 1.2


def test_the_middle_is_the_square_picture_s(weights: Path) -> None:
    """It sees other neighbours only near the old edges."""
    square, wide = load_generator(weights), load_generator(weights, aspect=WIDE)
    z = np.random.default_rng(1).standard_normal((1, square.info.z_dim)).astype(np.float32)
    w_plus = np.repeat(square.map(z), square.info.num_ws, 0)
    old, new = square.synthesize_float(w_plus), wide.synthesize_float(w_plus)
    assert new.shape == (64, 112, 3)
    inner = new[16:48, 16 + 16 : 16 + 48]
    alike = np.corrcoef(old[16:48, 16:48].ravel(), inner.ravel())[0, 1]
    elsewhere = np.corrcoef(old[16:48, 16:48].ravel(), new[16:48, :32].ravel())[0, 1]
    assert alike > 0.95
    assert alike > elsewhere + 0.05


def test_square_and_wide_graphs_are_kept_side_by_side(weights: Path, cache: Path) -> None:
    load_generator(weights, backend="onnx")
    load_generator(weights, backend="onnx", aspect=WIDE)
    assert len(list((cache / "graphs").glob("*.onnx"))) == 2


def test_a_square_is_not_widened_to_a_square(checkpoint: Checkpoint) -> None:
    assert widened(checkpoint, (1, 1)) is checkpoint


@pytest.mark.parametrize("aspect", [(0, 9), (100, 9), (9, -1)])
def test_absurd_aspects(checkpoint: Checkpoint, aspect: tuple[int, int]) -> None:
    with pytest.raises(ModelError, match="cannot be painted"):
        widened(checkpoint, aspect)


@pytest.mark.parametrize("aspect", [WIDE, (9, 16), (4, 3)])
@pytest.mark.parametrize("name", ["stylegan3-t", "stylegan3-r"])
def test_stylegan3_goes_on_beyond_its_edges_and_keeps_its_middle(name: str, aspect) -> None:
    """Waves have no edge, so that there the old picture is exact but for what its border let in."""
    path = GOLDEN / f"{name}.safetensors"
    square, wide = (load_generator(path, backend="onnx", aspect=each) for each in (None, aspect))
    z = np.random.default_rng(1).standard_normal((square.info.num_ws, square.info.z_dim))
    w_plus = square.map(z.astype(np.float32))
    old, new = square.synthesize_float(w_plus), wide.synthesize_float(w_plus)
    assert new.shape[:2] == wide.info.size[::-1]
    assert new.size > old.size
    top, left = ((b - a) // 2 for a, b in zip(old.shape[:2], new.shape[:2], strict=True))
    middle = new[top : top + len(old), left : left + len(old)]
    assert np.abs(middle - old).max() < 0.2  # of 0 to 255
    inner = slice(len(old) // 5, -(len(old) // 5))
    assert np.abs(middle - old)[inner, inner].max() < 1e-3
    beyond = new[:, :left] if left else new[:top]
    assert beyond.std() > 5  # something is painted there


def test_a_square_stylegan3_is_not_widened_to_a_square() -> None:
    checkpoint = load_checkpoint(GOLDEN / "stylegan3-t.safetensors")
    assert widened(checkpoint, (1, 1)) is checkpoint
