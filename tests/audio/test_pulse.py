"""The pulse: strengths that use their range, exact for any block size, calm in silence."""

from dataclasses import astuple

import av
import numpy as np
import pytest

from tests.audio.rhythms import RATE, kick, played, rhythm
from traumer_live.audio.pulse import PulseTracker
from traumer_live.core.types import SAMPLES_PER_TICK, Pulse

STRENGTHS = ["loudness", "onset", "bass", "mid", "treble"]
EXCERPTS = ["chiptune_disco", "rock", "strings_slow", "tropical"]


def noise(seconds, rms, *, seed=1):
    samples = np.random.default_rng(seed).standard_normal(int(seconds * RATE))
    return (rms * samples).astype(np.float32)


def sine(hz, seconds, *, amplitude=0.3):
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(seconds * RATE) / RATE)).astype(
        np.float32
    )


def every_hop(sound):
    tracker = PulseTracker()
    tracker.push(sound)
    return [tracker.at(i) for i in range(tracker.hop, len(sound) + 1, tracker.hop)]


def values(pulses, name):
    return np.array([getattr(p, name) for p in pulses])


@pytest.mark.parametrize("largest", [100, 1600, 20_000])
def test_any_block_size_gives_the_same_pulses(largest):
    sound = rhythm("kick and hat", 120, 5) + noise(5, 0.01)
    tracker, rng, at = PulseTracker(), np.random.default_rng(largest), 0
    while at < len(sound):
        n = int(rng.integers(1, largest + 1))
        tracker.push(sound[at : at + n])
        at += n
    for index, whole in enumerate(every_hop(sound), start=1):
        assert tracker.at(index * tracker.hop) == whole


def test_a_reset_starts_a_new_stream():
    sound = rhythm("kick and hat", 120, 4)
    tracker = PulseTracker()
    tracker.push(sound)
    first = tracker.at(len(sound))
    tracker.reset()
    assert tracker.at(len(sound)) == Pulse()
    tracker.push(sound)
    assert tracker.at(len(sound)) == first


def test_a_pulse_knows_nothing_after_the_index_asked_for():
    tracker = PulseTracker()
    tracker.push(noise(1, 0.1))
    assert tracker.at(479) == Pulse()
    assert tracker.at(480).sample_index == 480
    assert tracker.at(1600).sample_index == 1440
    assert tracker.at(10 * RATE).sample_index == RATE


def test_an_index_long_gone_gets_the_oldest_pulse_kept():
    tracker = PulseTracker()
    tracker.push(noise(12, 0.1))
    assert tracker.at(RATE).sample_index == pytest.approx(2 * RATE, abs=tracker.hop)


def test_silence_and_a_quiet_room_stay_dark():
    for sound in [np.zeros(3 * RATE, np.float32), noise(3, 10 ** (-70 / 20))]:
        for name in STRENGTHS:
            assert values(every_hop(sound), name).max() < 0.05


def test_loud_noise_does_not_flash():
    heard = every_hop(noise(10, 0.1))[300:]
    assert values(heard, "onset").mean() < 0.1


def test_an_attack_flares_within_a_tick_and_fades_within_150_ms():
    start = 2 * RATE
    onset = values(every_hop(noise(4, 0.003) + played(kick(), [start / RATE], 4)), "onset")
    hop = start // 480
    assert onset[hop - 20 : hop].max() < 0.3
    assert onset[hop : hop + 4].max() > 0.7
    assert onset[hop + 20] < 0.1


@pytest.mark.parametrize(("hz", "name"), [(60, "bass"), (500, "mid"), (5000, "treble")])
def test_each_band_answers_to_its_own_tone(hz, name):
    last = every_hop(sine(hz, 3))[-1]
    loudest = max(["bass", "mid", "treble"], key=lambda band: getattr(last, band))
    assert loudest == name
    assert getattr(last, name) > 0.9


def test_a_soft_copy_breathes_alike():
    sound = rhythm("kick and hat", 120, 6) + noise(6, 0.02)
    loud = every_hop(sound)[300:]
    soft = every_hop(sound * np.float32(10 ** (-20 / 20)))[300:]
    for name in STRENGTHS:
        difference = np.abs(values(loud, name) - values(soft, name))
        assert difference.max() < 0.2
        assert difference.mean() < 0.01


def test_the_meter_reads_rms_and_peak():
    last = every_hop(sine(1000, 2, amplitude=0.5))[-1]
    assert last.level_dbfs == pytest.approx(-9.03, abs=0.05)
    assert last.peak_dbfs == pytest.approx(-6.02, abs=0.05)
    assert every_hop(np.zeros(4800, np.float32))[-1].peak_dbfs == -120.0


@pytest.mark.parametrize("name", EXCERPTS)
def test_real_music_breathes(shared_audio, name):
    sound = decoded(shared_audio / f"{name}.opus")[: 15 * RATE]
    tracker, heard = PulseTracker(), []
    for end in range(SAMPLES_PER_TICK, len(sound) + 1, SAMPLES_PER_TICK):
        tracker.push(sound[end - SAMPLES_PER_TICK : end])
        heard.append(tracker.at(end))
    assert np.isfinite([astuple(p) for p in heard]).all()
    for strength in STRENGTHS:
        strengths = values(heard[150:], strength)
        assert strengths.min() >= 0.0
        assert strengths.max() <= 1.0
        assert np.ptp(strengths) > 0.25
        assert strengths.std() > 0.04


@pytest.mark.parametrize(
    ("name", "tempo"), [("chiptune_disco", 136.3), ("oriental", 160), ("tropical", 105)]
)
def test_tempo_of_real_music(shared_audio, name, tempo):
    tracker = PulseTracker()
    sound = decoded(shared_audio / f"{name}.opus")[: 12 * RATE]
    tracker.push(sound)
    assert tracker.at(len(sound)).tempo == pytest.approx(tempo, rel=0.01)


def decoded(path):
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with av.open(path) as container:
        frames = [f for found in container.decode(audio=0) for f in resampler.resample(found)]
    return np.concatenate([f.to_ndarray()[0] for f in frames])
