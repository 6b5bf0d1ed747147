"""The streaming encoder equals the whole-window network, whenever and however it is asked."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from traumer_live.core.types import Array
from traumer_live.embedding import Encoder
from traumer_live.embedding.checkpoint import Weights
from traumer_live.embedding.numpy_steps import NumpySteps
from traumer_live.embedding.onnx_steps import OnnxSteps
from traumer_live.embedding.streaming import StreamingEncoder

torch = pytest.importorskip("torch")
MttVgg = pytest.importorskip("traumer_live.embedding.networks").MttVgg
TOLERANCE = 1e-5  # relative
WholeWindow = Callable[[int], tuple[Array, Array]]


@pytest.fixture(params=[NumpySteps, OnnxSteps], ids=["numpy", "onnx"])
def encoder(request: pytest.FixtureRequest, weights: Weights) -> StreamingEncoder:
    return StreamingEncoder(weights, request.param(weights))


@pytest.fixture(scope="module")
def network(weights: Weights) -> torch.nn.Module:
    return MttVgg(weights).eval()


@pytest.fixture(scope="module")
def whole_window(network: torch.nn.Module, running_mel: Array) -> WholeWindow:
    """What the network says of the 161 frames before ``end``, with silence before the start."""

    @cache
    def answer(end: int) -> tuple[Array, Array]:
        window = np.zeros((1, 187, 96), np.float32)
        heard = running_mel[max(0, end - 161) : end]
        window[0, 161 - len(heard) : 161] = heard
        with torch.inference_mode():
            e, tags = network(torch.from_numpy(window))
        return e[0].numpy(), tags[0].numpy()

    return answer


def assert_same(found: tuple[Array, Array], expected: tuple[Array, Array]) -> None:
    for ours, theirs in zip(found, expected, strict=True):
        assert np.linalg.norm(ours - theirs) < TOLERANCE * np.linalg.norm(theirs)


@pytest.mark.parametrize("seed", range(2))
def test_streaming_equals_whole_window_for_any_block_size(encoder, whole_window, running_mel, seed):
    random = np.random.default_rng(seed)
    end = 0
    while end < len(running_mel):
        n = int(random.choice([0, 1, 2, 2, 3, 5, 40]))
        encoder.push(running_mel[end : end + n])
        end = min(end + n, len(running_mel))
        if random.random() < 0.3:
            assert_same(encoder.embedding(), whole_window(end))
    assert_same(encoder.embedding(), whole_window(end))


def test_before_enough_sound_the_past_is_silence(encoder, whole_window, running_mel):
    assert_same(encoder.embedding(), whole_window(0))
    for end in range(1, 170, 12):
        encoder.push(running_mel[max(0, end - 12) : end])
        assert_same(encoder.embedding(), whole_window(end))


def test_asking_twice_gives_the_same(encoder, running_mel):
    encoder.push(running_mel[:50])
    assert_same(encoder.embedding(), encoder.embedding())


def test_one_block_longer_than_the_window(encoder, whole_window, running_mel):
    encoder.push(running_mel[:7])
    encoder.embedding()
    encoder.push(running_mel[7:])
    assert_same(encoder.embedding(), whole_window(len(running_mel)))


def test_many_blocks_before_the_first_question(encoder, whole_window, running_mel):
    for start in range(0, len(running_mel), 2):
        encoder.push(running_mel[start : start + 2])
    assert len(encoder._waiting) <= 82  # what no window sees is not kept
    assert_same(encoder.embedding(), whole_window(len(running_mel)))


def test_reset_forgets_everything(encoder, running_mel):
    silence = encoder.embedding()
    encoder.push(running_mel)
    encoder.embedding()
    encoder.reset()
    assert_same(encoder.embedding(), silence)


def test_blocks_in_double_precision_are_taken(encoder, whole_window, running_mel):
    encoder.push(running_mel[:90].astype(np.float64))
    assert_same(encoder.embedding(), whole_window(90))


def test_the_arrays_handed_out_do_not_change_later(encoder, running_mel):
    encoder.push(running_mel[:100])
    e, tags = encoder.embedding()
    kept = e.copy(), tags.copy()
    encoder.push(running_mel[100:])
    encoder.embedding()
    assert_same((e, tags), kept)


def test_a_damaged_frame_is_forgotten_after_a_window(encoder, whole_window, running_mel):
    encoder.push(np.full((1, 96), np.nan, np.float32))
    for start in range(0, 162, 2):
        encoder.push(running_mel[start : start + 2])
        encoder.embedding()
    assert_same(encoder.embedding(), whole_window(162))


def test_161_frames_and_94_bins_reach_the_output(network):
    """And not one fewer: the last frame and the top bin that count do change it."""
    random = np.random.default_rng(0)
    window = np.abs(random.normal(0, 1.5, (1, 187, 96))).astype(np.float32)

    def changes(frames: slice, bins: slice) -> bool:
        other = window.copy()
        other[0, frames, bins] += 3
        with torch.inference_mode():
            (e, _), (changed, _) = (network(torch.from_numpy(w)) for w in (window, other))
        return not torch.equal(e, changed)

    everything = slice(None)
    assert not changes(slice(161, None), everything)
    assert not changes(everything, slice(94, None))
    assert changes(slice(160, 161), everything)
    assert changes(slice(0, 1), everything)
    assert changes(everything, slice(93, 94))


def test_memory_is_fixed(encoder: Encoder, running_mel: Array):
    def size() -> int:
        rings = [vars(memory) for memory in encoder._memories]
        return sum(
            ring._data.nbytes for its in rings for ring in its.values() if ring is not its["_shape"]
        )

    before = size()
    for _ in range(3):
        encoder.push(running_mel)
        encoder.embedding()
    assert size() == before < 40e6
