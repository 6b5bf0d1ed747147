"""Other models while the show runs: what stalls, for how long, and what memory is left.

    python -m benchmarks.switching NAME [NAME ...] [--rounds 1] [--settle 10] [--pictures DIR]

In: names or paths of generators to switch to in turn; an empty NAME is the shipped one. The show
hears the demo track and is drawn offscreen, as ``run --headless`` does.  Out: of each switch the
seconds until it was done and until the fade was over, the longest gap between two ticks heard, two
pictures handed out, two drawings, and the longest time that a thread which only sleeps could not go
on (somebody held Python's lock); the resident memory after it.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks._report import conditions, machine, options, processor_times, write_json
from traumer_live.audio.capture import SourceSpec
from traumer_live.cli.session import SWITCH_INTERVAL_S
from traumer_live.core.paths import data_file
from traumer_live.core.settings import Settings
from traumer_live.core.types import Frame
from traumer_live.engine.models import load_choice, load_models
from traumer_live.engine.screen import Screen
from traumer_live.engine.show import Show
from traumer_live.labelling.mapmaker import Mapmaker
from traumer_live.video.gl import release_standalone, standalone_context

PROBE_S = 0.005  # what the sleeping thread sleeps
POLL_S = 0.002
BEFORE_S = 8.0  # of an undisturbed show, to compare with
PICTURES_EVERY_S = 0.5
SUSPICIOUS_S = 0.15  # with --trace: a longer hold is told with what everybody was doing


@dataclass
class Watch:
    """When things happened, by kind."""

    times: dict[str, list[float]] = field(default_factory=dict)

    def note(self, kind: str) -> None:
        """It happened now."""
        self.times.setdefault(kind, []).append(time.monotonic())

    def longest_ms(self, kind: str, start: float, end: float) -> float:
        """The longest gap between two of a kind, one of which lies between two moments."""
        times = self.times.get(kind, [])
        gaps = [b - a for a, b in pairwise(times) if b > start and a < end]
        return round(1e3 * max(gaps, default=0.0), 1)

    def noting(self, kind: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """``function``, noted each time."""

        def noted(*arguments: Any, **named: Any) -> Any:
            self.note(kind)
            return function(*arguments, **named)

        return noted


KINDS = {"ticks heard": "tick", "pictures": "picture", "drawings": "drawing", "lock held": "probe"}


def main() -> None:
    parser = options(__doc__, rounds=1)
    parser.add_argument("names", nargs="+", metavar="NAME")
    parser.add_argument("--settle", type=float, default=10.0, help="seconds watched after each")
    parser.add_argument("--pictures", type=Path, help="keep what was seen, twice a second")
    parser.add_argument("--trace", action="store_true", help="tell who held the lock for long")
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--backend", default="auto", help="another than auto is not calibrated")
    chosen = parser.parse_args()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    before = processor_times()
    source = replace(SourceSpec.parse(f"file:{data_file('assets/demo.opus')}"), loop=True)
    watch = Watch()
    show = Show(Settings(), load_models(Settings(), backend=chosen.backend), source)
    show.accompany(Mapmaker(show))
    show.frames.put = watch.noting("picture", show.frames.put)  # type: ignore[method-assign]
    show._thoughts.put = watch.noting("tick", show._thoughts.put)  # type: ignore[method-assign]
    switches = Switches(show, watch, chosen)
    with show:
        watching = threading.Thread(target=probe, args=(watch, switches, chosen.trace), daemon=True)
        watching.start()
        switches.start()
        draw(show, watch, switches, chosen)
    found = {"machine": machine(since=before), "rows": switches.rows}
    print(conditions(found["machine"]))
    write_json(chosen.json, found)


class Switches(threading.Thread):
    """Chooses one model after the other, as somebody at the studio's menu would."""

    def __init__(self, show: Show, watch: Watch, chosen: Any) -> None:
        super().__init__(name="errands")
        self.rows: list[dict[str, Any]] = []
        self._show, self._watch, self._chosen = show, watch, chosen

    def run(self) -> None:
        """Every switch, told as soon as it is over."""
        time.sleep(2.0)
        start = time.monotonic()
        time.sleep(BEFORE_S)
        self._tell("(undisturbed)", start, time.monotonic(), {})
        for _ in range(self._chosen.rounds):
            for name in self._chosen.names:
                self._switch(name)

    def _switch(self, name: str) -> None:
        begun = time.monotonic()
        models = load_choice(replace(self._show.models.choice, generator=name, mapping=""))
        loaded = time.monotonic()
        self._show.switch_models(models)
        done = time.monotonic()
        while self._show.models.generator is not models.generator:
            time.sleep(POLL_S)
        del models
        time.sleep(self._chosen.settle)
        seconds = {"loaded_s": round(loaded - begun, 2), "switched_s": round(done - begun, 2)}
        self._tell(name or "(shipped)", begun, time.monotonic(), seconds)

    def _tell(self, name: str, start: float, end: float, more: dict[str, float]) -> None:
        gc.collect()
        longest = {
            f"{words} ms": self._watch.longest_ms(kind, start, end) for words, kind in KINDS.items()
        }
        rung = self._show.status().rung
        row = {"name": name, **more, **longest, "rung": rung, "memory_mb": resident_mb()}
        self.rows.append(row)
        print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)


def draw(show: Show, watch: Watch, switches: Switches, chosen: Any) -> None:
    """Draw offscreen at every tick until the last switch was seen."""
    width, _, height = chosen.size.partition("x")
    ctx = standalone_context()
    screen = Screen(show, ctx, (int(width), int(height)))
    kept = time.monotonic()
    try:
        while switches.is_alive():
            if screen.refresh(time.monotonic()):
                watch.note("drawing")
            else:
                time.sleep(POLL_S)
            for notice in show.notices.drain():
                print("notice:", notice, flush=True)
            if chosen.pictures and time.monotonic() - kept > PICTURES_EVERY_S:
                kept = time.monotonic()
                _keep(show, chosen.pictures, kept)
    finally:
        screen.close()
        release_standalone(ctx)
    print("sound:", show.report()["audio"])


def _keep(show: Show, folder: Path, now: float) -> None:
    painted = show._painted
    frame: Frame | None = show._tween.at(show._heard) if show._dreamer.keyed else None
    frame = frame or (painted[1] if painted else None)
    if frame is not None:
        folder.mkdir(exist_ok=True)
        Image.fromarray(frame.pixels[..., :3]).resize((256, 256)).save(folder / f"{now:.2f}.jpg")


def probe(watch: Watch, switches: Switches, trace: bool) -> None:
    """Sleep and note it; a thread that nobody keeps from running does so every five ms."""
    last = time.monotonic()
    while True:
        time.sleep(PROBE_S)
        watch.note("probe")
        now = time.monotonic()
        if trace and now - last > SUSPICIOUS_S:
            names = {t.ident: t.name for t in threading.enumerate()}
            print(f"--- {1e3 * (now - last):.0f} ms", flush=True)
            for ident, frame in sys._current_frames().items():
                if names.get(ident) in ("errands", "graph", "rival", "dreams"):
                    stack = traceback.extract_stack(frame)[-4:]
                    where = " < ".join(f"{f.name}:{f.lineno}" for f in reversed(stack))
                    print("   ", names[ident], where, flush=True)
        last = time.monotonic()


def resident_mb() -> float:
    """Of this process."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in text.splitlines() if "VmRSS" in line)


if __name__ == "__main__":
    main()
