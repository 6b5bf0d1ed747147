"""How soon a sound becomes a picture, several times over on a stage of its own.

    python -m benchmarks.latency [--rounds 3] [--clicks 30] [--json FILE] [-- OPTIONS]

In: a private sound server; ``traumer-live latency`` plays clicks into it and watches pixels; what
stands after ``--`` goes to it.  Out: for each span the medians of the rounds' p50 and p95, in
milliseconds; load and steal. The baseline of each round is its first span, ring to look.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks._report import conditions, machine, options, processor_times, write_json
from benchmarks._stage import private_stage


def main() -> None:
    parser = options(__doc__, rounds=3)
    parser.add_argument("--clicks", type=int, default=30)
    parser.add_argument("more", nargs="*", help="after --: options of traumer-live latency")
    chosen = parser.parse_args()
    before = processor_times()
    with private_stage() as environment, tempfile.TemporaryDirectory() as folder:
        rounds = [measured(chosen, environment, Path(folder)) for _ in range(chosen.rounds)]
    document = {
        "benchmark": "sound to picture, milliseconds",
        "device": rounds[0]["device"],
        "machine": machine(since=before),
        "spans_ms": together(rounds),
        "semantic_delay_s": rounds[0]["semantic_delay_s"],
        "rounds": rounds,
    }
    print(f"{document['benchmark']}, medians of {len(rounds)} rounds of {chosen.clicks} clicks")
    found = document["machine"]
    print(f"{document['device']}; {found['processor']}; {conditions(found)}")
    for title, span in document["spans_ms"].items():
        cells = "  ".join(f"{name} {value:6.1f}" for name, value in span.items())
        print(f"  {title:44} {cells}")
    print("  what kind of music it is, s", document["semantic_delay_s"])
    write_json(chosen.json, document)


def measured(chosen: Any, environment: dict[str, str], folder: Path) -> dict[str, Any]:
    """One round, as the command tells it."""
    target = folder / "latency.json"
    target.unlink(missing_ok=True)
    words = [sys.executable, "-m", "traumer_live", "latency", "--clicks", str(chosen.clicks)]
    words += ["--json", str(target), *chosen.more]
    done = subprocess.run(words, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"latency ended with {done.returncode}: {done.stderr.strip()}")
    found: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
    return found


def together(rounds: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """The medians of each span over the rounds in which it was seen, and against the first span."""
    spans: dict[str, dict[str, float]] = {}
    for title in rounds[0]["spans_ms"]:
        seen = [r["spans_ms"][title] for r in rounds if r["spans_ms"][title]["seen"]]
        if seen:
            spans[title] = {p: round(median(s[p] for s in seen), 1) for p in ("p50", "p95")}
    baseline = next(iter(spans.values()), {})
    for span in spans.values():
        span["times_the_first"] = round(span["p50"] / baseline["p50"], 2)
    return spans


if __name__ == "__main__":
    main()
