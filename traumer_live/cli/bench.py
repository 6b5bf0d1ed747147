"""``traumer-live bench``: what this machine can carry, measured in about a minute, said in words.

In: parsed options.  Out: sentences on standard output, numbers as JSON where asked; exit code 0.
Thread: main.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from traumer_live.audio.capture import SourceSpec
from traumer_live.cli.json_report import check_json_target, write_json
from traumer_live.cli.session import SWITCH_INTERVAL_S, apply_options, model_options
from traumer_live.cli.speech import say
from traumer_live.core.controls import Controls
from traumer_live.core.cores import usable_cores
from traumer_live.core.settings import Settings
from traumer_live.core.types import TICK_RATE
from traumer_live.engine.bench import STAGES, LivePath, measure
from traumer_live.engine.headless import run_headless
from traumer_live.engine.models import Models, device, load_models
from traumer_live.engine.show import Show
from traumer_live.video.encoders import Encoder, probe_hardware_encoder
from traumer_live.video.look import Size

FRAMES = 120  # of each size
SIZES: tuple[Size, ...] = ((640, 360), (1280, 720), (1920, 1080))
SHOW_S = 20.0
SETTLED_S = 4.0  # before, the show's clock is young
BUDGET_MS = 1e3 / TICK_RATE
EASY, FULL = 0.6, 0.9  # of all cores: below the first all is well, above the second too much
STEADY_FPS = 29.5


@dataclass(frozen=True)
class Found:
    """Everything measured; milliseconds are medians."""

    cores: int
    runs_on: str  # such as "onnx · CPU · 1 thread"
    draws_on: str  # what OpenGL calls its device
    hardware_encoder: str | None
    stage_ms: dict[str, dict[str, float]]  # size -> stage -> milliseconds
    fps: float  # of a real show
    p95_ms: float

    def load(self, size: str, *, take: bool) -> float:
        """Share of all cores that a show of this size needs."""
        spent = self.stage_ms[size]
        kept = list(STAGES if take else STAGES[:3])
        if take and self.hardware_encoder:
            kept.remove("encode the take")
        return sum(spent[name] for name in kept) / (BUDGET_MS * self.cores)


def run(options: argparse.Namespace) -> int:
    """Measure and tell."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    check_json_target(options)
    settings = apply_options(Settings(controls=Controls()), options)
    models = load_models(settings, **model_options(options))
    say("Measuring for about a minute; other programs make the numbers worse ...")
    sizes = (options.size,) if options.size else SIZES
    found = examine(models, settings, sizes)
    for line in told(found):
        say(line)
    write_json(options.json, asdict(found))
    return 0


def examine(
    models: Models,
    settings: Settings,
    sizes: tuple[Size, ...],
    *,
    frames: int = FRAMES,
    show_s: float = SHOW_S,
) -> Found:
    """Every stage at every size, then a real show of the smallest."""
    stage_ms = {}
    with tempfile.TemporaryDirectory() as folder:
        take = Path(folder) / "take.mp4"
        for size in sizes:
            with LivePath(models, size, take, encoder=_cheapest()) as path:
                times = measure(path, frames)
                draws_on = path.device
            stage_ms[_text(size)] = {
                name: round(float(np.median(spent)), 3) for name, spent in times.items()
            }
    fps, p95_ms = show_rate(models, settings, sizes[0], show_s)
    return Found(
        cores=usable_cores(),
        runs_on=device(models.generator.info),
        draws_on=draws_on,
        hardware_encoder=probe_hardware_encoder(),
        stage_ms=stage_ms,
        fps=round(fps, 2),
        p95_ms=round(p95_ms, 2),
    )


def show_rate(
    models: Models, settings: Settings, size: Size, seconds: float
) -> tuple[float, float]:
    """Pictures a second and p95 of their intervals, of a real show without a window."""
    show = Show(settings, models, SourceSpec("tone"))
    over_at = time.monotonic() + SETTLED_S + seconds
    with show:
        run_headless(show, size=size, until=lambda: time.monotonic() >= over_at, tell=say)
        return show.stats.recent_fps(), show.stats.recent_p95_ms()


def _cheapest() -> Encoder:
    return Encoder("libx264", options={"preset": "ultrafast", "crf": "18"}, threads=1)


def told(found: Found) -> list[str]:
    """The findings in words."""
    smallest = next(iter(found.stage_ms))
    spent = found.stage_ms[smallest]
    lines = [
        f"{found.cores} cores; pictures are made by {found.runs_on}, drawn by {found.draws_on}.",
        f"One picture: hearing {spent['ears']:.1f} ms, making {spent['synthesis']:.1f} ms, "
        f"drawing at {smallest} {spent['upload and look']:.1f} ms; there are {BUDGET_MS:.1f} ms.",
        _generator(spent["synthesis"]),
        f"A show of {SHOW_S:.0f} s at {smallest} ran at {found.fps:.1f} pictures a second, "
        + ("steadily." if found.fps >= STEADY_FPS else "with gaps: something is too slow or busy."),
    ]
    return lines + [_carries(found, size) for size in found.stage_ms]


def _generator(milliseconds: float) -> str:
    """What the generator's own time means."""
    if milliseconds <= BUDGET_MS / 3:
        return "A generator of two or three times this one's size would still keep up."
    if milliseconds <= 0.8 * BUDGET_MS:
        return "This generator keeps up with the show; a larger one would not by much."
    return (
        f"This generator makes {1e3 / milliseconds:.1f} pictures a second, less than the show's "
        f"{TICK_RATE}: pictures will be smaller, or key frames that fade into each other; a "
        "smaller generator would be painted whole."
    )


def _carries(found: Found, size: str) -> str:
    """What a show of this size takes, without and with a recording."""
    alone, kept = (found.load(size, take=take) for take in (False, True))
    if kept <= EASY:
        verdict = "carries the show and a recording, with room for other programs"
    elif kept <= FULL:
        verdict = "carries the show and a recording, with little room for anything else"
    elif alone <= FULL:
        verdict = "carries the show, but not a recording beside it"
    else:
        verdict = "is too large here"
    return f"{size} {verdict} ({alone:.0%} of the cores, {kept:.0%} while recording)."


def _text(size: Size) -> str:
    return f"{size[0]}x{size[1]}"
