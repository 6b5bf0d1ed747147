"""The encoder's weights file: read, checked, and ready for any backend.

In: a safetensors file as ``tools/convert_musicnn.py`` writes it.  Out: ``Weights``, or a ModelError
that says what is wrong with the file.  Thread: any; numpy only.

Names in the file (kernels are (time, mel, in, out), as in the original checkpoint):
``input_norm.{gamma,beta,mean,variance}``, ``layer{1..5}.{kernel,bias}``,
``layer{1..5}.norm.{gamma,beta,mean,variance}``, ``dense.{kernel,bias}``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from traumer_live.core.errors import ModelError
from traumer_live.core.types import Array, MelSpec
from traumer_live.embedding.geometry import (
    CHANNELS,
    EMBEDDING_DIM,
    KERNEL,
    MSD_POOLS,
    POOLS,
    Pool,
)

KIND = "traumer-live encoder"
CANONICAL_KIND = "encoder"  # of files that the importer writes
NETWORK = "mtt_vgg"
NETWORKS = {NETWORK: POOLS, "mtt-vgg": POOLS, "msd_vgg": MSD_POOLS, "msd-vgg": MSD_POOLS}
BATCH_NORM_EPSILON = 1e-3  # of the original network
_NORM = ("gamma", "beta", "mean", "variance")


@dataclass(frozen=True)
class Layer:
    """One convolution and the batch norm after its ReLU, as gain and offset."""

    kernel: Array  # (time 3, mel 3, in, out)
    bias: Array  # (out,)
    gain: Array  # (out,)
    offset: Array  # (out,)


@dataclass(frozen=True)
class Weights:
    """All that the encoder knows, and where it wants its sound from."""

    input_gain: float
    input_offset: float
    layers: tuple[Layer, ...]
    dense: Array  # (e_dim, n_tags)
    dense_bias: Array  # (n_tags,)
    tag_names: tuple[str, ...]
    mel_spec: MelSpec
    fingerprint: str  # sha256 of names, numbers and metadata
    pools: tuple[Pool, ...] = POOLS


def fingerprint(tensors: Mapping[str, Array], metadata: Mapping[str, str]) -> str:
    """One sha256 over everything in the file but itself, independent of the order of storage."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(f"{name} {tensors[name].shape}\n".encode())
        digest.update(np.ascontiguousarray(tensors[name], "<f4").tobytes())
    for key in sorted(metadata.keys() - {"fingerprint"}):
        digest.update(f"{key}={metadata[key]}\n".encode())
    return digest.hexdigest()


def load_weights(path: Path) -> Weights:
    """Read and check the weights of MTT_vgg or MSD_vgg.

    Raises:
        ModelError: missing, damaged, changed, or not such an encoder.
    """
    return vgg_weights(path, *read_encoder(path))


def vgg_weights(path: Path, metadata: Mapping[str, str], tensors: Mapping[str, Array]) -> Weights:
    """The weights of MTT_vgg or MSD_vgg, from what was read of a file.

    Raises:
        ModelError: damaged, changed, or not such an encoder.
    """
    network = metadata.get("network", metadata.get("architecture"))
    if metadata.get("kind") not in (KIND, CANONICAL_KIND) or network not in NETWORKS:
        raise ModelError(
            f"{path.name} is not the weights of an {NETWORK} encoder (it says it is "
            f"{metadata.get('kind', 'nothing')!r}); choose models/mtt_vgg.safetensors."
        )
    found = fingerprint(tensors, metadata)
    if found != metadata.get("fingerprint"):
        raise ModelError(
            f"{path.name} was changed or damaged since it was made (its fingerprint does not fit); "
            "fetch it again or rebuild it with tools/convert_musicnn.py."
        )
    tag_names, mel_spec = _description(path, metadata)
    _check_shapes(path, tensors, n_tags=len(tag_names))
    made = _assemble(tensors, tag_names, mel_spec, found)
    return replace(made, pools=NETWORKS[str(network)])


def read_encoder(path: Path) -> tuple[dict[str, str], dict[str, Array]]:
    """Header and tensors of an encoder's file; of any other file the header alone.

    Raises:
        ModelError: missing or damaged.
    """
    if not path.is_file():
        raise ModelError(f"There is no encoder weights file at {path}; check the path.")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if metadata.get("kind") not in (KIND, CANONICAL_KIND):
                return metadata, {}  # do not load gigabytes of something else
            names = list(file.keys())
            return metadata, {name: file.get_tensor(name).astype("<f4") for name in names}
    except (SafetensorError, OSError, TypeError) as error:  # TypeError: a type numpy lacks
        raise ModelError(
            f"{path.name} cannot be read as a safetensors file, it is truncated or something else "
            f"({error}); fetch it again or choose another file."
        ) from error


def _description(path: Path, metadata: Mapping[str, str]) -> tuple[tuple[str, ...], MelSpec]:
    try:
        tag_names = tuple(map(str, json.loads(metadata["tags"])))
        return tag_names, MelSpec(**json.loads(metadata["mel_spec"]))
    except (KeyError, ValueError, TypeError) as error:
        raise ModelError(
            f"{path.name} does not say its tags and mel spec as this program does; "
            "rebuild it with tools/convert_musicnn.py."
        ) from error


def _expected_shapes(n_tags: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {f"input_norm.{part}": (1,) for part in _NORM}
    channels = 1
    for number in range(1, len(POOLS) + 1):
        shapes[f"layer{number}.kernel"] = (KERNEL, KERNEL, channels, CHANNELS)
        shapes[f"layer{number}.bias"] = (CHANNELS,)
        shapes |= {f"layer{number}.norm.{part}": (CHANNELS,) for part in _NORM}
        channels = CHANNELS
    return shapes | {"dense.kernel": (EMBEDDING_DIM, n_tags), "dense.bias": (n_tags,)}


def _check_shapes(path: Path, tensors: Mapping[str, Array], *, n_tags: int) -> None:
    found = {name: tensor.shape for name, tensor in tensors.items()}
    expected = _expected_shapes(n_tags)
    if found != expected:
        odd = sorted(set(found.items()) ^ set(expected.items()))[0][0]
        raise ModelError(
            f"{path.name} does not fit the {NETWORK} network (first at {odd!r}); "
            "rebuild it with tools/convert_musicnn.py."
        )


def _assemble(
    tensors: Mapping[str, Array], tag_names: tuple[str, ...], mel_spec: MelSpec, digest: str
) -> Weights:
    input_gain, input_offset = _norm(tensors, "input_norm")
    return Weights(
        input_gain=float(input_gain[0]),
        input_offset=float(input_offset[0]),
        layers=tuple(_layer(tensors, f"layer{number}") for number in range(1, len(POOLS) + 1)),
        dense=tensors["dense.kernel"],
        dense_bias=tensors["dense.bias"],
        tag_names=tag_names,
        mel_spec=mel_spec,
        fingerprint=digest,
    )


def _layer(tensors: Mapping[str, Array], name: str) -> Layer:
    gain, offset = _norm(tensors, f"{name}.norm")
    return Layer(tensors[f"{name}.kernel"], tensors[f"{name}.bias"], gain, offset)


def _norm(tensors: Mapping[str, Array], name: str) -> tuple[Array, Array]:
    """A batch norm at rest is one multiplication and one addition."""
    gamma, beta, mean, variance = (tensors[f"{name}.{part}"] for part in _NORM)
    gain = gamma / np.sqrt(variance + np.float32(BATCH_NORM_EPSILON))
    return gain, beta - mean * gain
