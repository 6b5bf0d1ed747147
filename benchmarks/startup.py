"""How soon the program is there: ``--help``, and the first picture that music made.

    python -m benchmarks.startup [--rounds 5] [--json FILE] [--front kiosk|headless|studio]

In: a private display and null sink with music playing.  Out: milliseconds by an outside clock, from
before the command until it ends, or until its first picture by music; how many modules each command
and its children import, and which are the dearest. The baseline is Python doing nothing. The first
start fills the caches (graphs, bytecode) and is left out; files lie in the system's cache.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks._report import Report, options
from benchmarks._stage import SINK, music, private_stage
from traumer_live.core.paths import data_file

BASELINE = "python -c pass"
SHOWN_S = 3.0  # how long each show runs
FRONTS = {
    "kiosk": ["kiosk", "--windowed"],
    "headless": ["run", "--headless"],
    "studio": ["run"],
}
_IMPORT = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|(\s+)(\S+)")


def main() -> None:
    parser = options(__doc__, rounds=5)
    parser.add_argument("--front", choices=FRONTS, default="kiosk")
    chosen = parser.parse_args()
    report = Report("start-up, in milliseconds")
    python = [sys.executable, "-c", "pass"]
    program = [sys.executable, "-m", "traumer_live"]
    report.add(BASELINE, timed(python, chosen.rounds))
    help_ms = timed([*program, "--help"], chosen.rounds)
    report.add("traumer-live --help", help_ms, **imports([*program, "--help"]))
    pictures, modules = first_pictures(program, chosen.front, chosen.rounds)
    report.add(f"{chosen.front}: first picture by music", pictures, **modules)
    report.compare(BASELINE)
    report.finish(chosen.json)


def timed(command: list[str], rounds: int) -> list[float]:
    """Milliseconds of a command from start to end, the first left out."""
    times = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        times.append(1e3 * (time.perf_counter() - start))
    return times[1:]


def first_pictures(
    program: list[str], front: str, rounds: int
) -> tuple[list[float], dict[str, Any]]:
    """Milliseconds from before the command to the first picture that sound drove."""
    seconds = (rounds + 2) * (SHOWN_S + 8)
    with (
        private_stage() as environment,
        music(data_file("assets/demo.opus"), environment, seconds=seconds),
        tempfile.TemporaryDirectory() as folder,
    ):
        stats = Path(folder) / "stats.json"
        words = [*program, *FRONTS[front], "--source", f"loopback:{SINK}", "--stats", str(stats)]
        words += ["--seconds", str(SHOWN_S), "--force"]
        time.sleep(3)  # the player has begun
        times = []
        for _ in range(rounds + 1):
            began_at = time.time()  # the show tells its moment by the same clock
            done = subprocess.run(words, env=environment, capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(f"The show ended with {done.returncode}: {done.stderr.strip()}")
            found = json.loads(stats.read_text(encoding="utf-8"))["first_music_picture_at"]
            if found is None:
                raise SystemExit("No picture was driven by music; is the player running?")
            times.append(1e3 * (found - began_at))
        return times[1:], imports(words, environment)


def imports(command: list[str], environment: dict[str, str] | None = None) -> dict[str, Any]:
    """How many modules a command and its children import, and the dearest, in milliseconds.

    What a module brings counts as its own.
    """
    traced = {**(environment or os.environ), "PYTHONPROFILEIMPORTTIME": "1"}  # children inherit it
    done = subprocess.run(command, env=traced, capture_output=True, text=True, check=True)
    longest: dict[str, float] = {}
    for _, whole, _, name in _IMPORT.findall(done.stderr):
        longest[name] = max(longest.get(name, 0.0), int(whole) / 1e3)
    dear = sorted(longest.items(), key=lambda each: -each[1])
    packages = [(name, round(ms)) for name, ms in dear if "." not in name and ms >= 5]
    return {"modules": len(longest), "dearest_ms": dict(packages[:8])}


if __name__ == "__main__":
    main()
