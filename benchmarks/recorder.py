"""What keeping a take costs: x264 presets and sizes, on pictures that move.

    python -m benchmarks.recorder [--rounds 90] [--json FILE]

In: smooth moving colours, about what a generator gives; one second of sound for each second of
picture.  Out: milliseconds of processor time for a picture and its sound, encoder's threads and
all, wall milliseconds, and megabits a second. The baseline is what two cores take: ultrafast at
640x360.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks._report import Report, options
from traumer_live.core.types import SAMPLES_PER_TICK, TICK_RATE, Pixels
from traumer_live.video.encoders import Encoder
from traumer_live.video.look import Size
from traumer_live.video.take import Take

SIZES: tuple[Size, ...] = ((256, 256), (512, 512), (640, 360), (1280, 720))
PRESETS = ("ultrafast", "veryfast")
BASELINE = "640x360 ultrafast"


def main() -> None:
    chosen = options(__doc__, rounds=90).parse_args()
    report = Report("a take, wall milliseconds a picture")
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            pictures = moving(size, min(chosen.rounds, 30))
            for preset in PRESETS:
                name = f"{size[0]}x{size[1]} {preset}"
                times, cpu_ms, megabits = encode(
                    Path(folder) / f"{name}.mp4", size, preset, pictures, chosen.rounds
                )
                report.add(name, times, cpu_ms=round(cpu_ms, 2), mbit_s=round(megabits, 1))
    report.compare(BASELINE)
    report.finish(chosen.json)


def encode(
    path: Path, size: Size, preset: str, pictures: list[Pixels], rounds: int
) -> tuple[list[float], float, float]:
    """Wall milliseconds of each picture, processor milliseconds of one, megabits a second."""
    take = Take(path, size, encoder=Encoder("libx264", options={"preset": preset, "crf": "18"}))
    sound = np.random.default_rng(0).normal(0, 0.1, (SAMPLES_PER_TICK, 2)).astype(np.float32)
    times = []
    spent = time.process_time()
    for slot in range(rounds):
        picture = pictures[slot % len(pictures)].copy()  # the same array is converted only once
        began = time.perf_counter()
        take.write_frame(picture, slot)
        take.write_sound(sound)
        times.append(1e3 * (time.perf_counter() - began))
    take.close()
    spent = time.process_time() - spent
    megabits = path.stat().st_size * 8e-6 / (rounds / TICK_RATE)
    return times, 1e3 * spent / rounds, megabits


def moving(size: Size, count: int = 30) -> list[Pixels]:
    """Colours that wander, with a little grain, (H, W, 4) each."""
    random = np.random.default_rng(0)
    x, y = np.meshgrid(np.linspace(0, 6, size[0]), np.linspace(0, 6, size[1]))
    pictures = []
    for number in range(count):
        phase = 2 * np.pi * number / count
        planes = [np.sin(x * (1 + k) + phase) + np.cos(y * (2 - k / 2) + phase) for k in range(3)]
        grain = random.normal(0, 4, (size[1], size[0], 1))
        rgb = 128 + 55 * np.stack(planes, axis=2) + grain
        alpha = np.full((size[1], size[0], 1), 255)
        pictures.append(np.concatenate([np.clip(rgb, 0, 255), alpha], 2).astype(np.uint8))
    return pictures


if __name__ == "__main__":
    main()
