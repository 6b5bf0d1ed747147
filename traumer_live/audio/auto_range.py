"""Levels in decibels become strengths from 0 to 1 that use the whole range and breathe.

In: one level per channel and hop.  Out: one strength per channel, 0..1.  Thread: ears.

Each channel remembers its own loudest and softest recent moments: both follow a new extreme fast
and forget it over many seconds. A strength is the place of the level between the two. The distance
is kept within limits, so that a drone's tiny motion is not blown up to full scale.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Double = NDArray[np.float64]

FIND_S = 0.05  # a new extreme is taken over this fast
FORGET_TOP_S = 12.0  # and given up this slowly
FORGET_BOTTOM_S = 4.0  # sooner below: a dense piece should still breathe
ATTACK_S = 0.010  # strengths rise within a hop
RELEASE_S = 0.180  # and fall as the eye likes to follow


class AutoRange:
    """Follow the range of several channels at once."""

    def __init__(self, *, hop_s: float, smallest_db: Double, largest_db: Double, floor_db: float):
        self._smallest, self._largest = smallest_db, largest_db  # (channels,) distance top - bottom
        self._floor = floor_db  # a top below this is not followed: silence stays small
        self._find = smoothing(FIND_S, hop_s)
        self._sink, self._rise = smoothing(FORGET_TOP_S, hop_s), smoothing(FORGET_BOTTOM_S, hop_s)
        self._attack, self._release = smoothing(ATTACK_S, hop_s), smoothing(RELEASE_S, hop_s)
        self.reset()

    def reset(self) -> None:
        """Forget everything heard."""
        self._top = np.full(len(self._smallest), self._floor)
        self._bottom = self._top - self._smallest
        self._strength = np.zeros(len(self._smallest))

    def push(self, level_db: Double, *, presence: float) -> Double:
        """Strengths of one hop; presence fades all of them out towards silence."""
        self._follow(level_db)
        span = np.maximum(self._top - self._bottom, self._smallest)
        place = np.clip(1.0 + (level_db - self._top) / span, 0.0, 1.0) * presence
        rate = np.where(place > self._strength, self._attack, self._release)
        self._strength = self._strength + rate * (place - self._strength)
        return self._strength

    def _follow(self, level_db: Double) -> None:
        above, below = level_db > self._top, level_db < self._bottom
        self._top += np.where(above, self._find, self._sink) * (level_db - self._top)
        self._bottom += np.where(below, self._find, self._rise) * (level_db - self._bottom)
        np.maximum(self._top, self._floor, out=self._top)
        np.maximum(self._bottom, self._top - self._largest, out=self._bottom)


def smoothing(time_s: float, hop_s: float) -> float:
    """Share of the way that a one-pole follower with this time constant goes in one hop."""
    return float(1.0 - np.exp(-hop_s / time_s))
