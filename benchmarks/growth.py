"""How the cost of a picture grows with its size and with the width of the network.

    python -m benchmarks.growth [--rounds 20] [--threads 1] [--json FILE]

In: random StyleGAN2 generators, onnxruntime.  Out: milliseconds a picture of each, their parameters
and multiplications, milliseconds for 1e9 of them. The baseline is 256 pixels at channel base 2048.
"""

from __future__ import annotations

import tempfile
from itertools import product
from pathlib import Path

import numpy as np

from benchmarks._report import Report, in_turn, options
from tests.synthesis.random_generator import random_generator
from traumer_live.synthesis import load_generator
from traumer_live.synthesis.checkpoint import expected_shapes
from traumer_live.synthesis.config import GeneratorConfig
from traumer_live.synthesis.generator import Generator

RESOLUTIONS = (128, 256, 512)
CHANNEL_BASES = (1024, 2048, 4096)
CHANNEL_MAX = 256
BASELINE = "256 px, channel base 2048"


def main() -> None:
    parser = options(__doc__, rounds=20)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    report = Report("one picture by onnxruntime, milliseconds")
    generators: dict[str, Generator] = {}
    parameters: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for resolution, base in product(RESOLUTIONS, CHANNEL_BASES):
            config = GeneratorConfig(
                resolution=resolution, channel_base=base, channel_max=CHANNEL_MAX
            )
            name = f"{resolution} px, channel base {base}"
            path = random_generator(Path(folder) / f"{resolution}-{base}.safetensors", config)
            generators[name] = load_generator(path, backend="onnx", threads=chosen.threads)
            generators[name].prepare(resolution)
            parameters[name] = 1e-6 * sum(
                np.prod(shape) for shape in expected_shapes(config).values()
            )
        times = in_turn(
            {name: lambda g=generator: paint(g) for name, generator in generators.items()},
            chosen.rounds,
        )
    for name, values in times.items():
        work = generators[name].info.work[-1]
        report.add(
            name,
            values,
            million_parameters=round(float(parameters[name]), 2),
            work_1e9=round(work, 3),
            ms_for_1e9=round(min(values) / work, 1),
        )
    report.compare(BASELINE)
    report.finish(chosen.json, threads=chosen.threads)


def paint(generator: Generator) -> object:
    """The average picture, whole."""
    return generator.synthesize(np.tile(generator.w_avg, (generator.info.num_ws, 1)))


if __name__ == "__main__":
    main()
