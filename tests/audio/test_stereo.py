"""Any number of channels becomes two."""

from __future__ import annotations

import numpy as np

from traumer_live.audio.stereo import surround_to_stereo, to_stereo


def test_mono_is_doubled_and_stereo_kept() -> None:
    mono = np.array([[0.5], [-0.25]], np.float32)
    np.testing.assert_array_equal(to_stereo(mono), [[0.5, 0.5], [-0.25, -0.25]])
    stereo = np.ones((3, 2), np.float32)
    assert to_stereo(stereo) is stereo


def test_pairs_of_a_line_interface_stay_left_and_right() -> None:
    block = np.zeros((1, 8), np.float32)
    block[0, 2] = 0.8  # the third input: a left one
    left, right = to_stereo(block)[0]
    assert left == np.float32(0.4)
    assert right == 0
    assert to_stereo(np.ones((4, 18), np.float32)).max() == 1


def test_the_centre_of_a_film_is_heard_on_both_sides() -> None:
    block = np.zeros((1, 6), np.float32)
    block[0, 2] = 0.5
    left, right = surround_to_stereo(block)[0]
    assert left == right > 0.3
    block[:] = 0
    block[0, 3] = 1.0
    assert not surround_to_stereo(block).any()
