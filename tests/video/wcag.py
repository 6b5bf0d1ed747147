"""WCAG 2.3.1 read off its text, to check pictures that the flash limiter let through.

Written without the limiter's code or ideas: whole films, looked at afterwards, per sampled pixel,
peaks and valleys as the text has them. Slow and plain.

"A transition is the change in relative luminance (or relative luminance/color for red flashing)
between adjacent peaks and valleys in a plot of relative luminance measurement against time. A flash
consists of two opposing transitions."
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 64, 48  # 1024 x 768, every sixteenth pixel
WINDOW = (round(341 / 16), round(256 / 16))  # columns, rows
QUARTER = 0.25 * WINDOW[0] * WINDOW[1]
_XYZ = np.array(
    ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505)), float
)
_WHITE_UV = (0.19784, 0.46834)


@dataclass
class Verdict:
    """What a film does to somebody."""

    general: int  # most flashes within a second over more than a quarter of some window
    red: int

    @property
    def passes(self) -> bool:
        return self.general <= 3 and self.red <= 3


def sampled(frame: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Linear RGB of (H, W, 3 or 4) uint8 at WIDTH x HEIGHT points, nearest pixel."""
    rows = ((np.arange(HEIGHT) + 0.5) * frame.shape[0] / HEIGHT).astype(int)
    columns = ((np.arange(WIDTH) + 0.5) * frame.shape[1] / WIDTH).astype(int)
    encoded = frame[rows][:, columns, :3] / 255.0
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def judge(frames: list[NDArray[np.uint8]], fps: float) -> Verdict:
    """The verdict on a film."""
    linear = np.stack([sampled(frame) for frame in frames])  # (time, rows, columns, 3)
    return Verdict(
        general=_most(_general_transitions(linear), fps),
        red=_most(_red_transitions(linear), fps),
    )


def _general_transitions(linear: NDArray[np.float64]) -> NDArray[np.int8]:
    """Per time and pixel: +1 where a rise of a tenth is complete, -1 a fall, else 0."""
    light = linear @ np.array((0.2126, 0.7152, 0.0722))
    found = np.zeros(light.shape, np.int8)
    begin, peak = light[0].copy(), light[0].copy()  # of the leg each pixel is on
    peak_at, way = np.zeros(light[0].shape, int), np.zeros(light[0].shape)
    for time in range(1, len(light) + 1):
        if time < len(light):
            change = light[time] - light[time - 1]
            here = np.where(np.abs(change) > 0.002, np.sign(change), 0.0)  # eight bits are no peaks
            over = (here != 0) & (way != 0) & (here != way)
        else:
            over = way != 0
        counts = over & (np.abs(peak - begin) >= 0.1) & (np.minimum(begin, peak) < 0.8)
        rows, columns = np.nonzero(counts)
        found[peak_at[counts], rows, columns] = way[counts]
        if time == len(light):
            break
        begin = np.where(over, peak, begin)
        moving = here != 0
        peak, peak_at = np.where(moving, light[time], peak), np.where(moving, time, peak_at)
        way = np.where(moving, here, way)
    return _opposing(found)


def _opposing(transitions: NDArray[np.int8]) -> NDArray[np.int8]:
    """Without those that go the same way as the one before: such two are no flash."""
    last = np.zeros(transitions.shape[1:], np.int8)
    kept = transitions.copy()
    for now in kept:
        now[now == last] = 0
        last = np.where(now != 0, now, last)
    return kept


def _legs(series: NDArray[np.float64]) -> list[tuple[int, float, float]]:
    """(when it ends, value at its begin, at its end) between adjacent peaks and valleys."""
    change = np.diff(series)
    moving = np.flatnonzero(np.abs(change) > 0.002)  # eight bits are no peaks
    if len(moving) == 0:
        return []
    signs = np.sign(change[moving])
    ends = np.flatnonzero(np.diff(signs) != 0)
    last = [moving[k] + 1 for k in ends] + [moving[-1] + 1]
    legs, begin = [], float(series[0])
    for when in last:
        legs.append((int(when), begin, float(series[when])))
        begin = float(series[when])
    return legs


def _red_transitions(linear: NDArray[np.float64]) -> NDArray[np.int8]:
    """Per time and pixel: +1 on the way to a saturated red, -1 on the way from one."""
    total = linear.sum(-1)
    red = (total > 0) & (linear[..., 0] >= 0.8 * total)
    xyz = linear @ _XYZ.T
    below = xyz[..., 0] + 15 * xyz[..., 1] + 3 * xyz[..., 2]
    lit = below > 1e-3  # black has no chromaticity: taken as white's
    u = np.where(lit, 4 * xyz[..., 0] / np.maximum(below, 1e-3), _WHITE_UV[0])
    v = np.where(lit, 9 * xyz[..., 1] / np.maximum(below, 1e-3), _WHITE_UV[1])
    found = np.zeros(red.shape, np.int8)
    state = np.stack((u[0], v[0]))
    state_is_red = red[0].copy()
    for time in range(1, len(linear)):
        here = np.stack((u[time], v[time]))
        far = np.hypot(*(here - state)) > 0.2
        counts = far & (red[time] | state_is_red)
        found[time] = np.where(counts, np.where(red[time], 1, -1), 0)
        moved = far | red[time]
        state = np.where(moved, here, state)
        state_is_red = np.where(moved, red[time], state_is_red)
    return found


def _most(transitions: NDArray[np.int8], fps: float) -> int:
    return max(_per_pixel(transitions, fps), _per_window(transitions, fps))


def _per_pixel(transitions: NDArray[np.int8], fps: float) -> int:
    """Flashes of pixels, each counted for itself, that together are large enough."""
    length = round(fps)  # frames that span less than a second
    running = np.cumsum(transitions != 0, axis=0)
    most = 0
    for end in range(len(transitions)):
        before = running[end - length] if end >= length else 0
        flashes = (running[end] - before) // 2
        while _is_large(flashes > most):
            most += 1
    return most


def _per_window(transitions: NDArray[np.int8], fps: float) -> int:
    """Flashes of windows: a quarter of them making the same transition at about the same time."""
    length, near = round(fps), max(round(fps / 30), 1)
    events = []
    for direction in (1, -1):
        here = transitions == direction
        together = np.array(
            [_filled(here[max(t - near, 0) : t + 1].any(0)) for t in range(len(here))]
        )
        starts = together.copy()
        starts[1:] &= ~together[:-1]
        events.append(starts)
    both = np.stack((events[0].astype(np.int8), -events[1].astype(np.int8)), axis=1)
    opposing = _opposing(both.reshape(-1, *both.shape[2:])).reshape(both.shape)
    running = np.cumsum((opposing != 0).sum(1), axis=0)
    most = 0
    for end in range(len(running)):
        before = running[end - length] if end >= length else 0
        most = max(most, int((running[end] - before).max()) // 2)
    return most


def _is_large(pixels: NDArray[np.bool_]) -> bool:
    return bool(_filled(pixels).any())


def _filled(pixels: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Windows, by their first pixel, of which more than a quarter is set."""
    sums = np.zeros((HEIGHT + 1, WIDTH + 1), int)
    sums[1:, 1:] = pixels.cumsum(0).cumsum(1)
    columns, rows = WINDOW
    boxes = sums[rows:, columns:] - sums[:-rows, columns:]
    boxes = boxes - sums[rows:, :-columns] + sums[:-rows, :-columns]
    return boxes > QUARTER
