"""Random taggers of the tagging benchmark for tests; their golden answers use the same numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from traumer_live.core.paths import data_file
from traumer_live.core.types import Array
from traumer_live.embedding.checkpoint import fingerprint, read_encoder

FCN_WIDTHS = (64, 128, 128, 128, 64)
SHORT_CHUNK_WIDTHS = (128, 128, 256, 256, 256, 256, 512)
NETWORKS: dict[str, dict[str, str]] = {
    "fcn-96-29s": {"architecture": "fcn", "n_mels": "96"},
    "fcn-128-29s": {"architecture": "fcn", "n_mels": "128", "window_samples": "464000"},
    "fcn-128-0.5s": {"architecture": "fcn", "n_mels": "128", "window_samples": "8000"},
    "fcn-96-0.5s": {"architecture": "fcn", "n_mels": "96", "window_samples": "8000"},
    "short-chunk": {"architecture": "short-chunk-cnn-res", "n_mels": "128"},
}


def random_tagger(name: str, *, narrow: int = 1) -> dict[str, Array]:
    """Tensors of a network that a seed and its name define, as the benchmark names them.

    Widths are the benchmark's, or so many times less where a test only wants a quick one.
    """
    rng = np.random.default_rng(sum(map(ord, name)))
    tensors = _norm(rng, "spec_bn", 1)
    # The norm of the input brings decibel to about one.
    tensors["spec_bn.running_mean"][:] = -35
    tensors["spec_bn.running_var"][:] = 900
    made = _short_chunk if name == "short-chunk" else _fcn
    return tensors | made(rng, narrow)


def write_tagger(name: str, path: Path, *, narrow: int = 1) -> Path:
    """The network in a file as an importer writes it."""
    save_file(random_tagger(name, narrow=narrow), path, {"kind": "encoder", **NETWORKS[name]})
    return path


def write_msd_vgg(path: Path) -> Path:
    """The shipped weights in the network of MSD_vgg, which has the same tensors."""
    metadata, tensors = read_encoder(data_file("models/mtt_vgg.safetensors"))
    metadata["network"] = "msd_vgg"
    metadata["tags"] = json.dumps([f"msd {i}" for i in range(50)])
    metadata["fingerprint"] = fingerprint(tensors, metadata)
    save_file(tensors, path, metadata)
    return path


def decibel_mel(frames: int, bins: int, seed: int = 0) -> Array:
    """A running mel in decibel with swells and a pause."""
    rng = np.random.default_rng(seed)
    swell = 20 * np.sin(np.arange(frames) / 17)[:, None] + 10 * np.sin(np.arange(bins) / 5)
    mel = -40 + swell + 12 * rng.standard_normal((frames, bins))
    mel[frames // 3 : frames // 3 + 20] = -100
    return mel.astype(np.float32)


def _fcn(rng: np.random.Generator, narrow: int) -> dict[str, Array]:
    tensors: dict[str, Array] = {}
    into = 1
    for i, width in enumerate((n // narrow for n in FCN_WIDTHS), start=1):
        tensors |= _conv(rng, f"layer{i}.conv", into, width) | _norm(rng, f"layer{i}.bn", width)
        into = width
    return tensors | _dense(rng, "dense", into, 50)


def _short_chunk(rng: np.random.Generator, narrow: int) -> dict[str, Array]:
    tensors: dict[str, Array] = {}
    into = 1
    for i, width in enumerate((n // narrow for n in SHORT_CHUNK_WIDTHS), start=1):
        for part, before in ((1, into), (2, width), (3, into)):
            tensors |= _conv(rng, f"layer{i}.conv_{part}", before, width)
            tensors |= _norm(rng, f"layer{i}.bn_{part}", width)
        into = width
    tensors |= _dense(rng, "dense1", into, into) | _norm(rng, "bn", into)
    return tensors | _dense(rng, "dense2", into, 50)


def _conv(rng: np.random.Generator, name: str, into: int, out: int) -> dict[str, Array]:
    kernel = rng.standard_normal((out, into, 3, 3), np.float32) / np.float32(3 * into**0.5)
    return {f"{name}.weight": kernel, f"{name}.bias": 0.1 * rng.standard_normal(out, np.float32)}


def _dense(rng: np.random.Generator, name: str, into: int, out: int) -> dict[str, Array]:
    weight = rng.standard_normal((out, into), np.float32) / np.float32(into**0.5)
    return {f"{name}.weight": weight, f"{name}.bias": 0.1 * rng.standard_normal(out, np.float32)}


def _norm(rng: np.random.Generator, name: str, width: int) -> dict[str, Array]:
    noise = rng.standard_normal((3, width), np.float32)
    return {
        f"{name}.weight": 1 + 0.2 * noise[0],
        f"{name}.bias": 0.1 * noise[1],
        f"{name}.running_mean": 0.1 * noise[2],
        f"{name}.running_var": rng.random(width, np.float32) + np.float32(0.5),
    }
