"""Where in a piece a clip should begin: at a section's first attack, not in the middle of a phrase.

In: mono sound, block by block.  Out: places of clips in seconds.  Thread: any; memory grows by 100
bytes for a quarter of a second of music, whatever the sampling rate.

Sections are found by novelty: how much the eight seconds after a moment differ from the eight
seconds before it (Foote 2000: a checkerboard kernel moved along the diagonal of the self-similarity
matrix). With a tapered kernel and scalar products as similarity, that is the squared length of the
difference of two weighted means, so no matrix is ever made. The clip then begins at the steepest
rise of energy near the boundary, and lasts until the next boundary if that comes at a good time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.types import SHOW_RATE, Array

Double = NDArray[np.float64]

STEP_S = 0.25
STEP = round(STEP_S * SHOW_RATE)  # samples
N_FFT = 4096
BANDS = 24  # from LOW_HZ to HIGH_HZ, equally wide in octaves
LOW_HZ, HIGH_HZ = 60.0, 14_000.0
FLOOR_DB = -80.0
HALF_S = 8.0  # of the novelty's kernel
APART_S = 8.0  # boundaries closer to each other are one
NEAR_S = 0.75  # around a boundary in which the attack is looked for
SHORTEST_S, USUAL_S, LONGEST_S = 8.0, 10.0, 12.0  # of a clip
SILENT_DB = -55.0  # a clip whose mean level is below is a pause
FADED_DB = 24.0  # below the middle level of the piece: it has not begun, or is over


@dataclass(frozen=True)
class Place:
    """Where a clip lies in its piece."""

    start_s: float
    length_s: float


class Overview:
    """What a piece sounds like, four times a second."""

    def __init__(self) -> None:
        self._left = np.zeros(0, np.float32)
        self._steps: list[Array] = []
        hz = np.fft.rfftfreq(N_FFT, 1 / SHOW_RATE)
        edges = np.geomspace(LOW_HZ, HIGH_HZ, BANDS + 1)
        band = np.clip(np.searchsorted(edges, hz) - 1, -1, BANDS)
        self._bands = np.eye(BANDS + 2)[band][:, :BANDS].astype(np.float32)  # (bins, BANDS)
        self._window = np.hanning(N_FFT).astype(np.float32)

    def push(self, sound: Array) -> None:
        """More mono sound (n,)."""
        whole = np.concatenate([self._left, sound])
        count = len(whole) // STEP
        if count:
            self._steps.append(self._looked_at(whole[: count * STEP].reshape(count, STEP)))
        self._left = whole[count * STEP :]

    @property
    def bands_db(self) -> Array:
        """Level of each band (steps, BANDS), never below FLOOR_DB."""
        return np.concatenate(self._steps) if self._steps else np.zeros((0, BANDS), np.float32)

    def _looked_at(self, steps: Array) -> Array:  # (n, STEP) -> (n, BANDS)
        power = np.zeros((len(steps), BANDS), np.float32)
        places = np.linspace(0, STEP - N_FFT, 3).astype(int)
        for start in places:
            spectrum = np.fft.rfft(steps[:, start : start + N_FFT] * self._window)
            square = np.square(np.abs(spectrum)).astype(np.float32) * (8 / 3 / N_FFT**2)
            power += square @ self._bands / len(places)
        return np.asarray(10 * np.log10(np.maximum(power, 10 ** (FLOOR_DB / 10))), np.float32)


def level_db(bands_db: Array) -> Array:  # (steps, BANDS) -> (steps,)
    """Level of everything together."""
    return np.asarray(10 * np.log10((10 ** (bands_db / 10)).sum(1)), np.float32)


def novelty(bands_db: Array) -> Array:  # (steps, BANDS) -> (steps,)
    """How new each step and what follows is; 0 at the ends, where half a kernel is missing."""
    half = round(HALF_S / STEP_S)
    if len(bands_db) < 2 * half:
        return np.zeros(len(bands_db), np.float32)
    known = bands_db - bands_db.mean(0)
    known = known / (known.std() + 1e-6)
    taper = np.exp(-0.5 * np.square(np.arange(half) / (half / 2)))
    taper /= taper.sum()
    kernel = np.concatenate([taper[::-1], -taper])  # convolution turns it round: after minus before
    change = np.stack([np.convolve(band, kernel, "full") for band in known.T], axis=1)
    found = np.square(change[half - 1 : half - 1 + len(known)]).sum(1)
    found[:half] = found[len(found) - half :] = 0
    return np.asarray(found, np.float32)


def boundaries(bands_db: Array) -> NDArray[np.intp]:
    """Steps at which a section begins, the first one among them, in order."""
    found = novelty(bands_db)
    apart = round(APART_S / STEP_S)
    peaks = [0]
    for step in np.argsort(-found):
        if found[step] <= found.mean():
            break
        if all(abs(step - peak) >= apart for peak in peaks):
            peaks.append(int(step))
    return np.array(sorted(peaks), np.intp)


def choose_places(bands_db: Array, count: int) -> list[Place]:
    """Up to ``count`` clips from sections that differ from each other most, in order."""
    if not len(bands_db):
        return []
    levels = level_db(bands_db)
    first, stop = _sounding(levels)
    begins = np.unique(np.clip(boundaries(bands_db), first, None))
    begins, bands_db, levels = begins[begins < stop], bands_db[:stop], levels[:stop]
    ends = np.append(begins[1:], stop)
    shortest = round(SHORTEST_S / STEP_S)
    usable = [
        (begin, end)
        for begin, end in zip(begins, ends, strict=True)
        if len(bands_db) - begin >= shortest
        and _mean_db(levels[begin : begin + shortest]) > SILENT_DB
    ]
    if not usable:
        return _only_place(levels)
    means = np.stack([bands_db[begin:end].mean(0) for begin, end in usable])
    lengths = np.array([end - begin for begin, end in usable])
    chosen = _different(means, lengths, count)
    return [_place(*usable[k], levels) for k in sorted(chosen)]


def _sounding(levels: Array) -> tuple[int, int]:
    """First step of the music and the one after its last.

    Sections that fade out are unlike all others, so the pauses after them would be asked for first
    (seven of the first 32 clips of the first use; half of one of them was silence).
    """
    heard = levels[levels > SILENT_DB]
    if not len(heard):
        return 0, len(levels)
    loud = np.flatnonzero(levels > max(SILENT_DB, float(np.median(heard)) - FADED_DB))
    return int(loud[0]), int(loud[-1]) + 1


def _only_place(levels: Array) -> list[Place]:
    """The loudest stretch of a piece without usable sections; none when all of it is silent."""
    size = min(len(levels), round(USUAL_S / STEP_S))
    if not size:
        return []
    energy = np.convolve(10 ** (levels / 10), np.ones(size) / size, "valid")
    start = int(energy.argmax())
    if 10 * np.log10(energy[start]) <= SILENT_DB:
        return []
    return [Place(start * STEP_S, size * STEP_S)]


def _different(means: Array, lengths: NDArray[np.intp], count: int) -> list[int]:
    """The longest section, then always the one least like those chosen (k-center)."""
    chosen = [int(lengths.argmax())]
    away = np.full(len(means), np.inf)
    while len(chosen) < min(count, len(means)):
        away = np.minimum(away, np.square(means - means[chosen[-1]]).sum(1))
        away[chosen] = -1
        chosen.append(int(away.argmax()))
    return chosen


def _place(begin: int, end: int, levels: Array) -> Place:
    near = round(NEAR_S / STEP_S)
    last = len(levels) - round(SHORTEST_S / STEP_S)
    first, stop = max(begin - near, 1), min(begin + near, last) + 1
    rises = np.diff(levels)[first - 1 : stop - 1]
    start = first + int(rises.argmax()) if begin and len(rises) and rises.max() > 0 else begin
    usual = min(USUAL_S, (len(levels) - start) * STEP_S)
    to_boundary = (end - start) * STEP_S
    length = to_boundary if SHORTEST_S <= to_boundary <= LONGEST_S else usual
    return Place(start * STEP_S, length)


def _mean_db(levels: Array) -> float:
    return float(10 * np.log10((10 ** (levels / 10)).mean()))
