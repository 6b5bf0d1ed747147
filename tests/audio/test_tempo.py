"""Tempo and beat on tracks whose beat is known, and their absence where there is none."""

from itertools import pairwise

import numpy as np
import pytest

from tests.audio.rhythms import RATE, beat_times, rhythm
from traumer_live.audio.pulse import PulseTracker
from traumer_live.core.types import SAMPLES_PER_TICK

SECONDS, SETTLED_S = 14, 8
TEMPI = [70, 85, 100, 120, 128, 140, 155, 170, 180]


def ticks(sound, *, tracker=None):
    """The pulse at every tick, as the show hears it."""
    tracker = tracker or PulseTracker()
    pulses = []
    for end in range(SAMPLES_PER_TICK, len(sound) + 1, SAMPLES_PER_TICK):
        tracker.push(sound[end - SAMPLES_PER_TICK : end])
        pulses.append(tracker.at(end))
    return pulses


def settled(pulses):
    return [p for p in pulses if p.sample_index > SETTLED_S * RATE]


def announced_beats(pulses):
    """Moments at which the phase wraps, in seconds."""
    beats = []
    for before, after in pairwise(pulses):
        if after.beat_phase < before.beat_phase - 0.3:
            missing = 1 - before.beat_phase
            share = missing / (missing + after.beat_phase)
            span = after.sample_index - before.sample_index
            beats.append((before.sample_index + share * span) / RATE)
    return np.array(beats)


@pytest.mark.parametrize("kind", ["click", "tick", "by hand", "kick and hat"])
@pytest.mark.parametrize("tempo", TEMPI)
def test_tempo_and_beat_of_a_known_rhythm(kind, tempo):
    heard = settled(ticks(rhythm(kind, tempo, SECONDS)))
    tempi = np.array([p.tempo for p in heard])
    np.testing.assert_allclose(tempi, tempo, rtol=0.02)
    assert min(p.confidence for p in heard) > 0.6
    announced = announced_beats(heard)
    late = [np.min(np.abs(beat_times(tempo, SECONDS + 1) - beat)) for beat in announced]
    assert len(announced) >= (SECONDS - SETTLED_S - 1) * tempo / 60
    assert max(late) < 0.040


def test_the_level_does_not_matter():
    soft = rhythm("kick and hat", 120, SECONDS) * np.float32(10 ** (-30 / 20))
    last = settled(ticks(soft))[-1]
    assert last.tempo == pytest.approx(120, rel=0.01)
    assert last.confidence > 0.6


def test_a_new_tempo_is_found():
    sound = np.concatenate([rhythm("click", 128, 12), rhythm("click", 100, 12)])
    assert ticks(sound)[-1].tempo == pytest.approx(100, rel=0.02)


def test_noise_has_no_tempo():
    noise = np.random.default_rng(4).normal(0, 0.1, SECONDS * RATE).astype(np.float32)
    assert max(p.confidence for p in ticks(noise)) < 0.1


@pytest.mark.parametrize("chord_hz", [(110,), (50, 100, 150), (220, 277.2, 329.6)])
def test_a_drone_has_no_tempo(chord_hz):
    t = np.arange(SECONDS * RATE) / RATE
    drone = sum(0.15 * np.sin(2 * np.pi * hz * t) for hz in chord_hz).astype(np.float32)
    assert max(p.confidence for p in settled(ticks(drone))) < 0.15


def test_confidence_goes_when_the_music_stops():
    sound = np.concatenate([rhythm("click", 120, 10), np.zeros(10 * RATE, np.float32)])
    assert ticks(sound)[-1].confidence < 0.05


def test_the_beat_never_steps_back():
    heard = [p for p in ticks(rhythm("by hand", 140, SECONDS)) if p.tempo > 0]
    phases = np.array([p.beat_phase for p in heard])
    steps = np.diff(phases) % 1.0
    assert steps.max() < 0.25  # a step back would read as almost a whole beat forward


def test_taps_choose_the_octave():
    tracker = PulseTracker()
    for beat in beat_times(70, 5):
        tracker.tap(int(beat * RATE))
    sound = rhythm("click", 140, SECONDS)
    assert settled(ticks(sound, tracker=tracker))[-1].tempo == pytest.approx(70, rel=0.02)


def tapped(sound, taps_s):
    """The pulse at every tick; taps come when they happen."""
    tracker, pulses, waiting = PulseTracker(), [], list(taps_s)
    for end in range(SAMPLES_PER_TICK, len(sound) + 1, SAMPLES_PER_TICK):
        while waiting and waiting[0] * RATE <= end:
            tracker.tap(int(waiting.pop(0) * RATE))
        tracker.push(sound[end - SAMPLES_PER_TICK : end])
        pulses.append(tracker.at(end))
    return pulses


def distances(pulses, beats, since_s):
    """How far every announced beat after ``since_s`` is from the nearest of ``beats``, in s."""
    announced = [beat for beat in announced_beats(pulses) if beat > since_s]
    assert len(announced) > 3
    return [np.min(np.abs(beats - beat)) for beat in announced]


@pytest.mark.parametrize("jitter_s", [0.0, 0.03])
def test_taps_on_the_off_beat_move_the_beat_there(jitter_s):
    """Kick on one, hat between: who taps the hats hears the beat on them."""
    seconds, tempo = 20, 110
    sound = rhythm("kick and hat", tempo, seconds)
    off_beats = beat_times(tempo, seconds + 1) + 30 / tempo
    untouched = announced_beats(tapped(sound, []))
    assert np.min(np.abs(off_beats[:, None] - untouched[-4:]), axis=0).min() > 0.2
    taps = [off_beats[k] + jitter_s * (-1) ** k for k in (14, 15)]
    late = distances(tapped(sound, taps), off_beats, taps[-1] + 0.1)
    assert max(late) < 0.04 + jitter_s
    assert late[-1] < 0.04  # the attacks nearby pulled it right


def test_one_tap_alone_says_nothing():
    sound = rhythm("kick and hat", 110, 16)
    beats = beat_times(110, 17)
    late = distances(tapped(sound, [10 + 0.2]), beats, SETTLED_S)
    assert max(late) < 0.04


def test_taps_before_the_tempo_is_known_count_from_the_first():
    """Every second click is tapped: tempo and beat are the tapped ones."""
    beats = beat_times(70, 20)
    sound = rhythm("click", 140, 20)
    for first in (0, 1):  # either half of the clicks can be the beat
        wanted = beats + first * 60 / 140
        pulses = tapped(sound, wanted[:5])
        assert settled(pulses)[-1].tempo == pytest.approx(70, rel=0.02)
        assert max(distances(pulses, np.append(wanted, wanted[-1] + 60 / 70), 10)) < 0.04


def test_old_taps_do_not_hold_another_piece():
    """A pause and a new piece: the beat is found in the music again."""
    first = rhythm("kick and hat", 110, 14)
    second = rhythm("kick and hat", 112, 16)
    sound = np.concatenate([first, np.zeros(9 * RATE, np.float32), second])
    off_beats = beat_times(110, 14) + 30 / 110
    pulses = tapped(sound, off_beats[12:14])
    beats = beat_times(112, 17) + 23
    assert max(distances(pulses, beats, 23 + SETTLED_S)) < 0.04
