"""MSD_vgg by columns: the saved graph's own answers, and the plain network on whole windows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.embedding.random_taggers import write_msd_vgg
from traumer_live.core.types import Array
from traumer_live.embedding import Encoder, load_encoder
from traumer_live.embedding.geometry import EFFECTIVE_FRAMES

pytest.importorskip("torch")
GOLDEN = Path(__file__).parents[1] / "golden"
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_msd_vgg(tmp_path_factory.mktemp("msd") / "msd_vgg.safetensors")


def assert_same(found: tuple[Array, Array], expected: tuple[Array, Array]) -> None:
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize("backend", ["onnx", "numpy", "torch"])
def test_embeddings_and_tags_of_the_saved_graph(file: Path, backend: str) -> None:
    """Of training; tests/golden/make_msd_vgg.py tells how. 7e-6 is reached."""
    golden, encoder = load_file(GOLDEN / "msd_vgg.safetensors"), load_encoder(file, backend)
    windows = load_file(GOLDEN / "mtt_vgg.safetensors")["mel"].astype(np.float32)
    for mel, e, tags in zip(windows, golden["e"], golden["tags"], strict=True):
        encoder.push(mel[:EFFECTIVE_FRAMES])
        assert_same(encoder.embedding(), (e, tags))
        assert e.std() > 0.1


def test_it_is_another_network_than_mtt_vgg(file: Path, running_mel: Array) -> None:
    sisters = load_encoder(file), load_encoder()
    for encoder in sisters:
        encoder.push(running_mel)
    assert np.abs(sisters[0].embedding()[0] - sisters[1].embedding()[0]).max() > 0.1


@pytest.fixture(params=["onnx", "numpy"])
def pair(request: pytest.FixtureRequest, file: Path) -> tuple[Encoder, Encoder]:
    return load_encoder(file, request.param), load_encoder(file, "torch")


def test_columns_equal_the_whole_window_for_any_block_size(pair, running_mel) -> None:
    """Before the window is full, too."""
    encoder, twin = pair
    random, at = np.random.default_rng(1), 0
    assert_same(encoder.embedding(), twin.embedding())
    while at < len(running_mel):
        block = running_mel[at : at + int(random.choice([0, 1, 2, 2, 3, 5, 40]))]
        for each in pair:
            each.push(block)
        at += len(block)
        if random.random() < 0.3:
            assert_same(encoder.embedding(), twin.embedding())
    assert_same(encoder.embedding(), twin.embedding())


def test_a_long_pause_without_questions_and_a_reset(pair, running_mel) -> None:
    encoder, twin = pair
    silence = encoder.embedding()
    for at in range(0, len(running_mel), 2):
        encoder.push(running_mel[at : at + 2])
    twin.push(running_mel)
    assert_same(encoder.embedding(), twin.embedding())
    encoder.reset()
    assert_same(encoder.embedding(), silence)
