"""The shipped weights, and running mels to listen to."""

from __future__ import annotations

import numpy as np
import pytest

from traumer_live.core.paths import data_file
from traumer_live.core.types import Array
from traumer_live.embedding.checkpoint import Weights, load_weights


@pytest.fixture(scope="session")
def weights() -> Weights:
    return load_weights(data_file("models/mtt_vgg.safetensors"))


@pytest.fixture(scope="session")
def running_mel() -> Array:
    """400 frames of the range that music has, with pauses."""
    random = np.random.default_rng(3)
    mel = np.abs(random.normal(0, 1.5, (400, 96))).astype(np.float32)
    mel[190:230] = 0
    return mel
