"""What the encoder costs: every backend at 30 embeddings a second, as the show asks for them.

In: the shipped weights and a made-up mel.  Out: a line for each backend on stdout.

    python -m benchmarks.encoder [--ticks 300]

Two mel frames a tick and a third now and then (62.5 frames a second). The processor seconds of the
whole process are counted, so threads that a library starts are not hidden. Loading and the first
ten ticks are left out. For numbers of one thread set OPENBLAS_NUM_THREADS=1 (numpy's products).
"""

from __future__ import annotations

import argparse
import time
from itertools import pairwise

import numpy as np

from traumer_live.core.types import TICK_RATE, Array
from traumer_live.embedding import BackendName, Encoder, load_encoder

WARM_UP = 10  # ticks
BACKENDS: tuple[BackendName, ...] = ("onnx", "numpy", "torch")


def main() -> None:
    parser = argparse.ArgumentParser(description="cost of the encoder's backends")
    parser.add_argument("--ticks", type=int, default=300)
    ticks = parser.parse_args().ticks
    for backend in BACKENDS:
        times_ms, core = measure(load_encoder(backend=backend), ticks)
        p50, p95, p99 = np.percentile(times_ms, (50, 95, 99))
        print(
            f"{backend:6} p50 {p50:7.2f}  p95 {p95:7.2f}  p99 {p99:7.2f} ms, {core:6.1%} of a core"
        )


def measure(encoder: Encoder, ticks: int) -> tuple[list[float], float]:
    """Milliseconds of each tick, and the share of one core at 30 ticks a second."""
    random = np.random.default_rng(0)
    frame_rate = encoder.mel_spec.frame_rate
    ends = np.floor(np.arange(ticks + WARM_UP + 1) * frame_rate / TICK_RATE).astype(int)
    mel = np.abs(random.normal(0, 1.5, (ends[-1], encoder.mel_spec.n_mels))).astype(np.float32)
    for tick in range(WARM_UP):
        one_tick(encoder, mel[ends[tick] : ends[tick + 1]])
    spent = time.process_time()
    times_ms = [one_tick(encoder, mel[a:b]) for a, b in pairwise(ends[WARM_UP:])]
    spent = time.process_time() - spent
    return times_ms, spent / ticks * TICK_RATE


def one_tick(encoder: Encoder, mel: Array) -> float:
    start = time.perf_counter()
    encoder.push(mel)
    encoder.embedding()
    return (time.perf_counter() - start) * 1e3


if __name__ == "__main__":
    main()
