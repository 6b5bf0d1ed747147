"""The mapping network z -> w in numpy, and where w lives on average.

In: z (n, z_dim), Gaussian.  Out: w (n, w_dim); mu and sigma of w over many random z.  Thread: any.

A conditional network also takes a label. Here it is chosen once: one class, or the mean of all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from traumer_live.core.errors import ModelError, OutputError
from traumer_live.core.files import written_atomically
from traumer_live.core.paths import cache_dir
from traumer_live.core.types import Array
from traumer_live.synthesis.checkpoint import Checkpoint

LRELU_SLOPE = 0.2
LRELU_GAIN = math.sqrt(2)
LEARNING_RATE = 0.01  # of the mapping layers, relative; their weights are stored divided by it
EPSILON = 1e-8
STATISTICS_SAMPLES = 10_000  # random z; the standard error of mu is then sigma / 100
BATCH = 1000  # z at a time, which keeps the memory small


@dataclass(frozen=True)
class WStatistics:
    """Mean and standard deviation of w, per component."""

    mu: Array  # (w_dim,)
    sigma: Array  # (w_dim,)


class Mapping:
    """z, a point of a Gaussian, to w, a point where directions mean something."""

    def __init__(self, checkpoint: Checkpoint, *, class_index: int | None = None) -> None:
        tensors, config = checkpoint.tensors, checkpoint.config
        self.z_dim, self.w_dim = config.z_dim, config.w_dim
        self.w_avg = tensors["mapping.w_avg"]  # (w_dim,)
        self._label = _embedded_label(checkpoint, class_index)  # (embed_dim,)
        self._key = checkpoint.sha256[:32] + ("" if class_index is None else f"-c{class_index}")
        self._layers = []
        for i in range(config.mapping_layers):
            weight = tensors[f"mapping.fc{i}.weight"]
            weight = weight.T * np.float32(LEARNING_RATE / math.sqrt(weight.shape[1]))
            bias = tensors[f"mapping.fc{i}.bias"] * np.float32(LEARNING_RATE)
            self._layers.append((np.ascontiguousarray(weight), bias))

    def __call__(self, z: Array) -> Array:  # (n, z_dim) -> (n, w_dim)
        """One w per z."""
        x: Array = np.asarray(z, np.float32)
        x = _normalised(x)
        label = np.broadcast_to(self._label, (len(x), len(self._label)))
        x = np.concatenate([x, label], 1)  # (n, z_dim + embed_dim)
        for weight, bias in self._layers:
            x = x @ weight + bias
            x = np.maximum(x, np.float32(LRELU_SLOPE) * x) * np.float32(LRELU_GAIN)
        return x

    def statistics(self, *, samples: int = STATISTICS_SAMPLES, seed: int = 0) -> WStatistics:
        """mu and sigma over ``samples`` seeded random z; kept in the cache of this machine."""
        path = cache_dir() / "w_statistics" / f"{self._key}-{samples}-{seed}.npy"
        kept = self._read_statistics(path)
        if kept is None:
            kept = self._measure_statistics(samples, np.random.default_rng(seed))
            _try_to_keep(path, kept)
        return WStatistics(kept[0], kept[1])

    def _read_statistics(self, path: Path) -> Array | None:
        """(2, w_dim) from the cache; None when absent or damaged."""
        try:
            kept = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        whole = isinstance(kept, np.ndarray) and kept.shape == (2, self.w_dim)
        return kept.astype(np.float32) if whole and np.isfinite(kept).all() else None

    def _measure_statistics(self, samples: int, rng: np.random.Generator) -> Array:
        total = np.zeros(self.w_dim)
        squares = np.zeros(self.w_dim)
        for start in range(0, samples, BATCH):
            count = min(BATCH, samples - start)
            z = rng.standard_normal((count, self.z_dim), dtype=np.float32)
            w = self(z).astype(np.float64)  # (count, w_dim)
            total += w.sum(0)
            squares += np.square(w).sum(0)
        mu = total / samples
        variance = np.maximum(squares / samples - mu**2, 0)
        return np.stack([mu, np.sqrt(variance)]).astype(np.float32)


def _normalised(x: Array) -> Array:  # (n, d) -> (n, d)
    """Every row with unit mean square."""
    scaled: Array = x / np.sqrt(np.square(x).mean(1, keepdims=True) + np.float32(EPSILON))
    return scaled


def _embedded_label(checkpoint: Checkpoint, class_index: int | None) -> Array:
    """What the mapping sees of the label: one class, or all of them in equal parts."""
    classes = checkpoint.config.num_classes
    if class_index is not None and not 0 <= class_index < classes:
        has = f"its classes are 0 to {classes - 1}" if classes else "it has no classes"
        raise ModelError(f"This generator has no class {class_index}: {has}.")
    if not classes:
        return np.zeros(0, np.float32)
    weight = checkpoint.tensors["mapping.embed.weight"]  # (embed_dim, classes)
    chosen = weight.mean(1) if class_index is None else weight[:, class_index]
    bias = checkpoint.tensors["mapping.embed.bias"]
    label: Array = chosen / np.float32(math.sqrt(classes)) + bias
    embedded: Array = _normalised(label[None])[0]
    return embedded


def _try_to_keep(path: Path, statistics: Array) -> None:
    """Cache them; a machine that forbids it measures again next time."""
    try:
        with written_atomically(path) as temporary, temporary.open("wb") as file:
            np.save(file, statistics)
    except (OSError, OutputError):
        return
