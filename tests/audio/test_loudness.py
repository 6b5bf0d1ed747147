"""The normaliser: same music, same level; silence untouched; any block size, the same samples."""

import av
import numpy as np
import pytest

from traumer_live.audio.loudness import LoudnessNormaliser, gated_mean, k_weight, lufs

RATE = 16_000


@pytest.fixture
def song(shared_audio):
    """An excerpt with real pauses, which a soft copy brings down to the gate."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with av.open(shared_audio / "chiptune_disco.opus") as container:
        frames = [f for decoded in container.decode(audio=0) for f in resampler.resample(decoded)]
    return np.concatenate([f.to_ndarray()[0] for f in frames])


def decibel(x):
    return 10 * np.log10(np.mean(np.square(x, dtype=np.float64)) + 1e-20)


def at_level(x, db):
    return (x * 10 ** (db / 20)).astype(np.float32)


def music(seconds, *, seed=1):
    """Noise in bursts of changing strength, with pauses: about -20 dBFS."""
    rng = np.random.default_rng(seed)
    n = int(seconds * RATE)
    strength = np.repeat(rng.choice([0.0, 0.02, 0.1, 0.2, 0.3], n // 4000 + 1), 4000)[:n]
    return (strength * rng.standard_normal(n)).astype(np.float32)


def windows(x):
    return x[3 * RATE :].reshape(-1, RATE // 2)


@pytest.mark.parametrize("softer", [-15, -30])
def test_a_soft_copy_comes_out_as_loud(softer):
    x = music(20)
    reference = LoudnessNormaliser(RATE).push(x)
    copy = LoudnessNormaliser(RATE).push(at_level(x, softer))
    for a, b in zip(windows(reference), windows(copy), strict=True):
        assert abs(decibel(a) - decibel(b)) < 0.5


@pytest.mark.parametrize("softer", [-15, -30])
def test_a_soft_copy_of_real_music_comes_out_as_loud(song, softer):
    x = song[: 20 * RATE]
    reference = LoudnessNormaliser(RATE).push(x)
    copy = LoudnessNormaliser(RATE).push(at_level(x, softer))
    for a, b in zip(windows(reference), windows(copy), strict=True):
        assert abs(decibel(a) - decibel(b)) < 0.5


def test_live_equals_offline():
    x = music(5)
    rng = np.random.default_rng(4)
    normaliser = LoudnessNormaliser(RATE)
    cuts = np.sort(rng.integers(0, len(x), 300))
    live = np.concatenate([normaliser.push(block) for block in np.split(x, cuts)])
    np.testing.assert_array_equal(live, LoudnessNormaliser(RATE).push(x))


def test_a_reset_starts_a_new_stream():
    x = music(2)
    normaliser = LoudnessNormaliser(RATE)
    first = normaliser.push(x)
    normaliser.reset()
    np.testing.assert_array_equal(normaliser.push(x), first)


def test_it_aims_at_the_level_of_mastered_music():
    tone = 0.01 * np.sin(2 * np.pi * 997 * np.arange(5 * RATE) / RATE)
    out = LoudnessNormaliser(RATE).push(tone.astype(np.float32))
    assert decibel(out[-RATE:]) == pytest.approx(
        -16.0, abs=0.1
    )  # K-weight and offset cancel at 1 kHz


def test_silence_stays_silence():
    assert not LoudnessNormaliser(RATE).push(np.zeros(RATE, np.float32)).any()


def test_a_quiet_room_with_mains_hum_is_not_pumped_up():
    t = np.arange(20 * RATE) / RATE
    hum = sum(np.sin(2 * np.pi * f * t) for f in (50, 100, 150))
    noise = np.random.default_rng(2).standard_normal(len(t))
    room = (0.003 * hum + 0.0003 * noise).astype(np.float32)  # -47 dBFS of hum, -70 of noise
    np.testing.assert_array_equal(LoudnessNormaliser(RATE).push(room), room)


def test_the_gain_stands_still_in_a_pause_and_knows_the_level_after_it():
    x = at_level(music(6), -20)
    pause = np.zeros(30 * RATE, np.float32)
    normaliser = LoudnessNormaliser(RATE)
    normaliser.push(x)
    before = normaliser.gain_db
    normaliser.push(pause)
    assert normaliser.gain_db == pytest.approx(before, abs=1.0)


def test_a_quiet_passage_stays_quieter():
    loud = at_level(np.random.default_rng(5).standard_normal(6 * RATE), -20)
    quiet = at_level(np.random.default_rng(6).standard_normal(3 * RATE), -40)
    out = LoudnessNormaliser(RATE).push(np.concatenate([loud, quiet]))
    assert decibel(out[5 * RATE : 6 * RATE]) - decibel(out[8 * RATE :]) > 12


def test_a_new_quieter_recording_is_brought_up_in_the_end():
    loud = at_level(np.random.default_rng(5).standard_normal(10 * RATE), -20)
    quiet = at_level(np.random.default_rng(6).standard_normal(20 * RATE), -50)
    out = LoudnessNormaliser(RATE).push(np.concatenate([loud, quiet]))
    assert decibel(out[-RATE:]) == pytest.approx(decibel(out[9 * RATE : 10 * RATE]), abs=0.5)


def test_loudness_is_that_of_the_standard():
    sine = 0.5 * 1.0**2  # power of a full-scale sine
    weight = float(k_weight(np.array([997.0]))[0])
    assert lufs(sine * weight) == pytest.approx(-3.01, abs=0.02)
    assert k_weight(np.array([0.0]))[0] == pytest.approx(0.0, abs=1e-9)


def test_pauses_do_not_count():
    assert gated_mean(np.array([1.0, 1.0, 0.0, 0.05])) == 1.0
