"""``traumer-live latency``: plays a click into the real input and watches for the pixel.

In: parsed options.  Out: how long it takes, in words and as JSON where asked; exit code 0.
Thread: main.

Without ``--source`` the click goes into an output that is made for it and nobody hears, and comes
back through that output's monitor, as music does. Named, the click is audible. Without a sound
server the show's own part is measured, and sound-to-picture is said to be unknown.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from traumer_live.audio.capture import Capture, SourceSpec, open_capture
from traumer_live.audio.pulse_player import PulsePlayer, null_output
from traumer_live.cli.json_report import check_json_target, write_json
from traumer_live.cli.session import SWITCH_INTERVAL_S, apply_options, model_options
from traumer_live.cli.speech import say
from traumer_live.core.controls import Controls
from traumer_live.core.errors import SettingsError, SourceError
from traumer_live.core.settings import Settings
from traumer_live.engine.latency import (
    Click,
    ClickPlayer,
    Drawing,
    Ear,
    click_source,
    overhear,
    spans_ms,
    traced,
    watch,
)
from traumer_live.engine.models import device, load_models
from traumer_live.engine.show import Show
from traumer_live.video.encoders import default_take_size

MOST_PER_CLICK_S = 1.6  # pause and click
SETTLING_S = 8.0
FEWEST = 0.5  # of the clicks must have come back, or the numbers mean nothing
# What is measured: title, from, to.
SPANS = (
    ("ring to look", "ring_s", "look_s"),
    ("ring to a generator-made pixel", "ring_s", "picture_s"),
    ("sound to picture (player's write to pixel)", "played_s", "look_s"),
)


@dataclass(frozen=True)
class Stage:
    """Where the clicks are played, and where they are heard."""

    source: SourceSpec
    open_it: Callable[[SourceSpec], Capture]
    player: ClickPlayer | None  # None: the source clicks by itself


def run(options: argparse.Namespace) -> int:
    """Measure and tell."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    check_json_target(options)
    # Not what was last turned in the studio: the pulse at its strongest is seen most surely.
    settings = apply_options(Settings(controls=Controls(pulse_strength=1.0)), options)
    models = load_models(settings, **model_options(options))
    say(f"About {options.clicks * 1.25 + SETTLING_S:.0f} s: {options.clicks} clicks ...")
    with _stage(options.source) as stage:
        show = Show(settings, models, stage.source)
        clicks = measure(show, stage, options.clicks, options.size or default_take_size())
    document = {
        "clicks": len(clicks),
        "source": str(stage.source),
        "device": device(models.generator.info),
        "spans_ms": {title: _numbers(spans_ms(clicks, a, b)) for title, a, b in SPANS},
        "semantic_delay_s": {str(level): late for level, late in show.delay_s.items()},
    }
    for line in told(document):
        say(line)
    write_json(options.json, document)
    return 0


def measure(show: Show, stage: Stage, wanted: int, size: tuple[int, int]) -> list[Click]:
    """Run ``show`` until so many clicks were heard; each with its moments.

    Raises:
        SourceError: most of the clicks never came back.
    """
    ear = Ear()
    overhear(show, ear, stage.open_it)
    over_at = time.monotonic() + SETTLING_S + wanted * MOST_PER_CLICK_S
    with show:
        if stage.player:
            stage.player.start()
        drawings = watch(
            show,
            size=size,
            until=lambda: len(ear.heard) > wanted or time.monotonic() > over_at,
            tell=say,
        )
        if stage.player:
            stage.player.stop()
    return _believed(ear.heard[:wanted], drawings, stage, wanted)


def _believed(
    heard: Sequence[float], drawings: Sequence[Drawing], stage: Stage, wanted: int
) -> list[Click]:
    player = stage.player
    if player and isinstance(player.trouble, SourceError):
        raise player.trouble
    clicks = traced(heard, drawings, player.played if player else ())
    if len(clicks) < FEWEST * wanted:
        raise SourceError(
            f"Only {len(clicks)} of {wanted} clicks came back through {stage.source}; turn its "
            "volume up, stop what else plays there, or choose another --source."
        )
    return clicks


@contextmanager
def _stage(named: str | None) -> Iterator[Stage]:
    """A place for the clicks: the one named, a new silent output, or none at all."""
    if named:
        spec = SourceSpec.parse(named)
        if spec.kind not in ("loopback", "mic"):
            raise SettingsError(f"A click cannot be played into {spec}; use loopback or mic.")
        with _playing(spec.name if spec.kind == "loopback" else "") as player:
            yield Stage(spec, open_capture, player)
        return
    try:
        output = null_output(f"traumer_live_latency_{os.getpid()}")
        sink = output.__enter__()
    except (SourceError, ImportError) as trouble:
        say(f"Sound to picture cannot be measured here: {str(trouble).rstrip('.')}.")
        yield Stage(SourceSpec("silence"), lambda _spec: click_source(), None)
        return
    try:
        with _playing(sink) as player:
            yield Stage(SourceSpec("loopback", sink), open_capture, player)
    finally:
        output.__exit__(None, None, None)


@contextmanager
def _playing(sink: str) -> Iterator[ClickPlayer]:
    stream = PulsePlayer(sink)
    try:
        yield ClickPlayer(stream.write)
    finally:
        stream.close()


def told(document: dict[str, Any]) -> list[str]:
    """The measures as lines for people."""
    lines = [f"{document['clicks']} clicks through {document['source']}, {document['device']}"]
    for title, numbers in document["spans_ms"].items():
        if not numbers["seen"]:
            lines.append(f"  {title:44} never seen")
            continue
        lines.append(
            f"  {title:44} {numbers['p50']:5.0f} ms p50, {numbers['p95']:5.0f} ms p95"
            f"  ({numbers['seen']} seen)"
        )
    delays = ", ".join(f"{level} {s:.2f} s" for level, s in document["semantic_delay_s"].items())
    lines.append(f"  {'what kind of music it is (by design)':44} {delays}")
    lines.append("  Up to the texture that windows show; a monitor adds its own refresh.")
    return lines


def _numbers(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {"seen": 0}
    p50, p95 = np.percentile(values, (50, 95))
    return {"seen": len(values), "p50": round(float(p50), 2), "p95": round(float(p95), 2)}
