"""A real show, small enough for tests: shipped ears, a random generator of 64 pixels, a tone.

``python -m tests.kiosk.small_show FOLDER [kiosk options]`` runs the kiosk with it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from tests.synthesis.random_generator import random_generator
from traumer_live.audio.capture import SourceSpec
from traumer_live.core.settings import Settings
from traumer_live.embedding.encoder import load_encoder
from traumer_live.engine.models import Models
from traumer_live.engine.show import Show
from traumer_live.latent.transfer import Transfer
from traumer_live.synthesis.loading import load_generator

SIZE = (320, 180)


def small_models(folder: Path) -> Models:
    encoder = load_encoder()
    generator = load_generator(random_generator(folder / "random.safetensors"), backend="onnx")
    w_dim = generator.info.w_dim
    rng = np.random.default_rng(3)
    transfer = Transfer(
        weight=rng.standard_normal((w_dim, encoder.e_dim)).astype(np.float32),
        bias=np.zeros(w_dim, np.float32),
        mu=np.zeros(w_dim, np.float32),
        sigma=np.ones(w_dim, np.float32),
    )
    return Models(encoder, transfer, generator)


def small_show(folder: Path, *, source: str = "tone") -> Show:
    return Show(Settings(), small_models(folder), SourceSpec.parse(source))


def main() -> int:
    from traumer_live.kiosk.window import run_kiosk

    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--stats", type=Path)
    parser.add_argument("--windowed", action="store_true")
    asked = parser.parse_args()
    show = small_show(asked.folder)
    show.start()
    return run_kiosk(
        show,
        settings=Settings(record_folder=str(asked.folder)),
        size=SIZE,
        windowed=asked.windowed,
        record=asked.record,
        stats_path=asked.stats,
    )


if __name__ == "__main__":
    sys.exit(main())
