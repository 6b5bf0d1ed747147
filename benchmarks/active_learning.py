"""How many labels does it take, and how many pictures must be viewed? Simulated evenings.

    python -m benchmarks.active_learning [--seeds 8] [--workers 1] [--results FILE.json]
    python -m benchmarks.active_learning --plots docs/images --write docs/active-learning.md

The first form simulates (each evening takes a second or two) and keeps every result, so a run that
was stopped goes on; the second draws and writes what is kept. Runs from the numbers in
benchmarks/learning/world.safetensors; no music and no generator are needed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.learning.report import draw, table
from benchmarks.learning.study import RESULTS, load_results, run
from tools.starter_mapping.evaluate import insert


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--plots", type=Path, help="a folder for the pictures")
    parser.add_argument("--write", type=Path, help="a page with the two marks")
    options = parser.parse_args()
    if not (options.plots or options.write):
        run(options.results, seeds=options.seeds)
    results = load_results(options.results)
    page = "\n".join(table(results))
    print(page)
    if options.plots:
        draw(results, options.plots)
    if options.write:
        insert(options.write, page)


if __name__ == "__main__":
    main()
