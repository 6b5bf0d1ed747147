"""Milliseconds per picture of every backend against the reference form, interleaved in one process.

    python -m benchmarks.synthesis [--size 256] [--size 1024] [--size shipped] [--rounds 10]
        [--threads 2] [--reference DIR ...] [--json FILE]

256 and 1024 are random generators of the papers' widths (channel base 16384 and 32768), "shipped"
is the model that comes with the program. The reference form is that of the papers' code in torch
(reference_stylegan2.py); --reference adds a checkout of NVIDIA's or rosinality's to the same run,
where it can build these widths. Every contestant gets the same weights, noise and w_plus, and hands
out RGBA bytes. What is measured of one size is written before the next begins.

On a machine that does other work the minima and their ratios mean more than the medians. Quality is
measured on eight pictures, before they are cut to integers, against the reference form.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks._report import conditions, machine, options, processor_times, write_json
from benchmarks.reference_stylegan2 import ReferenceSynthesis
from benchmarks.synthesis_references import Synthesis, cannot_build, load_reference
from tests.synthesis.random_generator import random_tensors
from traumer_live.core.paths import data_file
from traumer_live.core.types import Array
from traumer_live.synthesis import load_generator
from traumer_live.synthesis.candidates import machine_facts
from traumer_live.synthesis.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from traumer_live.synthesis.config import GeneratorConfig
from traumer_live.synthesis.loading import DEFAULT_WEIGHTS

SIZES = {
    "256": GeneratorConfig(channel_base=16384, channel_max=512),
    "1024": GeneratorConfig(resolution=1024, channel_base=32768, channel_max=512),
}
REFERENCE = "reference form"
BACKENDS = ("torch", "onnx", "openvino", "openvino-bf16")
PICTURES = 8  # whose quality is measured
MODEST = 0.15  # of the random to-RGB weights, so that hardly a pixel is clipped
Contestant = tuple[Callable[[Array], object], Callable[[Array], Array]]  # bytes; floats 0..255


def main() -> None:
    parser = options(__doc__, rounds=10)
    parser.add_argument("--size", action="append", choices=[*SIZES, "shipped"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--reference", type=Path, action="append", default=[])
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for size in chosen.size or [*SIZES, "shipped"]:
            before = processor_times()
            rows = compared(_weights(size, Path(folder)), chosen)
            results[size] = {"machine": machine(since=before), "rows": rows}
            _print(size, **results[size])
            write_json(chosen.json, {"facts": machine_facts(), "results": results})


def compared(weights: Path, chosen: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Times and qualities of everybody on one model."""
    checkpoint = load_checkpoint(weights)
    contestants = dict(_contestants(weights, checkpoint, chosen))
    w_pluses = _some_w(checkpoint, weights)
    qualities = _qualities(contestants, w_pluses)
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(chosen.rounds):
        for name, (paint, _) in contestants.items():
            start = time.perf_counter()
            paint(w_pluses[turn % PICTURES])
            times[name].append(1000 * (time.perf_counter() - start))
    fastest = min(times[REFERENCE])
    return {
        name: {
            "min": min(each),
            **{f"p{p}": float(np.percentile(each, p)) for p in (50, 95, 99)},
            "ratio": fastest / min(each),
            **qualities[name],
        }
        for name, each in times.items()
    }


def _weights(size: str, folder: Path) -> Path:
    if size == "shipped":
        return data_file(DEFAULT_WEIGHTS)
    config, path = SIZES[size], folder / f"random{size}.safetensors"
    tensors = random_tensors(config)
    for name, tensor in tensors.items():
        if ".torgb." in name and "affine" not in name:
            tensors[name] = tensor * np.float32(MODEST)
    save_checkpoint(path, tensors, config)
    return path


def _contestants(
    weights: Path, checkpoint: Checkpoint, chosen: argparse.Namespace
) -> Iterator[tuple[str, Contestant]]:
    yield REFERENCE, _of_torch(ReferenceSynthesis(checkpoint))
    for folder in chosen.reference:
        config = checkpoint.config
        if why_not := cannot_build(folder, config):
            print(f"{folder.name} is left out: {why_not}.")
            continue
        name, synthesis = load_reference(folder, checkpoint)
        yield name, _of_torch(synthesis)
    for backend in BACKENDS:
        if backend.startswith("openvino") and not _has_openvino(backend):
            continue
        generator = load_generator(weights, backend=backend, threads=chosen.threads)
        yield backend, (generator.synthesize, generator.synthesize_float)


def _of_torch(synthesis: Synthesis) -> Contestant:
    """A torch function as a contestant."""

    def floats(w_plus: Array) -> torch.Tensor:
        image = synthesis(torch.from_numpy(w_plus)[None])[0]
        return (image * 127.5 + 128).clamp(0, 255).permute(1, 2, 0)

    def pixels(w_plus: Array) -> object:
        with torch.inference_mode():
            rgb = floats(w_plus).to(torch.uint8)
            return torch.cat((rgb, torch.full_like(rgb[..., :1], 255)), -1).numpy()

    def tap(w_plus: Array) -> Array:
        with torch.inference_mode():
            done: Array = floats(w_plus).contiguous().numpy()
            return done

    return pixels, tap


def _has_openvino(backend: str) -> bool:
    if find_spec("openvino") is None:
        return False
    from traumer_live.synthesis.backends.openvino import has_bfloat16

    return backend == "openvino" or has_bfloat16()


def _some_w(checkpoint: Checkpoint, weights: Path) -> list[Array]:
    """Random pictures: one w in every row, as truncation at full variety gives them."""
    generator = load_generator(weights, backend="torch", threads=torch.get_num_threads())
    z = np.random.default_rng(0).standard_normal((PICTURES, checkpoint.config.z_dim))
    w = generator.map(z.astype(np.float32))
    return [np.tile(each, (checkpoint.config.num_ws, 1)) for each in w]


def _qualities(
    contestants: dict[str, Contestant], w_pluses: list[Array]
) -> dict[str, dict[str, float]]:
    """How far everybody is from the reference form, on the scale of 0..255."""
    large = contestants[REFERENCE][1](w_pluses[0]).size > 1e6
    chosen = w_pluses[:1] if large else w_pluses
    exact = [contestants[REFERENCE][1](w_plus) for w_plus in chosen]
    found = {}
    for name, (_, tap) in contestants.items():
        errors = [tap(w) - picture for w, picture in zip(chosen, exact, strict=True)]
        largest = max(float(np.abs(error).max()) for error in errors)
        square = float(np.mean([np.square(error).mean() for error in errors]))
        found[name] = {
            "largest_relative": largest / 255,
            "psnr_db": 10 * float(np.log10(255**2 / square)) if square else float("inf"),
            "off_by_a_level": float(np.mean([(np.abs(e) > 1).mean() for e in errors])),
        }
    return found


def _print(size: str, rows: dict[str, dict[str, float]], machine: dict[str, Any]) -> None:
    print(f"\n{size}: milliseconds a picture; ratio of minima to the {REFERENCE}")
    print(f"{machine['processor']}; {conditions(machine)}")
    for name, row in rows.items():
        print(
            f"{name:16} min {row['min']:8.1f}  p50 {row['p50']:8.1f}  p95 {row['p95']:8.1f}  "
            f"p99 {row['p99']:8.1f}  x{row['ratio']:5.2f}  "
            f"largest error {row['largest_relative']:.1e}  PSNR {row['psnr_db']:5.1f} dB  "
            f"off by a level {row['off_by_a_level']:.1%}"
        )


if __name__ == "__main__":
    main()
