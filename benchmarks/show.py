"""The whole show at once: music through Pulse, studio window, recording; every number of it.

    python -m benchmarks.show [--minutes 30] [--runs 3] [--front studio|kiosk|headless]
                              [--size 640x360] [--take raw|look|none] [--json FILE] [-- OPTIONS]

In: a private X server and a private null sink in which the demo track plays over and over.
Out: pictures a second, intervals, repeated slots, overruns, the slope of memory, cores by thread;
load, steal and the cores that others used beside them. A disturbed run says nothing: one is
repeated, and of several runs the medians of the quiet ones are told in the end.

``--take raw`` keeps the generator's own frames, ``look`` what the audience sees. What stands after
``--`` goes to ``traumer-live`` as it is (``-- --backend openvino``).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks._report import conditions, machine, options, processor_times, write_json
from benchmarks._stage import SINK, Watched, end, music, private_stage
from traumer_live.core.paths import data_file

LOOK_EVERY_S = 2.0
SETTLED_S = 75.0  # the show ring is full after 64 s; memory is judged from then on
OTHERS_CORES, STEAL_PERCENT = 0.4, 2.0  # above these a run is disturbed
REPEATS = 1  # of a disturbed run
LLVMPIPE = "llvmpipe"  # the threads that stand in for a graphics card


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--front", choices=("studio", "kiosk", "headless"), default="studio")
    parser.add_argument("--size", default="640x360", help="of what the audience sees")
    parser.add_argument("--take", choices=("raw", "look", "none"), default="look")
    parser.add_argument("more", nargs="*", help="after --: options of traumer-live")
    chosen = parser.parse_args()
    reports: list[dict[str, Any]] = []
    for _ in range(chosen.runs + REPEATS):
        with tempfile.TemporaryDirectory(prefix="traumer-show-") as folder:
            reports.append(run(Path(folder), chosen))
        tell(reports[-1])
        quiet = [each for each in reports if not is_disturbed(each)]
        middle = medians(quiet or reports)
        write_json(chosen.json, {"runs": reports, "medians": middle})
        if len(quiet) == chosen.runs:
            break
    if len(reports) > 1:
        which = f"{len(quiet)} quiet" if quiet else f"{len(reports)} disturbed"
        print(f"medians of {which} runs: " + ", ".join(f"{k} {v}" for k, v in middle.items()))


def medians(reports: list[dict[str, Any]]) -> dict[str, float]:
    """The middle of what several runs gave."""
    slopes = [r["memory_slope_mb_per_10_min"] for r in reports]
    values = {
        "pictures a second": [r["fps"] for r in reports],
        **{f"{p} ms": [r["interval_ms"][p] for r in reports] for p in ("p50", "p95", "p99")},
        "repeated %": [r["repeated_percent"] for r in reports],
        "overruns": [r["audio"].get("overruns", 0) for r in reports],
        "cores": [r["cores"] for r in reports],
        "MB in ten minutes": [slope for slope in slopes if slope is not None],
    }
    return {name: round(median(found), 2) for name, found in values.items() if found}


def run(folder: Path, chosen: Any) -> dict[str, Any]:
    """One show of so many minutes; what it and the system said of it."""
    seconds = 60 * chosen.minutes
    before = processor_times()
    with (
        private_stage() as environment,
        music(data_file("assets/demo.opus"), environment, seconds=seconds + 30),
    ):
        show = subprocess.Popen(
            command(folder, chosen, seconds), env=environment, stdin=subprocess.DEVNULL
        )
        watched = Watched(show.pid)
        try:
            while show.poll() is None and watched.seconds < seconds + 60:
                watched.look()
                time.sleep(LOOK_EVERY_S)
        finally:
            end(show)
    if show.returncode != 0:
        raise SystemExit(f"The show ended with exit code {show.returncode}.")
    stats = json.loads((folder / "stats.json").read_text(encoding="utf-8"))
    found = results(stats, watched)
    around = machine(since=before)
    others = around["busy_cores"] - found["cores"] - found["cores_llvmpipe"]
    return {
        "benchmark": "the whole show",
        "asked": {
            name: getattr(chosen, name) for name in ("minutes", "front", "size", "take", "more")
        },
        "machine": around,
        "cores_of_others": round(others, 2),  # display, sound server and player among them
        **found,
        "stats": stats,
    }


def command(folder: Path, chosen: Any, seconds: float) -> list[str]:
    """The command line of the show that is measured."""
    words = [sys.executable, "-m", "traumer_live"]
    words += ["kiosk", "--windowed"] if chosen.front == "kiosk" else ["run"]
    words += ["--headless"] if chosen.front == "headless" else []
    words += ["--source", f"loopback:{SINK}", "--seconds", str(seconds)]
    words += ["--record-size", chosen.size, "--stats", str(folder / "stats.json")]
    if chosen.take != "none":
        words += ["--record", str(folder / "take.mp4")]
        words += ["--record-raw"] if chosen.take == "raw" else []
    return words + list(chosen.more)


def results(stats: dict[str, Any], watched: Watched) -> dict[str, Any]:
    """The few numbers by which the show is judged."""
    used = watched.cpu_seconds()
    pipe = used.get(LLVMPIPE, 0.0)
    slots = max(round(30 * stats["seconds"]), 1)
    return {
        "fps": stats["fps"],
        "interval_ms": stats["shown_interval_ms"],
        "repeated_percent": round(100 * stats["frames"]["repeated"] / slots, 2),
        "dropped": stats["frames"]["dropped"],
        "audio": stats["audio"],
        "cores": round((sum(used.values()) - pipe) / watched.seconds, 2),
        "cores_llvmpipe": round(pipe / watched.seconds, 2),
        "cores_by_stage": {
            name: round(spent / stats["seconds"], 3)
            for name, spent in stats["cpu"].items()
            if name != "process"
        },
        "memory_mb": round(watched.memory[-1][1], 1),
        "memory_slope_mb_per_10_min": _number(watched.memory_slope(skip_s=SETTLED_S)),
        "memory": [(round(at), round(mb, 2)) for at, mb in watched.memory],
    }


def is_disturbed(report: dict[str, Any]) -> bool:
    """Whether other programs or other guests took what the show needed."""
    return bool(
        report["cores_of_others"] > OTHERS_CORES
        or report["machine"]["steal_percent"] > STEAL_PERCENT
    )


def tell(report: dict[str, Any]) -> None:
    """The same for people."""
    asked, interval = report["asked"], report["interval_ms"]
    slope = report["memory_slope_mb_per_10_min"]
    print(f"{asked['front']} {asked['size']}, take: {asked['take']}, {asked['minutes']:g} min")
    print(f"{report['machine']['processor']}; {conditions(report['machine'])}")
    print(
        f"  others used {report['cores_of_others']} cores"
        + ("; this run was DISTURBED" if is_disturbed(report) else "")
    )
    print(f"  pictures      {report['fps']:.2f} a second, {report['dropped']} dropped")
    print("  intervals     " + ", ".join(f"{k} {v:.1f}" for k, v in interval.items()) + " ms")
    print(f"  take          {report['repeated_percent']} % of its slots repeat a picture")
    print("  sound         " + ", ".join(f"{k} {v}" for k, v in report["audio"].items()))
    print(f"  cores         {report['cores']} and {report['cores_llvmpipe']} of {LLVMPIPE}")
    print("                " + ", ".join(f"{k} {v}" for k, v in report["cores_by_stage"].items()))
    print(
        f"  memory        {report['memory_mb']} MB; "
        + (f"{slope:+.2f} MB in ten minutes" if slope is not None else "too short for a slope")
    )
    stages = report["stats"]["stage_ms"]
    for name, times in stages.items():
        print(f"  {name:13} " + ", ".join(f"{k} {v:.2f}" for k, v in times.items()) + " ms")


def _number(value: float) -> float | None:
    return None if value != value else round(value, 3)  # nan is no JSON


if __name__ == "__main__":
    main()
