"""Attributes of music and pictures mean what they are called."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from traumer_live.core.types import SAMPLES_PER_TICK, SHOW_RATE, Pulse
from traumer_live.labelling.music_attributes import (
    CHROMA_N_FFT,
    chroma,
    measure_music,
    onset_density,
    spectrogram,
)
from traumer_live.labelling.picture_attributes import PICTURE_ATTRIBUTES, measure_picture

TIME = np.arange(4 * SHOW_RATE) / SHOW_RATE
C, D, E_FLAT, E, F, G = 261.63, 293.66, 311.13, 329.63, 349.23, 392.0


def tones(*hz, level=0.1):
    return (level * sum(np.sin(2 * np.pi * f * TIME) for f in hz)).astype(np.float32)


def clicks(per_second=4):
    sound = np.zeros_like(TIME, np.float32)
    sound[:: SHOW_RATE // per_second] = 0.9
    return sound


def measure(sound, pulses=()):
    return measure_music(sound, pulses)


def test_major_and_minor_chords_lie_on_either_side():
    assert measure(tones(C, E, G)).mode > 0.03
    assert measure(tones(C, E_FLAT, G)).mode < -0.03


def test_a_major_scale_is_major_and_its_low_notes_are_told_apart():
    scale = tones(C, D, E, F, G, 440.0, 493.88, level=0.03)
    assert measure(scale + tones(C, E, G, level=0.06)).mode > 0.05
    classes = chroma(spectrogram(scale, CHROMA_N_FFT))
    assert classes[[1, 3, 6, 8, 10]].max() < 0.02 < 0.05 < classes[[0, 2, 4, 5, 7, 9, 11]].min()


def test_higher_is_brighter_by_octaves():
    low, high = measure(tones(500)), measure(tones(2000))
    assert high.brightness - low.brightness == pytest.approx(2, abs=0.2)


def test_ten_decibels_are_ten_lufs():
    soft, loud = measure(tones(1000, level=0.05)), measure(tones(1000, level=0.158))
    assert loud.loudness - soft.loudness == pytest.approx(10, abs=0.1)
    assert loud.loudness_range < 1


def test_clicks_are_percussive_and_chords_are_not():
    assert measure(clicks()).percussiveness > 0.9
    assert measure(tones(C, E, G)).percussiveness < 0.1


def test_silence_can_be_measured():
    silence = measure(np.zeros_like(TIME, np.float32))
    assert silence.loudness < -70
    assert all(np.isfinite(list(vars(silence).values())))


def test_attacks_are_counted():
    pulses = [
        Pulse(sample_index=k * SAMPLES_PER_TICK, onset=1.0 if k % 10 == 5 else 0.0)
        for k in range(61)
    ]
    assert onset_density(pulses) == pytest.approx(3.0, abs=0.1)
    assert onset_density([replace(p, onset=0.0) for p in pulses]) == 0


def picture(rgb):
    pixels = np.full((128, 128, 4), 255, np.uint8)
    pixels[..., :3] = rgb
    return pixels


def look(pixels):
    return dict(zip(PICTURE_ATTRIBUTES, measure_picture(pixels), strict=True))


def test_colours_lie_where_oklab_puts_them():
    white, red = look(picture((255, 255, 255))), look(picture((255, 0, 0)))
    assert white["lightness"] == pytest.approx(1, abs=1e-3)
    assert white["saturation"] == pytest.approx(0, abs=1e-3)
    assert red["redness"] == pytest.approx(0.2249, abs=1e-3)  # Ottosson's own value
    assert (
        look(picture((0, 0, 255)))["yellowness"]
        < -0.2
        < 0.1
        < look(picture((255, 255, 0)))["yellowness"]
    )


def test_a_checkerboard_has_edges_contrast_and_bits():
    board = picture((0, 0, 0))
    board[..., :3] = 255 * ((np.indices((128, 128)) // 16).sum(0) % 2)[..., None]
    plain, checked = look(picture((90, 90, 90))), look(board)
    for name in ("edges", "contrast", "complexity"):
        assert checked[name] > plain[name] + 0.05


def test_a_mirrored_picture_is_symmetric():
    rng = np.random.default_rng(1)
    noise = picture(rng.integers(0, 255, (128, 128, 3)))
    mirrored = np.concatenate([noise[:, :64], noise[:, :64][:, ::-1]], axis=1)
    assert look(mirrored)["symmetry"] == pytest.approx(1, abs=1e-6)
    assert look(noise)["symmetry"] < 0.2
