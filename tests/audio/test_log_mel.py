"""The log-mel: right numbers, and the same numbers however the sound arrives."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from traumer_live.audio.log_mel import LogMel, complete_frames, log_mel_offline, mel_filters
from traumer_live.core.types import MelSpec

MUSICNN = MelSpec(n_mels=96)
ORIGIN = MelSpec(n_mels=128, mel_scale="htk", area_normalised=False, compression="decibel")
GOLDEN = Path(__file__).parents[1] / "golden" / "log_mel.safetensors"


@pytest.fixture(scope="module")
def golden():
    return load_file(GOLDEN)


@pytest.mark.parametrize(("spec", "name"), [(MUSICNN, "slaney"), (ORIGIN, "htk")])
def test_filters_are_those_of_librosa(golden, spec, name):
    probed = mel_filters(spec) @ golden["probe"]
    np.testing.assert_allclose(probed, golden[f"{name}_filters_probed"], rtol=1e-5)


@pytest.mark.parametrize(("spec", "name"), [(MUSICNN, "slaney_log_mel"), (ORIGIN, "htk_decibel")])
def test_log_mel_is_that_of_librosa(golden, spec, name):
    np.testing.assert_allclose(log_mel_offline(golden["sound"], spec), golden[name], atol=1e-4)


@pytest.mark.parametrize("spec", [MUSICNN, ORIGIN], ids=["musicnn", "origin"])
@pytest.mark.parametrize("largest_block", [3, 300, 5000])
def test_live_equals_offline(spec, largest_block):
    rng = np.random.default_rng(largest_block)
    x = rng.normal(0, 0.1, 20_000).astype(np.float32)
    mel = LogMel(spec)
    live = np.concatenate([mel.push(b) for b in random_blocks(x, rng, largest=largest_block)])
    np.testing.assert_allclose(live, log_mel_offline(x, spec), rtol=1e-6, atol=1e-6)


def test_a_reset_starts_a_new_stream():
    x = np.random.default_rng(3).normal(0, 0.1, 3000).astype(np.float32)
    mel = LogMel(MUSICNN)
    first = mel.push(x)
    mel.reset()
    np.testing.assert_array_equal(mel.push(x), first)


def test_silence_is_the_floor_of_each_convention():
    silence = np.zeros(1600, np.float32)
    assert np.all(log_mel_offline(silence, MUSICNN) == 0.0)
    np.testing.assert_allclose(log_mel_offline(silence, ORIGIN), -100.0, rtol=1e-6)


def test_a_frame_covers_its_own_samples_only():
    x = np.zeros(2048, np.float32)
    x[1024] = 1.0  # frame 2 ends before it, frame 3 has it in its middle, frame 4 begins with it
    heard = log_mel_offline(x, MUSICNN).max(axis=1) > 0
    np.testing.assert_array_equal(np.flatnonzero(heard), [3])


@pytest.mark.parametrize(("n_samples", "frames"), [(0, 0), (511, 0), (512, 1), (767, 1), (768, 2)])
def test_too_little_sound_gives_no_frame(n_samples, frames):
    assert complete_frames(n_samples, MUSICNN) == frames
    assert log_mel_offline(np.zeros(n_samples, np.float32), MUSICNN).shape == (frames, 96)


def test_what_waits_is_always_shorter_than_a_frame():
    mel = LogMel(MUSICNN)
    for n in [1, 511, 100, 5000, 0, 16_000]:
        mel.push(np.zeros(n, np.float32))
        assert len(mel._pending) < MUSICNN.n_fft


def random_blocks(x, rng, *, largest):
    at = 0
    while at < len(x):
        n = int(rng.integers(1, largest + 1))
        yield x[at : at + n]
        at += n
