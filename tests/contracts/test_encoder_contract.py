"""What every encoder promises, run on each tagger with each backend."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.embedding.random_taggers import NETWORKS, decibel_mel, write_msd_vgg, write_tagger
from traumer_live.core.paths import data_file
from traumer_live.core.types import Array
from traumer_live.embedding import Encoder, load_encoder
from traumer_live.embedding.encoder import DEFAULT_WEIGHTS

SHIPPED, SISTER = "mtt_vgg", "msd_vgg"
TAGGERS = (SHIPPED, SISTER, *NETWORKS)
BACKENDS = ("onnx", "numpy", "torch")
GRID = 8  # frames: ShortChunk answers anew that often, all others at every frame
NARROW = 8  # times fewer channels than the benchmark's; tests/embedding has the real ones
ALIKE = 1e-4  # of embeddings and tags between backends


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("taggers")
    made = {
        name: write_tagger(name, folder / f"{name}.safetensors", narrow=NARROW) for name in NETWORKS
    }
    sister = write_msd_vgg(folder / "msd.safetensors")
    return {SHIPPED: data_file(DEFAULT_WEIGHTS), SISTER: sister, **made}


@pytest.fixture(scope="module", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    if request.param == "torch":
        pytest.importorskip("torch").set_num_threads(1)
    return request.param


@pytest.fixture(scope="module", params=TAGGERS)
def tagger(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def loaded(backend: str, tagger: str, files: dict[str, Path]) -> Encoder:
    return load_encoder(files[tagger], backend)


@pytest.fixture
def encoder(loaded: Encoder) -> Encoder:
    """Fresh: that ``reset`` makes it so is a promise of its own."""
    loaded.reset()
    return loaded


def running(encoder: Encoder, frames: int, seed: int = 0) -> Array:
    """A mel of the range that its compression gives."""
    mel = decibel_mel(frames, encoder.mel_spec.n_mels, seed)
    return mel if encoder.mel_spec.compression == "decibel" else np.abs(mel) / 40


def window_frames(encoder: Encoder) -> int:
    """The frames that an embedding can have heard, by what it says of its delay."""
    return round(2 * encoder.delay_s * encoder.mel_spec.frame_rate)


def answer(encoder: Encoder) -> Array:
    return np.concatenate(encoder.embedding())


def test_it_answers_in_the_sizes_that_it_tells(encoder: Encoder) -> None:
    encoder.push(running(encoder, 40))
    e, tags = encoder.embedding()
    assert e.shape == (encoder.e_dim,)
    assert tags.shape == (len(encoder.tag_names),)
    assert (e.dtype, tags.dtype) == (np.float32, np.float32)
    assert np.isfinite(e).all()
    assert tags.min() >= 0
    assert tags.max() <= 1
    assert len(set(encoder.tag_names)) == len(encoder.tag_names)
    assert encoder.delay_s > 0
    assert encoder.mel_spec.n_mels > 0


def test_it_can_be_asked_before_anything_was_heard_and_again(encoder: Encoder) -> None:
    silence = answer(encoder)
    np.testing.assert_array_equal(answer(encoder), silence)
    encoder.push(running(encoder, 12 * GRID))
    heard = answer(encoder)
    np.testing.assert_array_equal(answer(encoder), heard)
    assert np.abs(heard - silence).max() > 1e-5


def test_reset_is_back_to_silence(encoder: Encoder, backend: str, tagger: str, files) -> None:  # type: ignore[no-untyped-def]
    encoder.push(running(encoder, 5 * GRID))
    answer(encoder)
    encoder.reset()
    new = load_encoder(files[tagger], backend)
    np.testing.assert_array_equal(answer(encoder), answer(new))
    for each in (encoder, new):
        each.push(running(encoder, 3 * GRID, seed=1))
    np.testing.assert_array_equal(answer(encoder), answer(new))


def test_block_sizes_do_not_matter(encoder: Encoder) -> None:
    mel = running(encoder, 6 * GRID)
    encoder.push(mel)
    whole = answer(encoder)
    encoder.reset()
    for start in range(0, len(mel), 5):
        encoder.push(mel[start : start + 5])
        answer(encoder)  # to be asked in between changes nothing
    np.testing.assert_allclose(answer(encoder), whole, atol=ALIKE)


def test_no_frames_and_double_precision_are_taken(encoder: Encoder) -> None:
    mel = running(encoder, 4 * GRID)
    encoder.push(mel)
    expected = answer(encoder)
    encoder.reset()
    encoder.push(mel[:0])
    encoder.push(mel.astype(np.float64))
    encoder.push(mel[:0])
    np.testing.assert_allclose(answer(encoder), expected, atol=1e-6)


def test_what_it_is_given_and_gives_stays_as_it_is(encoder: Encoder) -> None:
    mel = running(encoder, 4 * GRID)
    kept_mel = mel.copy()
    encoder.push(mel)
    given = encoder.embedding()
    kept = [array.copy() for array in given]
    np.testing.assert_array_equal(mel, kept_mel)
    mel[:] = 0  # the caller's buffer is the caller's
    np.testing.assert_array_equal(answer(encoder), np.concatenate(kept))
    encoder.push(running(encoder, 4 * GRID, seed=2))
    encoder.embedding()
    np.testing.assert_array_equal(np.concatenate(given), np.concatenate(kept))


def test_what_lies_before_the_window_is_forgotten(encoder: Encoder) -> None:
    """Twice the delay that it tells is all that an embedding knows."""
    window = -(-window_frames(encoder) // GRID) * GRID
    mel = running(encoder, window + GRID)
    encoder.push(mel)
    expected = answer(encoder)
    encoder.reset()
    other = mel.copy()
    other[:GRID] += 20
    encoder.push(other)
    np.testing.assert_allclose(answer(encoder), expected, atol=1e-5)


def test_the_newest_frame_of_a_window_is_heard(encoder: Encoder) -> None:
    """And not some column of the past: the stated delay would be a lie."""
    mel = running(encoder, 6 * GRID)
    encoder.push(mel)
    expected = answer(encoder)
    encoder.reset()
    mel[-1] += 30
    encoder.push(mel)
    assert np.abs(answer(encoder) - expected).max() > 1e-6


@pytest.mark.parametrize("name", TAGGERS)
def test_backends_agree(name: str, files: dict[str, Path]) -> None:
    pytest.importorskip("torch")
    twin, *others = (load_encoder(files[name], backend) for backend in reversed(BACKENDS))
    for frames in (2 * GRID, 9 * GRID):
        mel = running(twin, frames, seed=3)
        for encoder in (twin, *others):
            encoder.push(mel)
        for encoder in others:
            np.testing.assert_allclose(answer(encoder), answer(twin), atol=ALIKE, rtol=1e-4)
    for encoder in others:
        assert encoder.e_dim == twin.e_dim
        assert encoder.tag_names == twin.tag_names
        assert encoder.mel_spec == twin.mel_spec
