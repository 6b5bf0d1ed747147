"""Small real models for tests of the engine: the shipped tagger, a random little generator."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.synthesis.random_generator import SMALL, random_generator
from traumer_live.core.settings import Settings
from traumer_live.engine.models import Models, load_models
from traumer_live.latent.pack import save_pack
from traumer_live.latent.transfer import Transfer

E_DIM = 256  # of the shipped tagger


@dataclass(frozen=True)
class SmallModels:
    """Files that fit together, and how to name them."""

    generator: Path
    mapping: Path

    def settings(self, **more: object) -> Settings:
        return Settings(generator=str(self.generator), mapping=str(self.mapping), **more)

    def load(self, **more: object) -> Models:
        """Painted by one runtime; nothing is compared beside the test for the machine's best."""
        return load_models(self.settings(), backend="onnx", **more)

    def options(self) -> list[str]:
        return ["--generator", str(self.generator), "--mapping", str(self.mapping)]


@pytest.fixture(scope="session")
def small_models(tmp_path_factory: pytest.TempPathFactory) -> SmallModels:
    """A 64-px generator and a mapping from the shipped tagger's embeddings to its w."""
    folder = tmp_path_factory.mktemp("models")
    generator = random_generator(folder / "small.safetensors", SMALL)
    rng = np.random.default_rng(5)
    transfer = Transfer(
        (0.05 * rng.standard_normal((SMALL.w_dim, E_DIM))).astype(np.float32),
        np.zeros(SMALL.w_dim, np.float32),
        np.zeros(SMALL.w_dim, np.float32),
        np.ones(SMALL.w_dim, np.float32),
    )
    save_pack(folder / "mapping.safetensors", transfer, {"provenance": "random, for tests"})
    return SmallModels(generator, folder / "mapping.safetensors")
