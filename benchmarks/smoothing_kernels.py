"""What each smoothing kernel costs in delay and buys in calm, on real music.

    python benchmarks/smoothing_kernels.py [SONG] [--json FILE]

Prints per preset and level: the mean age (the delay it adds), how long it takes to follow nine
tenths of a sudden change, and the jitter (mean change from tick to tick) as a ratio to that of
the same embeddings unsmoothed, which is the baseline of the same run.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from traumer_live.audio.files import open_sound
from traumer_live.audio.log_mel import LogMel
from traumer_live.audio.loudness import LoudnessNormaliser
from traumer_live.audio.resample import Resampler
from traumer_live.core.paths import data_file
from traumer_live.core.types import ENCODER_RATE, SAMPLES_PER_TICK, SHOW_RATE, TICK_RATE, Array
from traumer_live.embedding.encoder import load_encoder
from traumer_live.latent.levels import LEVELS, Level
from traumer_live.latent.smoothing import LIVE_POWERS, PAPER_SPANS_S, Kernel, box, recency


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("song", nargs="?", type=Path, default=data_file("assets/demo.opus"))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    es = embeddings(options.song)
    rows = [measure(name, level, kernel, es) for name, level, kernel in kernels()]
    print(f"{options.song.name}: {len(es)} ticks; jitter of the raw embeddings = 1")
    print(f"{'kernel':16}{'level':8}{'delay s':>9}{'to 90 % s':>11}{'jitter':>9}")
    for row in rows:
        print("{kernel:16}{level:8}{delay_s:9.2f}{follow_s:11.2f}{jitter:9.3f}".format(**row))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")


def kernels() -> list[tuple[str, Level, Kernel]]:
    """The published box, and recency kernels of several powers; the star marks *Live*'s."""
    chosen = []
    for level in LEVELS:
        span = PAPER_SPANS_S[level]
        chosen.append(("paper", level, box(span)))
        for power in (1.0, 2.0, 3.0):
            star = " *" if power == LIVE_POWERS[level] else ""
            chosen.append((f"power {power:g}{star}", level, recency(span, power=power)))
    return chosen


def measure(name: str, level: str, kernel: Kernel, es: Array) -> dict[str, object]:
    ages = np.arange(round(kernel.oldest * TICK_RATE) + 1) / TICK_RATE
    weights = kernel.weights(ages)
    weights /= weights.sum()
    smoothed = np.stack([np.convolve(column, weights, mode="valid") for column in es.T], axis=1)
    return {
        "kernel": name,
        "level": level,
        "delay_s": round(kernel.delay_s, 3),
        "follow_s": round(float(ages[np.searchsorted(np.cumsum(weights), 0.9)]), 3),
        "jitter": round(jitter(smoothed) / jitter(es), 4),
    }


def jitter(es: Array) -> float:
    return float(np.linalg.norm(np.diff(es, axis=0), axis=1).mean())


def embeddings(song: Path) -> Array:
    """One embedding per tick (ticks, e_dim), as the live ears get them."""
    encoder = load_encoder()
    resampler, normaliser = Resampler(SHOW_RATE, ENCODER_RATE, 1), LoudnessNormaliser(ENCODER_RATE)
    log_mel = LogMel(encoder.mel_spec)
    sound = np.concatenate([block.mean(1) for block in open_sound(song).blocks()])
    ticks = len(sound) // SAMPLES_PER_TICK
    rows = []
    for tick in sound[: ticks * SAMPLES_PER_TICK].reshape(ticks, SAMPLES_PER_TICK):
        at_16_khz = resampler.push(tick[:, None].astype(np.float32))[:, 0]
        encoder.push(log_mel.push(normaliser.push(at_16_khz)))
        rows.append(encoder.embedding()[0])
    return np.stack(rows)


if __name__ == "__main__":
    main()
