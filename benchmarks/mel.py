"""The log-mel: every frame once, against the mel of the whole window at each tick.

    python -m benchmarks.mel [--rounds 200] [--json FILE]

In: noise at 16 kHz, a tick (533 samples) at a time.  Out: milliseconds a tick.
"""

from __future__ import annotations

import numpy as np

from benchmarks._report import Report, in_turn, options
from traumer_live.audio.log_mel import LogMel, log_mel_offline
from traumer_live.core.types import ENCODER_RATE, TICK_RATE
from traumer_live.embedding import load_encoder

WINDOWS_S = (3, 29)


def main() -> None:
    chosen = options(__doc__, rounds=200).parse_args()
    report = Report("log-mel, milliseconds a tick")
    spec = load_encoder(backend="numpy").mel_spec
    noise = np.random.default_rng(0).normal(0, 0.1, WINDOWS_S[-1] * ENCODER_RATE)
    sound = noise.astype(np.float32)
    running = LogMel(spec)
    tick = sound[: ENCODER_RATE // TICK_RATE]
    tasks = {
        f"whole window of {seconds} s": lambda n=seconds * ENCODER_RATE: log_mel_offline(
            sound[:n], spec
        )
        for seconds in WINDOWS_S
    }
    tasks["running"] = lambda: running.push(tick)
    for name, times in in_turn(tasks, chosen.rounds).items():
        report.add(name, times)
    report.compare(f"whole window of {WINDOWS_S[0]} s")
    report.finish(chosen.json)


if __name__ == "__main__":
    main()
