"""Our networks against what the original programs made of the same weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from traumer_live.core.types import Array
from traumer_live.synthesis import load_generator
from traumer_live.synthesis.checkpoint import load_checkpoint
from traumer_live.synthesis.mapping import Mapping

GOLDEN = Path(__file__).parents[1] / "golden" / "synthesis"
NETWORKS = (
    "stylegan2-skip",
    "stylegan2-resnet",
    "stylegan2-classes",
    "stylegan3-t",
    "stylegan3-r",
)
TOLERANCE = 1e-3  # on the scale 0 to 255


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for room in ("core.graph_store", "synthesis.mapping"):
        monkeypatch.setattr(f"traumer_live.{room}.cache_dir", lambda: tmp_path)


def expected(name: str) -> dict[str, Array]:
    return load_file(GOLDEN / f"{name}.expected.safetensors")


@pytest.mark.parametrize("backend", ["onnx", "openvino", "torch"])
@pytest.mark.parametrize("name", NETWORKS)
def test_pictures_of_the_original(name: str, backend: str) -> None:
    if backend in ("openvino", "torch"):
        pytest.importorskip(backend)
    golden = expected(name)
    generator = load_generator(GOLDEN / f"{name}.safetensors", backend=backend, threads=1)
    for w_plus, picture in zip(golden["w_plus"], golden["pictures"], strict=True):
        theirs = np.clip(picture.transpose(1, 2, 0) * 127.5 + 128, 0, 255)
        assert theirs.std() > 8
        ours = generator.synthesize_float(w_plus)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("name", NETWORKS)
def test_w_of_the_original(name: str) -> None:
    golden = expected(name)
    checkpoint = load_checkpoint(GOLDEN / f"{name}.safetensors")
    classes = checkpoint.config.num_classes
    for i, (z, w) in enumerate(zip(golden["z"], golden["w"], strict=True)):
        mapping = Mapping(checkpoint, class_index=i % classes if classes else None)
        np.testing.assert_allclose(mapping(z[None])[0], w, atol=1e-5 * np.abs(w).max())


@pytest.mark.parametrize("name", ["stylegan3-t", "stylegan3-r"])
def test_large_layers_are_raised_by_transposed_convolutions(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The way that layers above some size go, here taken by small ones."""
    monkeypatch.setattr("traumer_live.synthesis.alias_free_graph.LARGEST_PRODUCT", 0)
    test_pictures_of_the_original(name, "onnx")
