"""What every benchmark prints and writes: the machine, medians, p95 and p99, ratios to a baseline.

In: durations of one process, taken in turn.  Out: a table on stdout, and JSON where asked.

Load and steal are part of each report: on a machine that does other work the minima and their
ratios mean more than the medians.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

PACKAGES = ("numpy", "onnxruntime", "onnxruntime-gpu", "openvino", "torch", "av", "moderngl")


def options(doc: str | None, *, rounds: int | None = None) -> argparse.ArgumentParser:
    """A parser with what all benchmarks understand."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured")
    if rounds is not None:
        parser.add_argument("--rounds", type=int, default=rounds, help=f"default {rounds}")
    return parser


def in_turn(
    tasks: Mapping[str, Callable[[], object]], rounds: int, *, warm_up: int = 3
) -> dict[str, list[float]]:
    """Milliseconds of every task, interleaved so that a busy moment meets all of them."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for turn in range(rounds + warm_up):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            spent = 1e3 * (time.perf_counter() - start)
            if turn >= warm_up:
                times[name].append(spent)
    return times


def summary(values: Sequence[float]) -> dict[str, float]:
    """Minimum, median, p95, p99 of some durations."""
    p50, p95, p99 = np.percentile(values, (50, 95, 99))
    return {
        "min": round(float(min(values)), 4),
        "p50": round(float(p50), 4),
        "p95": round(float(p95), 4),
        "p99": round(float(p99), 4),
    }


class Report:
    """One table in the making."""

    def __init__(self, title: str, *, device: str = "") -> None:
        self.title = title
        self.device = device or processor()
        self.rows: list[dict[str, Any]] = []
        self._seen = processor_times()

    def add(self, name: str, values_ms: Sequence[float], **more: Any) -> None:
        """A row of durations in milliseconds, with whatever else is known of it."""
        self.rows.append({"name": name, **summary(values_ms), **more})

    def compare(self, baseline: str) -> None:
        """Give every row its speed relative to the row ``baseline``, by minima and medians."""
        base = next(row for row in self.rows if row["name"] == baseline)
        for row in self.rows:
            row["times_faster"] = round(base["min"] / row["min"], 2)
            row["times_faster_p50"] = round(base["p50"] / row["p50"], 2)
        self.title += f"; baseline: {baseline}"

    def finish(self, path: Path | None = None, **more: Any) -> dict[str, Any]:
        """Print the table, write the JSON where asked, and return it."""
        document = {
            "benchmark": self.title,
            "device": self.device,
            "machine": machine(since=self._seen),
            "rows": self.rows,
            **more,
        }
        print(f"{self.title}\n{self.device}; {conditions(document['machine'])}")
        width = max((len(row["name"]) for row in self.rows), default=0)
        for row in self.rows:
            cells = "  ".join(
                f"{key} {_text(value)}" for key, value in row.items() if key != "name"
            )
            print(f"  {row['name']:{width}}  {cells}")
        write_json(path, document)
        return document


def write_json(path: Path | None, document: Mapping[str, Any]) -> None:
    """Write ``document`` where it was asked for."""
    if path is not None:
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def machine(*, since: tuple[float, float, float]) -> dict[str, Any]:
    """What must be known of the machine to believe a number."""
    total, busy, steal = (b - a for a, b in zip(since, processor_times(), strict=True))
    load = os.getloadavg() if hasattr(os, "getloadavg") else (0.0, 0.0, 0.0)
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
        "load_1_min": round(load[0], 2),
        "busy_cores": round(busy / total * (os.cpu_count() or 1), 2) if total else 0.0,
        "steal_percent": round(100 * steal / total, 2) if total else 0.0,
    }


def conditions(found: Mapping[str, Any]) -> str:
    """Load and steal in words."""
    return (
        f"load {found['load_1_min']}, {found['busy_cores']} of {found['cores']} cores busy, "
        f"steal {found['steal_percent']} %"
    )


def processor_times() -> tuple[float, float, float]:
    """Ticks in all, ticks not idle, ticks stolen by other guests; zeros where nobody tells."""
    try:
        fields = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]
    except OSError:
        return 0.0, 0.0, 0.0
    ticks = [float(field) for field in fields]
    return sum(ticks), sum(ticks) - ticks[3] - ticks[4] - ticks[7], ticks[7]


def processor() -> str:
    """What the processor calls itself."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f"{next(names, platform.machine())}, {os.cpu_count()} cores"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _text(value: object) -> str:
    return f"{value:9.3f}" if isinstance(value, float) else str(value)
