"""The kiosk for a long time, as a venue has it: pictures, memory, processor, sound that was lost.

    python -m benchmarks.kiosk_soak [--minutes 60] [--size 640x360] [--record] [--backend auto]
                                    [--screen 1280x800] [--json FILE]

In: a private display, which is filled, and a null sink in which the demo track plays over and
over.  Out: pictures a second, intervals p50 to p99, resident memory now and then with its slope
once the show ring is full, processor cores, ticks skipped, audio overruns; the memory of the parent
process, and of a window alone that draws the same look: where OpenGL is done by the processor
(llvmpipe) most of that is the compiler's and the rasteriser's, which a graphics card needs not.

The kiosk is started as always, with its parent: a crash would be counted, not hidden.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks._report import conditions, machine, options, processor_times, write_json
from benchmarks._stage import SINK, Watched, end, music, private_stage
from traumer_live.core.paths import data_file

NAME = "soak"
SETTLED_S = 75.0  # the show ring is full then, and every graph open
LOOK_S = 5.0
SAID_EVERY_S = 60.0
STARTS_WITHIN_S = 120.0


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="default 60")
    parser.add_argument("--size", default="640x360", metavar="WxH", help="default 640x360")
    parser.add_argument("--screen", default="1280x800", metavar="WxH", help="default 1280x800")
    parser.add_argument("--record", action="store_true", help="takes of a minute each, 1 GB kept")
    parser.add_argument("--backend", default="auto", help="of the generator; default auto")
    parser.add_argument("--window-alone", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.window_alone:
        print(json.dumps(window_alone(_size(chosen.size))))
        return
    since = processor_times()
    with (
        private_stage(screen=chosen.screen) as environment,
        music(data_file("assets/demo.opus"), environment, seconds=60 * chosen.minutes + 120),
    ):
        found = soak(chosen, environment)
        found["window_alone_mb"] = _window_alone(chosen.size, environment)
    found["machine"] = machine(since=since)
    tell(found)
    write_json(chosen.json, found)


def soak(chosen: argparse.Namespace, environment: Mapping[str, str]) -> dict[str, Any]:
    """Run the kiosk and watch it until its time is over."""
    folder = Path(environment["XDG_RUNTIME_DIR"])
    stats, status = folder / "stats.json", folder / "traumer-live" / NAME / "status.json"
    words = ["kiosk", "--name", NAME, "--source", f"loopback:{SINK}", "--backend", chosen.backend]
    words += ["--record-size", chosen.size, "--seconds", str(60 * chosen.minutes)]
    words += ["--stats", str(stats), "--force"]
    if chosen.record:
        words += ["--record", f"{folder}/takes/", "--take-minutes", "1", "--keep-gb", "1"]
    parent = subprocess.Popen(
        [sys.executable, "-m", "traumer_live", *words],
        env=dict(environment),
        stdout=subprocess.DEVNULL,
    )
    try:
        watched = Watched(_child(status, parent))
        memory = _watch(parent, watched, SAID_EVERY_S)
    finally:
        end(parent)
    report = json.loads(stats.read_text(encoding="utf-8"))
    last = json.loads(status.read_text(encoding="utf-8"))
    cpu = watched.cpu_seconds()
    return {
        "minutes": round(report["seconds"] / 60, 2),
        "size": chosen.size,
        "screen": chosen.screen,
        "device": report["device"],
        "rung": report["rung"],
        "fps": report["fps"],
        "frames": report["frames"],
        "interval_ms": report["shown_interval_ms"],
        "audio": report["audio"],
        "restarts": last["restarts"],
        "rss_mb": _over_time(watched),
        "rss_slope_mb_per_10_min": round(watched.memory_slope(skip_s=SETTLED_S), 2),
        "peak_rss_mb": report["peak_rss_mb"],
        **memory,
        "cores": round(sum(cpu.values()) / watched.seconds, 3),
        "cpu_s": cpu,
    }


def window_alone(size: tuple[int, int]) -> dict[str, float | str]:
    """Megabytes that a fullscreen window with the plain look takes, beyond Python and modules."""
    import numpy as np

    from traumer_live.core.controls import Controls
    from traumer_live.core.types import Pulse
    from traumer_live.engine.seen import look_state
    from traumer_live.kiosk.surface import Surface
    from traumer_live.video.presenter import Presenter
    from traumer_live.video.renderer import Renderer

    before = _memory(os.getpid())
    surface = Surface(size, monitor=None, saved_monitor="", on_key=lambda _key: None)
    ctx = surface.open()
    renderer, presenter = Renderer(ctx, size), Presenter(ctx)
    renderer.upload(np.zeros((256, 256, 4), np.uint8))
    surface.show_fullscreen()
    for number in range(60):
        renderer.draw(look_state(Controls(), Pulse(), time_s=number / 30))
        presenter.show(renderer.texture, ctx.detect_framebuffer(0), surface.size, hud=None)
        surface.swap()
        surface.poll()
    after = _memory(os.getpid())
    drawn_by = str(ctx.info["GL_RENDERER"])
    return {name: round(after[name] - before[name], 1) for name in after} | {"by": drawn_by}


def tell(found: Mapping[str, Any]) -> None:
    """Everything in a few lines."""
    interval, alone = found["interval_ms"], found["window_alone_mb"]
    print(f"The kiosk for {found['minutes']} minutes at {found['size']} on {found['screen']}, "
          f"{found['device']}")  # fmt: skip
    print(conditions(found["machine"]))
    print(f"  pictures   {found['fps']:.2f} a second; interval p50 {interval['p50']}, "
          f"p95 {interval['p95']}, p99 {interval['p99']} ms; dropped {found['frames']['dropped']}; "
          f"rung {found['rung']}")  # fmt: skip
    print(f"  memory     resident {found['end_mb']['rss']} MB at the end (PSS "
          f"{found['end_mb']['pss']}, its own {found['end_mb']['anonymous']}), peak "
          f"{found['peak_rss_mb']}, slope {found['rss_slope_mb_per_10_min']} MB per 10 minutes; "
          f"parent {found['parent_mb']['rss']}")  # fmt: skip
    print(f"  of it      a window alone takes {alone['rss']} MB (PSS {alone['pss']}, its own "
          f"{alone['anonymous']}) by {alone['by']}")  # fmt: skip
    print(f"  processor  {found['cores']} cores; {found['cpu_s']}")
    print(f"  sound      {found['audio']}; restarts {found['restarts']}")


def _watch(parent: subprocess.Popen[bytes], watched: Watched, every_s: float) -> dict[str, Any]:
    """Look now and then until the kiosk ends; memory as it was seen last, of child and parent."""
    told_at, found = 0.0, {}
    while parent.poll() is None:
        watched.look()
        if memory := _memory(watched.pid):
            found = {"end_mb": memory, "parent_mb": _memory(parent.pid)}
        if watched.memory and watched.seconds - told_at >= every_s:
            told_at = watched.seconds
            print(f"  {told_at / 60:5.1f} min  {watched.memory[-1][1]:.1f} MB", flush=True)
        time.sleep(LOOK_S)
    if parent.returncode:
        raise SystemExit(f"The kiosk ended with {parent.returncode}.")
    return found


def _child(status: Path, parent: subprocess.Popen[bytes]) -> int:
    """The process that shows, once it does."""
    over_at = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < over_at and parent.poll() is None:
        try:
            return int(json.loads(status.read_text(encoding="utf-8"))["pid"])
        except (OSError, ValueError, KeyError):
            time.sleep(0.1)
    raise SystemExit("The kiosk never showed a picture.")


def _memory(pid: int) -> dict[str, float]:
    """Megabytes of a process: resident, its fair part of what is shared, its own; {} when ended."""
    names = {"Rss": "rss", "Pss": "pss", "Anonymous": "anonymous"}
    try:
        lines = Path("/proc", str(pid), "smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return {}
    fields = (line.split() for line in lines[1:])
    found = {name.rstrip(":"): int(kilobytes) for name, kilobytes, *_ in fields}
    return {told: round(found[name] / 1024, 1) for name, told in names.items() if name in found}


def _over_time(watched: Watched) -> list[tuple[float, float]]:
    """(minutes, MB) about once a minute."""
    every = max(round(SAID_EVERY_S / LOOK_S), 1)
    return [(round(s / 60, 1), round(mb, 1)) for s, mb in watched.memory[::every]]


def _window_alone(size: str, environment: Mapping[str, str]) -> dict[str, Any]:
    words = [sys.executable, "-m", "benchmarks.kiosk_soak", "--window-alone", "--size", size]
    done = subprocess.run(words, env=dict(environment), capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


if __name__ == "__main__":
    main()
