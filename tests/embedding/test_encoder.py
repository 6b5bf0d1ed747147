"""The encoder as the engine gets it: every backend, the original's answers, real music."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from traumer_live.audio.files import open_sound
from traumer_live.audio.log_mel import log_mel_offline
from traumer_live.audio.resample import Resampler
from traumer_live.core.paths import cache_dir, data_file
from traumer_live.core.types import ENCODER_RATE, SHOW_RATE, Array
from traumer_live.embedding import Encoder, load_encoder
from traumer_live.embedding.checkpoint import load_weights
from traumer_live.embedding.onnx_steps import OnnxSteps

GOLDEN = Path(__file__).parent.parent / "golden" / "mtt_vgg.safetensors"
BACKENDS = ("onnx", "numpy", "torch")


@pytest.fixture(params=BACKENDS)
def encoder(request: pytest.FixtureRequest) -> Encoder:
    if request.param == "torch":
        pytest.importorskip("torch")
    return load_encoder(backend=request.param)


@pytest.fixture(scope="module")
def golden() -> dict[str, np.ndarray]:
    with safe_open(GOLDEN, framework="numpy") as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


def test_it_says_what_it_wants_and_gives(encoder):
    assert encoder.e_dim == 256
    assert len(encoder.tag_names) == 50
    assert encoder.mel_spec.n_mels == 96
    assert encoder.delay_s == pytest.approx(161 * 256 / 16_000 / 2)
    e, tags = encoder.embedding()
    assert e.shape == (256,)
    assert e.dtype == np.float32
    assert tags.shape == (50,)
    assert tags.dtype == np.float32


def test_embeddings_and_tags_of_the_original(encoder, golden):
    """Within 1e-4 of what the original TensorFlow graph answers on the same mel."""
    for mel, e, tags in zip(golden["mel"], golden["e"], golden["tags"], strict=True):
        encoder.push(mel[:161].astype(np.float32))
        found_e, found_tags = encoder.embedding()
        np.testing.assert_allclose(found_e, e, atol=1e-4, rtol=0)
        np.testing.assert_allclose(found_tags, tags, atol=1e-4, rtol=0)


def test_torch_follows_a_stream_and_forgets(running_mel):
    pytest.importorskip("torch")
    plain, fast = load_encoder(backend="torch"), load_encoder(backend="numpy")
    for encoder in (plain, fast):
        encoder.push(running_mel[:33])
        encoder.reset()
        for start in range(0, 90, 9):
            encoder.push(running_mel[start : start + 9])
    np.testing.assert_allclose(plain.embedding()[0], fast.embedding()[0], atol=1e-4)


def mono_at_16_khz(path: Path) -> Array:
    stereo = np.concatenate(list(open_sound(path).blocks()))
    resampler = Resampler(SHOW_RATE, ENCODER_RATE, 1)
    mono = stereo.mean(axis=1, keepdims=True)
    return np.concatenate([resampler.push(mono), resampler.flush()])[:, 0]


def mean_tags(encoder: Encoder, path: Path) -> Array:
    """Over a window every 31 frames, as the goldens were made, but with our own sound path."""
    mel = log_mel_offline(mono_at_16_khz(path), encoder.mel_spec)
    encoder.push(mel[:161])
    answers = [encoder.embedding()[1]]
    for start in range(161, len(mel) - 57, 31):
        encoder.push(mel[start : start + 31])
        answers.append(encoder.embedding()[1])
    return np.mean(answers, axis=0)


def test_tags_of_real_music_are_the_original_s(shared_audio: Path, golden):
    """From the file to the tags with nothing but our own parts; the original used librosa."""
    with safe_open(GOLDEN, framework="numpy") as file:
        pieces = json.loads(file.metadata()["pieces"])
    encoder = load_encoder()
    for piece, expected in list(zip(pieces, golden["mean_tags"], strict=True))[:2]:
        found = mean_tags(encoder, shared_audio / f"{piece}.opus")
        np.testing.assert_allclose(found, expected, atol=0.03, err_msg=piece)


def test_the_original_hears_techno_and_violins(golden):
    """The goldens themselves read as music does."""
    with safe_open(GOLDEN, framework="numpy") as file:
        pieces = json.loads(file.metadata()["pieces"])
    names = load_encoder(backend="numpy").tag_names

    def strength(piece: str, tag: str) -> float:
        return golden["mean_tags"][pieces.index(piece), names.index(tag)]

    assert strength("chiptune_disco", "techno") == pytest.approx(0.95, abs=0.05)
    assert strength("folk_minstrels", "classical") == pytest.approx(0.61, abs=0.05)
    assert strength("oriental", "guitar") == pytest.approx(0.52, abs=0.05)
    assert strength("tropical", "drums") == pytest.approx(0.43, abs=0.05)


def test_the_kept_graphs_are_used_and_a_damaged_one_is_made_again(tmp_path, monkeypatch):
    monkeypatch.setattr("traumer_live.core.graph_store.cache_dir", lambda: tmp_path)
    weights = load_weights(data_file("models/mtt_vgg.safetensors"))
    OnnxSteps(weights)
    kept = sorted((tmp_path / "graphs").glob("*.onnx"))
    assert len(kept) == 2
    whole = kept[0].read_bytes()
    kept[0].write_bytes(whole[: len(whole) // 2])
    OnnxSteps(weights)
    assert kept[0].read_bytes() == whole


def test_no_cache_is_no_obstacle(tmp_path, monkeypatch):
    (tmp_path / "graphs").write_text("a file where the folder should be")
    monkeypatch.setattr("traumer_live.core.graph_store.cache_dir", lambda: tmp_path)
    OnnxSteps(load_weights(data_file("models/mtt_vgg.safetensors")))


def test_the_graphs_of_the_tests_are_kept_apart_from_the_user_s():
    assert not cache_dir().is_relative_to(Path.home() / ".cache")


def test_importing_brings_no_heavy_library_and_running_brings_no_torch():
    program = """
import sys
import numpy as np
from traumer_live.embedding import load_encoder
assert not {"torch", "onnxruntime", "onnx"} & sys.modules.keys()
encoder = load_encoder()
encoder.push(np.ones((3, 96), np.float32))
encoder.embedding()
assert "onnxruntime" in sys.modules
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
