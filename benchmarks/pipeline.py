"""The whole pipeline without clocks: where a frame's milliseconds go, and how fast movies are made.

    python -m benchmarks.pipeline [--rounds 200] [--json FILE] [--size 640x360] [--seconds 20]

In: a beat with chords, the shipped models.  Out: milliseconds of every stage of the live path, one
after the other on one thread, as a frame passes them; then ``render`` of so many seconds on all
cores, as times of real time and against the live path's own frame (the baseline).
``benchmarks/budget.py`` draws the JSON.
"""

from __future__ import annotations

import tempfile
import time
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks._report import Report, options
from tests.music import write_wav
from traumer_live.core.settings import Settings
from traumer_live.core.types import TICK_RATE
from traumer_live.engine.bench import LivePath, beat, measure
from traumer_live.engine.models import Models, device, load_models
from traumer_live.engine.offline import RenderPlan, render
from traumer_live.video.look import Size

FRAME = "a whole frame, one after the other"


def main() -> None:
    parser = options(__doc__, rounds=200)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--seconds", type=float, default=20.0, help="of the movie that is made")
    chosen = parser.parse_args()
    width, height = map(int, chosen.size.split("x"))
    models = load_models(Settings())
    title = f"the pipeline at {chosen.size}, milliseconds"
    report = Report(title, device=device(models.generator.info))
    with tempfile.TemporaryDirectory() as folder:
        with LivePath(models, (width, height), Path(folder) / "live.mp4") as path:
            times = measure(path, chosen.rounds)
        movie = movie_frame_ms(models, (width, height), chosen.seconds, Path(folder))
    frame = [sum(parts) for parts in zip(*times.values(), strict=True)]
    report.add(FRAME, frame)
    for name, values in times.items():
        report.add(name, values)
    live = float(np.median(frame))
    faster = {
        "times_real_time": round(1e3 / TICK_RATE / movie, 2),
        "times_live_frame": round(live / movie, 2),
    }
    report.add("render, a frame on all cores", [movie], **faster)
    report.finish(chosen.json, size=chosen.size, live_frame_ms=live, render_frame_ms=movie)


def movie_frame_ms(models: Models, size: Size, seconds: float, folder: Path) -> float:
    """Milliseconds of ``render`` for a frame of the movie, opening and closing included."""
    ticks = islice(beat(), round(seconds * TICK_RATE))
    song = write_wav(folder / "song.wav", np.concatenate(list(ticks)))
    began = time.perf_counter()
    render(song, folder / "movie.mp4", RenderPlan(size=size), models)
    return 1e3 * (time.perf_counter() - began) / (seconds * TICK_RATE)


if __name__ == "__main__":
    main()
