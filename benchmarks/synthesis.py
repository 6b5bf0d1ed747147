"""Milliseconds per frame of every backend, interleaved in one process.

    python benchmarks/synthesis.py [--weights FILE] [--rounds 40] [--json FILE]

Without --weights a random generator of the default size is used. On a machine that does other work
the minima and their ratios mean more than the medians.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.synthesis.random_generator import random_generator
from traumer_live.synthesis import Generator, load_generator
from traumer_live.synthesis.config import GeneratorConfig

BASELINE = "torch, 1 thread"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--weights", type=Path)
    options.add_argument("--rounds", type=int, default=40)
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        weights = chosen.weights or random_generator(
            Path(folder) / "random.safetensors", GeneratorConfig()
        )
        times = measure(weights, chosen.rounds)
    report(times)
    if chosen.json:
        chosen.json.write_text(json.dumps({"machine": platform.platform(), "ms": summary(times)}))


def measure(weights: Path, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of every frame, the first of each backend left out."""
    generators = {
        f"{backend}, {threads} thread{'s' * (threads > 1)}": (backend, threads)
        for backend in ("onnx", "torch")
        for threads in (1, 2)
    }
    running = {
        name: load_generator(weights, backend=backend, threads=threads)
        for name, (backend, threads) in generators.items()
    }
    info = next(iter(running.values())).info
    rng = np.random.default_rng(0)
    w_plus = rng.standard_normal((info.num_ws, info.w_dim)).astype(np.float32)
    times: dict[str, list[float]] = {name: [] for name in running}
    for turn in range(rounds + 1):
        for name, generator in running.items():
            elapsed = milliseconds(generator, w_plus)
            if turn:
                times[name].append(elapsed)
    return times


def milliseconds(generator: Generator, w_plus: np.ndarray) -> float:
    """One frame; torch's number of threads is global, so it is set before the clock starts."""
    if generator.info.backend == "torch":
        import torch

        torch.set_num_threads(generator.info.threads)
    start = time.perf_counter()
    generator.synthesize(w_plus)
    return 1000 * (time.perf_counter() - start)


def summary(times: dict[str, list[float]]) -> dict[str, dict[str, float]]:
    """Minimum, median, p95, p99 and the ratio of minima to the baseline."""
    baseline = min(times[BASELINE])
    return {
        name: {
            "min": min(each),
            **{f"p{p}": float(np.percentile(each, p)) for p in (50, 95, 99)},
            "faster_than_baseline": baseline / min(each),
        }
        for name, each in times.items()
    }


def report(times: dict[str, list[float]]) -> None:
    print(f"{platform.processor() or platform.machine()}; baseline: {BASELINE}")
    for name, row in summary(times).items():
        cells = "  ".join(f"{key} {value:7.2f}" for key, value in row.items())
        print(f"{name:18} {cells}")


if __name__ == "__main__":
    main()
