"""What hearing costs: streaming taggers against whole windows, at 30 embeddings a second.

    python -m benchmarks.encoder [--rounds 60] [--json FILE] [--weights FILE.safetensors ...]

In: the shipped tagger and random ones of the tagging benchmark's sizes (their speed does not depend
on the numbers in them); a made-up mel.  Out: milliseconds a tick, speed against the plain network
on each whole window (torch, one thread, same process, in turn), and how far the answers differ.

Two mel frames a tick and a third now and then (62.5 frames a second). ``core`` is the share of one
core at 30 ticks a second by the mean.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks._report import Report, options, write_json
from tests.embedding.random_taggers import write_tagger
from traumer_live.core.paths import data_file
from traumer_live.core.types import TICK_RATE, Array
from traumer_live.embedding import BackendName, Encoder, load_encoder
from traumer_live.embedding.encoder import DEFAULT_WEIGHTS

PLAIN = "whole windows, torch"
STREAMING: tuple[BackendName, ...] = ("onnx", "numpy")
SNAP = 8  # frames: ShortChunk's windows lie on this grid; most of its ticks cost nothing
FULL_S = 31.0  # of mel before the first tick: longer than every window
RANDOM = ("fcn-96-29s", "fcn-128-0.5s", "short-chunk")


def main() -> None:
    parser = options(__doc__, rounds=60)
    parser.add_argument("--weights", type=Path, nargs="*", help="taggers; default: shipped, random")
    chosen = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    reports = []
    with tempfile.TemporaryDirectory() as folder:
        made = [write_tagger(name, Path(folder) / f"{name}.safetensors") for name in RANDOM]
        for path in chosen.weights or [data_file(DEFAULT_WEIGHTS), *made]:
            reports.append(measure(path, chosen.rounds).finish())
    write_json(chosen.json, {"reports": reports})


def measure(path: Path, ticks: int) -> Report:
    """All ways of evaluation of one tagger, in turn."""
    report = Report(f"{path.stem}, milliseconds a tick")
    encoders = {PLAIN: load_encoder(path, "torch")}
    encoders |= {f"streaming, {b}": load_encoder(path, b) for b in STREAMING}
    mel = made_up_mel(encoders[PLAIN], ticks)
    times: dict[str, list[float]] = {name: [] for name in encoders}
    apart = dict.fromkeys(encoders, 0.0)
    for start, end in pairwise(ends(encoders[PLAIN], ticks)):
        answers = {}
        for name, encoder in encoders.items():
            began = time.perf_counter()
            encoder.push(mel[start:end])
            answers[name] = encoder.embedding()
            times[name].append(1e3 * (time.perf_counter() - began))
        if end % SNAP:
            continue  # here ShortChunk still answers for an earlier window
        for name, answer in answers.items():
            apart[name] = max(apart[name], distance(answer, answers[PLAIN]))
    for name, spent in times.items():
        core = float(np.mean(spent[1:])) * TICK_RATE / 1e3
        report.add(name, spent[1:], core=f"{core:7.1%}", apart=f"{apart[name]:.1e}")
    report.compare(PLAIN)
    return report


def ends(encoder: Encoder, ticks: int) -> list[int]:
    """Up to which mel frame each tick hears; the first fills the window."""
    rate = encoder.mel_spec.frame_rate
    later = [int((FULL_S + tick / TICK_RATE) * rate) for tick in range(ticks + 2)]
    return [0, *later]


def made_up_mel(encoder: Encoder, ticks: int) -> Array:
    """A mel with swells on the scale that the tagger was trained on, (frames, n_mels)."""
    random = np.random.default_rng(0)
    frames = ends(encoder, ticks)[-1]
    shape = (frames, encoder.mel_spec.n_mels)
    swell = 1 + np.sin(np.arange(frames) / 17)[:, None]
    if encoder.mel_spec.n_mels == 96 and encoder.e_dim == 256:  # log10(1 + 10000 x)
        return np.abs(random.normal(0, 1.5, shape) * swell).astype(np.float32)
    return (-40 + 12 * random.standard_normal(shape) + 10 * swell).astype(np.float32)  # decibel


def distance(found: Sequence[Array], expected: Sequence[Array]) -> float:
    """Relative distance of embedding and tags, the larger of both."""
    return max(
        float(np.linalg.norm(a - b) / max(np.linalg.norm(b), 1e-12))
        for a, b in zip(found, expected, strict=True)
    )


if __name__ == "__main__":
    main()
