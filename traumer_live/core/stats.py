"""What the show measures of itself: times per stage, frame intervals, counters, processor time.

In: durations and counts from every thread.  Out: one dictionary, as ``--stats`` writes it.
Memory is constant: durations go into log-spaced histograms, never into lists.
"""

from __future__ import annotations

import json
import math
import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from traumer_live.core.files import written_atomically

_IMPORTED = time.monotonic()
SHORTEST_MS = 1e-3
STEP = 1.01  # neighbouring bins differ by one per cent, and so at most do percentiles
BINS = math.ceil(math.log(1e8) / math.log(STEP))  # up to 100 s
RECENT = 128  # intervals behind the live fps and p95 of the HUD: about four seconds


class Timings:
    """A histogram of durations in milliseconds; percentiles are right to one per cent."""

    def __init__(self) -> None:
        self._counts = np.zeros(BINS + 1, dtype=np.int64)
        self._recent = np.zeros(RECENT)
        self.count = 0
        self.total_ms = 0.0

    def add(self, milliseconds: float) -> None:
        """Count one duration."""
        position = math.log(max(milliseconds, SHORTEST_MS) / SHORTEST_MS) / math.log(STEP)
        self._counts[min(int(position), BINS)] += 1
        self._recent[self.count % RECENT] = milliseconds
        self.count += 1
        self.total_ms += milliseconds

    def percentile(self, percent: float) -> float:
        """The duration that ``percent`` of all durations do not exceed; 0 when there are none."""
        if not self.count:
            return 0.0
        rank = percent / 100 * self.count
        position = int(np.searchsorted(np.cumsum(self._counts), rank))
        return float(SHORTEST_MS * STEP ** (position + 0.5))

    def recent(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The newest durations in no particular order, at most RECENT of them."""
        return self._recent[: min(self.count, RECENT)].copy()


class Stats:
    """Collects from all threads; each name is written by one thread only, so nothing is locked."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.stages: defaultdict[str, Timings] = defaultdict(Timings)
        self.counters: defaultdict[str, int] = defaultdict(int)
        self.cpu_seconds: dict[str, float] = {}
        self.shown_intervals = Timings()
        self.first_music_s: float | None = None  # age of the process at its first audible picture
        self.first_music_at: float | None = None  # that moment by the wall clock, Unix seconds
        self._last_shown: float | None = None
        self._names = threading.Lock()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the block as one run of stage ``name``."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self._timings(name).add(1e3 * (time.perf_counter() - start))

    def _timings(self, name: str) -> Timings:
        with self._names:
            return self.stages[name]

    def count(self, name: str, by: int = 1) -> None:
        """Add to the counter ``name``."""
        self.counters[name] += by

    def paused(self) -> None:
        """Pictures stand still by wish; the pause is no interval between two of them."""
        self._last_shown = None

    def shown(self, now: float, *, by_music: bool = False) -> None:
        """A new picture reached the screen at host time ``now`` (s); ``by_music``: not silence."""
        if by_music and self.first_music_s is None:
            self.first_music_s, self.first_music_at = process_age_s(), time.time()
        if self._last_shown is not None:
            self.shown_intervals.add(1e3 * (now - self._last_shown))
        self._last_shown = now
        self.counters["frames.shown"] += 1

    def thread_cpu(self, name: str) -> None:
        """Note the processor time that the calling thread has used so far under ``name``."""
        self.cpu_seconds[name] = time.thread_time()

    def add_cpu(self, name: str, seconds: float) -> None:
        """Count what a thread that has ended used; each take has a thread of its own."""
        self.cpu_seconds[name] = self.cpu_seconds.get(name, 0.0) + seconds

    def recent_fps(self) -> float:
        """Pictures a second over the last few seconds."""
        recent = self.shown_intervals.recent()
        if not recent.size:
            return 0.0
        since = 0.0 if self._last_shown is None else 1e3 * (time.monotonic() - self._last_shown)
        # When pictures stop, the rate falls with every moment without one.
        return float(1e3 / max(recent.mean(), since))

    def recent_p95_ms(self) -> float:
        """95th percentile of the last few seconds' frame intervals."""
        recent = self.shown_intervals.recent()
        return float(np.percentile(recent, 95)) if recent.size else 0.0

    def report(self, *, delay_s: dict[str, float], **more: Any) -> dict[str, Any]:
        """Everything, nested as ``--stats FILE.json`` documents it."""
        intervals = self.shown_intervals
        elapsed = time.monotonic() - self.started
        with self._names:
            stages = dict(self.stages)
        cpu = dict(self.cpu_seconds)
        cpu["process"] = time.process_time()
        return {
            "seconds": round(elapsed, 3),
            "fps": round(_rate(intervals), 3),
            "frames": {
                name: self.counters[f"frames.{name}"]
                for name in ("made", "shown", "dropped", "repeated")
            },
            "shown_interval_ms": {f"p{p}": round(intervals.percentile(p), 2) for p in (50, 95, 99)},
            "stage_ms": {
                name: {f"p{p}": round(timings.percentile(p), 3) for p in (50, 95)}
                for name, timings in sorted(stages.items())
            },
            "audio": {
                name.removeprefix("audio."): value
                for name, value in sorted(self.counters.items())
                if name.startswith("audio.")
            },
            "delay_s": {name: round(value, 4) for name, value in delay_s.items()},
            "cpu": {name: round(value, 3) for name, value in cpu.items()},
            "peak_rss_mb": round(peak_rss_mb(), 1),
            "first_music_picture_s": self.first_music_s and round(self.first_music_s, 3),
            "first_music_picture_at": self.first_music_at and round(self.first_music_at, 3),
            **more,
        }


def _rate(intervals: Timings) -> float:
    """Pictures a second over the whole run."""
    return 1e3 * intervals.count / intervals.total_ms if intervals.count else 0.0


def process_age_s() -> float:
    """Seconds since this process was started; where the system does not tell, since its import."""
    try:
        fields = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace")
        started = int(fields[fields.rindex(")") + 2 :].split()[19]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - started
    except (OSError, ValueError, AttributeError):
        return time.monotonic() - _IMPORTED


def peak_rss_mb() -> float:
    """The most memory this process ever held, in megabytes; 0 where the system does not tell."""
    try:
        import resource  # Windows has none
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def write_report(path: Path, report: dict[str, Any]) -> None:
    """Write ``report`` as JSON."""
    with written_atomically(path) as temporary:
        temporary.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
