"""What the studio costs while it is seen, small, beside silence, and while nobody sees it.

    python -m benchmarks.resting [--seconds 12] [--json FILE]

In: the shipped models, the demo track, Xvfb with software OpenGL.  Out: per state the share of one
core that the whole process uses, pictures made and drawn a second; load and steal. The baseline is
the studio.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks._report import conditions, machine, options, processor_times, write_json
from tools.screenshots import Stage, display, private_folders, stage_of_demo
from traumer_live.audio.capture import SourceSpec
from traumer_live.core.paths import data_file

SIZE = "1280x800"
MUSIC = SourceSpec("file", str(data_file("assets/demo.opus")), loop=True)


def main() -> None:
    """Measure each state, one after the other."""
    parser = options(__doc__)
    parser.add_argument("--seconds", type=float, default=12.0, help="each state is measured for")
    chosen = parser.parse_args()
    before = processor_times()
    states: dict[str, dict[str, Any]] = {}
    with private_folders(), display(SIZE), stage_of_demo(SIZE, threads=1) as stage:
        drawn = [0]
        stage.projector.drawn.connect(lambda: drawn.__setitem__(0, drawn[0] + 1))
        for name, arrange in STATES:
            arrange(stage)
            stage.wait(2.0)
            states[name] = measured(stage, drawn, chosen.seconds)
            print(name.ljust(34), told(states[name], next(iter(states.values()))), flush=True)
    found = machine(since=before)
    print(f"{found['processor']}; {conditions(found)}")
    write_json(chosen.json, {"machine": found, "seconds": chosen.seconds, "states": states})


def measured(stage: Stage, drawn: list[int], seconds: float) -> dict[str, Any]:
    """Share of a core, pictures made and drawn a second, over ``seconds``."""
    made, threads = stage.show.stats.counters, thread_seconds()
    start, cpu, before = time.monotonic(), time.process_time(), (made["frames.made"], drawn[0])
    stage.wait(seconds)
    lasted, used = time.monotonic() - start, time.process_time() - cpu
    return {
        "core_percent": round(100 * used / lasted, 1),
        "pictures_s": round((made["frames.made"] - before[0]) / lasted, 1),
        "drawings_s": round((drawn[0] - before[1]) / lasted, 1),
        "effort": stage.show.effort,
        "threads": shares(threads, lasted),
    }


def told(state: dict[str, Any], baseline: dict[str, Any]) -> str:
    """One state for people, beside the first."""
    return (
        f"{state['core_percent']:5.1f} % of a core "
        f"({state['core_percent'] / baseline['core_percent']:.2f} of the studio's), "
        f"{state['pictures_s']:4.1f} pictures/s, {state['drawings_s']:4.1f} drawings/s, "
        f"{state['effort']}; {state['threads']}"
    )


def thread_seconds() -> dict[str, float]:
    """Processor seconds of every Python thread so far, by name; nothing but on Linux."""
    found = {}
    for thread in threading.enumerate():
        try:
            told = Path(f"/proc/self/task/{thread.native_id}/stat").read_text(encoding="ascii")
        except OSError:
            continue
        times = told[told.rindex(")") + 2 :].split()[11:13]
        found[thread.name] = sum(int(ticks) for ticks in times) / os.sysconf("SC_CLK_TCK")
    return found


def shares(before: dict[str, float], lasted: float) -> str:
    """The busiest threads since ``before``."""
    now = thread_seconds()
    used = {name: now[name] - before.get(name, 0.0) for name in now}
    busiest = sorted(used, key=lambda name: -used[name])[:4]
    return ", ".join(f"{name} {100 * used[name] / lasted:.1f}" for name in busiest)


def in_the_studio(stage: Stage) -> None:
    """As it opens."""


def in_the_small_window(stage: Stage) -> None:
    """Listening along."""
    stage.window.small.show()


def beside_silence(stage: Stage) -> None:
    """The music has stopped, and after a while the show rests."""
    stage.show.switch_source(SourceSpec("silence"))
    stage.until(lambda: stage.show.effort == "drowsy")


def after_the_first_sound(stage: Stage) -> None:
    """It goes on, and so does the show."""
    stage.show.switch_source(MUSIC)
    stage.until(lambda: stage.show.effort == "full")


def hidden_beside_music(stage: Stage) -> None:
    """Nobody sees the picture."""
    window = stage.window.small.window
    assert window is not None
    window.hide()
    stage.until(lambda: stage.show.effort == "asleep")


def hidden_beside_silence(stage: Stage) -> None:
    """Nobody sees it, nothing plays."""
    stage.show.switch_source(SourceSpec("silence"))


STATES: tuple[tuple[str, Callable[[Stage], None]], ...] = (
    ("studio, music", in_the_studio),
    ("small window, music", in_the_small_window),
    ("small window, silence", beside_silence),
    ("small window, music again", after_the_first_sound),
    ("hidden, music", hidden_beside_music),
    ("hidden, silence", hidden_beside_silence),
)

if __name__ == "__main__":
    main()
