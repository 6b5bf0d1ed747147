"""Less work for nearly the same picture: int8, and early layers that are computed more seldom.

    python -m benchmarks.approximations [--generator NAME] [--seconds 8] [--rounds 40] [--json FILE]

In: a generator, and w_plus as the demo track moves them.  Out: milliseconds of the exact graph, of
its convolutions in int8 (onnxruntime, calibrated on pictures of the demo), and of its part up to
each exit, which is what reusing early layers could save; the PSNR of int8, and that of pictures
whose rows up to an exit are so many ticks old.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from benchmarks._report import Report, in_turn, options
from traumer_live.audio.files import open_sound
from traumer_live.core.controls import Controls
from traumer_live.core.paths import data_file
from traumer_live.core.types import SAMPLES_PER_TICK, TICK_RATE, Array
from traumer_live.engine.ears import Ears
from traumer_live.engine.models import Choice, Models, load_choice
from traumer_live.synthesis.backends.onnx import open_session
from traumer_live.synthesis.graph_cache import cached_graph
from traumer_live.synthesis.loading import generator_of
from traumer_live.synthesis.noise import noise_planes
from traumer_live.synthesis.painter import psnr

SKIPPED_S = 10.0  # of the track: smoothing has filled, something plays
CALIBRATED_ON = 24  # pictures
OLD = (1, 2, 4, 8)  # ticks


def main() -> None:
    parser = options(__doc__, rounds=40)
    parser.add_argument("--generator", default="")
    parser.add_argument("--seconds", type=float, default=8.0)
    chosen = parser.parse_args()
    models = load_choice(Choice(generator=chosen.generator, backend="onnx", threads=1))
    generator, info = models.generator, models.generator.info
    moved = list(islice(w_plus_of_demo(models), round(chosen.seconds * TICK_RATE)))
    report = Report(f"approximations of {info.name}, {info.size[0]}x{info.size[1]}")
    with tempfile.TemporaryDirectory() as folder:
        small = int8(generator, moved, Path(folder))
    tasks: dict[str, Any] = {"exact": lambda: generator.synthesize(moved[0])}
    tasks["int8"] = lambda: small(moved[0])
    for end in info.exits[:-1]:
        part = generator_of(generator.source, "onnx", 1, opened=end)  # one keeps few graphs open
        tasks[f"up to {end} px"] = lambda part=part, end=end: part.synthesize(
            moved[0], exit_resolution=end
        )
    times = in_turn(tasks, chosen.rounds)
    exact = [generator.synthesize(w) for w in moved[:: TICK_RATE // 2]]
    quality = [psnr(e, small(w)) for e, w in zip(exact, moved[:: TICK_RATE // 2], strict=True)]
    for name, spent in times.items():
        more = {"psnr_db": round(float(np.median(quality)), 1)} if name == "int8" else {}
        report.add(name, spent, **more)
    report.finish(chosen.json, old_rows=old_rows(generator, moved))


def w_plus_of_demo(models: Models) -> Iterator[Array]:
    """What the demo track lets the generator paint, tick by tick."""
    ears, controls = Ears(models, preset="live", seed=0), Controls()
    kept = np.zeros((0, 2), np.float32)
    for block in open_sound(data_file("assets/demo.opus")).blocks():
        kept = np.concatenate([kept, block])
        while len(kept) >= SAMPLES_PER_TICK:
            thought = ears.hear(kept[:SAMPLES_PER_TICK], controls)
            kept = kept[SAMPLES_PER_TICK:]
            if thought is not None and thought.sample_index > SKIPPED_S * 48_000:
                yield thought.w_plus


def int8(generator: Any, moved: list[Array], folder: Path) -> Any:
    """The generator with its convolutions in int8, where onnxruntime has such."""
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static

    planes = noise_planes(generator.source.checkpoint)
    fixed = {f"noise_{i}": plane for i, plane in enumerate(planes)}
    fixed["noise_gain"] = np.array(1.0, np.float32)

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._left = iter(moved[:: max(len(moved) // CALIBRATED_ON, 1)])

        def get_next(self) -> dict[str, Array] | None:
            w_plus = next(self._left, None)
            return None if w_plus is None else {"w_plus": w_plus, **fixed}

    target = folder / "int8.onnx"
    quantize_static(
        str(cached_graph(generator.source.checkpoint)),
        str(target),
        Reader(),
        op_types_to_quantize=["Conv"],
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )
    session: ort.InferenceSession = open_session(target.read_bytes(), 1, "int8")
    return lambda w: session.run(["rgba"], {"w_plus": w, **fixed})[0]


def old_rows(generator: Any, moved: list[Array]) -> dict[str, dict[str, float]]:
    """Median PSNR of pictures whose rows up to an exit are some ticks old."""
    config, found = generator.source.checkpoint.config, {}
    for end in generator.info.exits[:-1]:
        last = config.rgb_row(end)  # rows below it style nothing but layers up to the exit
        found[f"{end} px"] = {
            f"{age} ticks": round(float(np.median(list(_aged(generator, moved, last, age)))), 1)
            for age in OLD
        }
        print(f"  rows up to {end} px, PSNR in dB by age:", found[f"{end} px"])
    return found


def _aged(generator: Any, moved: list[Array], last: int, age: int) -> Iterator[float]:
    for now in range(age, len(moved), TICK_RATE // 2):
        mixed = moved[now].copy()
        mixed[:last] = moved[now - age][:last]
        yield psnr(generator.synthesize(moved[now]), generator.synthesize(mixed))


if __name__ == "__main__":
    main()
