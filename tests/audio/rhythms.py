"""Synthetic clicks, kicks and hats on a known beat, for the tests of pulse and tempo."""

import numpy as np

RATE = 48_000
FIRST_BEAT_S = 0.37


def beat_times(tempo, seconds):
    return np.arange(FIRST_BEAT_S, seconds, 60 / tempo)


def decaying(wave, time_s):
    return wave * np.exp(-np.arange(len(wave)) / (time_s * RATE))


def click():
    return decaying(0.5 * np.random.default_rng(1).standard_normal(1500), 0.006)


def tick():
    return decaying(0.8 * np.sin(2 * np.pi * 1000 * np.arange(1500) / RATE), 0.008)


def kick():
    t = np.arange(9600) / RATE
    return decaying(0.8 * np.sin(2 * np.pi * (50 * t + 3 * (1 - np.exp(-t / 0.02)))), 0.08)


def hat():
    return decaying(0.15 * np.random.default_rng(2).standard_normal(3000), 0.015)


def played(sound, times, seconds):
    """One sound at each of the times, in seconds."""
    track = np.zeros(int(seconds * RATE) + len(sound))
    for start in np.rint(np.asarray(times) * RATE).astype(int):
        track[start : start + len(sound)] += sound
    return track[: int(seconds * RATE)].astype(np.float32)


def humanised(times, *, jitter_s=0.012):
    return times + np.random.default_rng(3).normal(0, jitter_s, len(times))


def rhythm(kind, tempo, seconds):
    """A track of one kind on the beat: click, tick, played by hand, or kick with hats between."""
    beats = beat_times(tempo, seconds)
    if kind == "kick and hat":
        halves = beat_times(2 * tempo, seconds)
        return played(kick(), beats, seconds) + played(hat(), halves, seconds)
    if kind == "by hand":
        return played(click(), humanised(beats), seconds)
    return played(click() if kind == "click" else tick(), beats, seconds)
