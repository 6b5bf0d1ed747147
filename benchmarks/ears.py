"""What the whole ear costs, and which of its parts: everything from sound to w_plus.

    python -m benchmarks.ears [--rounds 600] [--json FILE] [--song FILE]

In: the demo track, a tick (1600 samples, 33 ms) at a time, the shipped models.  Out: milliseconds a
tick of the ear and of each part on the same sound; ``core`` is the share of one core at 30 ticks a
second by processor time of the thread, the rest by wall time.  The aim is 15 % for the whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._report import Report, options
from traumer_live.audio.files import open_sound
from traumer_live.core.controls import Controls
from traumer_live.core.paths import data_file
from traumer_live.core.settings import Settings
from traumer_live.core.types import SAMPLES_PER_TICK, TICK_RATE, Array
from traumer_live.engine.ears import Ears
from traumer_live.engine.models import load_models

WARM_UP = 120  # ticks: the tempo needs some seconds of sound before it works at all
# Parts of the ear by the name of what holds them, and the methods that do their work.
PARTS = {
    "pulse": ("_pulse", ("push", "at")),
    "resampler": ("_resampler", ("push",)),
    "loudness normaliser": ("_normaliser", ("push",)),
    "log-mel": ("_log_mel", ("push",)),
    "mind: transfer to w_plus": ("_mind", ("think",)),
}


def main() -> None:
    parser = options(__doc__, rounds=600)
    parser.add_argument("--song", type=Path, default=data_file("assets/demo.opus"))
    chosen = parser.parse_args()
    models = load_models(Settings())
    ears = Ears(models, preset="live", seed=0)
    spent: dict[str, float] = {}
    for name, (holder, methods) in PARTS.items():
        watch(getattr(ears, holder), name, methods, spent)
    watch(models.encoder, "tagger", ("push", "embedding"), spent)
    report = Report("the whole ear, milliseconds a tick")
    times, by_part, core = measure(ears, ticks_of(chosen.song), chosen.rounds, spent)
    report.add("whole ear", times, core=f"{core:6.1%}")
    for name, values in sorted(by_part.items(), key=lambda item: -np.median(item[1])):
        report.add(name, values, core=f"{np.mean(values) * TICK_RATE / 1e3:6.1%}")
    report.finish(chosen.json, aim_core=0.15, found_core=core)


def measure(
    ears: Ears, ticks: list[Array], rounds: int, spent: dict[str, float]
) -> tuple[list[float], dict[str, list[float]], float]:
    """Milliseconds of every tick, of every part in it, and the share of a core."""
    controls, times = Controls(), []
    by_part: dict[str, list[float]] = {}
    busy = 0.0
    for number, sound in enumerate(islice(cycle(ticks), rounds + WARM_UP)):
        spent.clear()
        began, used = time.perf_counter(), time.thread_time()
        ears.hear(sound, controls)
        if number >= WARM_UP:
            busy += time.thread_time() - used
            times.append(1e3 * (time.perf_counter() - began))
            for name, seconds in spent.items():
                by_part.setdefault(name, []).append(1e3 * seconds)
    return times, by_part, busy / rounds * TICK_RATE


def watch(part: Any, name: str, methods: tuple[str, ...], spent: dict[str, float]) -> None:
    """Count the time that ``methods`` of ``part`` take."""
    for method in methods:
        setattr(part, method, _timed(getattr(part, method), name, spent))


def _timed(work: Callable[..., Any], name: str, spent: dict[str, float]) -> Callable[..., Any]:
    def timed(*args: Any, **options: Any) -> Any:
        began = time.perf_counter()
        try:
            return work(*args, **options)
        finally:
            spent[name] = spent.get(name, 0.0) + time.perf_counter() - began

    return timed


def ticks_of(song: Path) -> list[Array]:
    """A song in ticks (1600, 2), the incomplete last one left out."""
    sound = np.concatenate(list(open_sound(song).blocks()))
    whole = len(sound) // SAMPLES_PER_TICK * SAMPLES_PER_TICK
    return list(sound[:whole].reshape(-1, SAMPLES_PER_TICK, 2))


if __name__ == "__main__":
    main()
