"""A generator's weights: which StyleGAN2 they are follows from the tensors themselves.

In: a safetensors file with state-dict names as published checkpoints carry.
Out: Checkpoint(config, tensors as float32, metadata, sha256).  Thread: any; numpy only.

The metadata is never believed, only compared: a file whose header promises another network than its
tensors form is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from traumer_live.core.errors import ModelError
from traumer_live.core.types import Array
from traumer_live.synthesis.config import GeneratorConfig
from traumer_live.synthesis.weights_file import (
    WeightsHeader,
    read_header,
    read_tensors,
    write_weights,
)

KIND = "stylegan2"
LARGEST_RESOLUTION = 2048  # pixels; beyond it a header is damaged rather than ambitious
# FIR taps that published checkpoints repeat at every layer; ours are constants.
IGNORED = re.compile(r".*\.resample_filter")
CONST = "synthesis.b4.const"
Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Checkpoint:
    """The weights of one generator and what they are."""

    config: GeneratorConfig
    tensors: dict[str, Array] = field(repr=False)
    metadata: dict[str, str]
    sha256: str  # of the file: caches of everything derived from it are keyed by this


def load_checkpoint(path: Path) -> Checkpoint:
    """Read and check the generator in ``path``.

    Raises:
        ModelError: missing, truncated, tampered with, of another kind, or inconsistent.
    """
    header = read_header(path)
    _check_kind(header)
    config = config_from_shapes(header.shapes, name=path.name)
    _check_shapes(header.shapes, config, path.name)
    _check_metadata(header, config)
    tensors, sha256 = read_tensors(header)
    tensors = {name: tensor for name, tensor in tensors.items() if not IGNORED.fullmatch(name)}
    broken = next((name for name, t in tensors.items() if not np.isfinite(t).all()), None)
    if broken:
        raise ModelError(f"{path.name} holds infinite or missing numbers in {broken}; refetch it.")
    return Checkpoint(config, tensors, header.metadata, sha256)


def save_checkpoint(
    path: Path,
    tensors: Mapping[str, Array],
    config: GeneratorConfig,
    *,
    metadata: Mapping[str, str] | None = None,
    half: bool = False,
) -> None:
    """Write a generator; ``half`` stores float16, which is read back as float32.

    Raises:
        ModelError: the tensors are not those of ``config``.
        OutputError: the folder cannot be written to.
    """
    kept = {name: tensor for name, tensor in tensors.items() if not IGNORED.fullmatch(name)}
    _check_shapes({name: np.shape(tensor) for name, tensor in kept.items()}, config, path.name)
    described = {"kind": KIND, "config": json.dumps(asdict(config)), **(metadata or {})}
    write_weights(path, kept, metadata=described, half=half)


def config_from_shapes(shapes: Shapes, *, name: str) -> GeneratorConfig:
    """The configuration that tensors of these shapes form.

    Raises:
        ModelError: they form none.
    """
    try:
        widths = _widths(shapes)
        w_dim, z_dim = shapes["mapping.fc0.weight"]
        if min(w_dim, z_dim, *widths.values()) < 1:
            raise ValueError("a layer without channels")
        return GeneratorConfig(
            resolution=max(widths),
            channel_base=_channel_base(widths),
            channel_max=widths[4],
            w_dim=w_dim,
            z_dim=z_dim,
            mapping_layers=len(_numbers(shapes, r"mapping\.fc(\d+)\.weight")),
        )
    except (KeyError, ValueError) as error:
        raise ModelError(
            f"{name} does not hold a whole StyleGAN2 generator (mapping and skip synthesis); "
            "choose another file."
        ) from error


def expected_shapes(config: GeneratorConfig) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor of a generator."""
    shapes: dict[str, tuple[int, ...]] = {
        CONST: (config.channels(4), 4, 4),
        "mapping.w_avg": (config.w_dim,),
    }
    for i in range(config.mapping_layers):
        shapes[f"mapping.fc{i}.weight"] = (config.w_dim, config.w_dim if i else config.z_dim)
        shapes[f"mapping.fc{i}.bias"] = (config.w_dim,)
    for spec in config.layers:
        prefix = f"synthesis.{spec.name}"
        shapes |= _affine_shapes(prefix, spec.in_channels, config)
        shapes[f"{prefix}.weight"] = (spec.out_channels, spec.in_channels, 3, 3)
        shapes[f"{prefix}.bias"] = (spec.out_channels,)
        shapes[f"{prefix}.noise_strength"] = ()
        shapes[f"{prefix}.noise_const"] = (spec.resolution, spec.resolution)
    for resolution in config.resolutions:
        prefix, channels = f"synthesis.b{resolution}.torgb", config.channels(resolution)
        shapes |= _affine_shapes(prefix, channels, config)
        shapes[f"{prefix}.weight"] = (config.img_channels, channels, 1, 1)
        shapes[f"{prefix}.bias"] = (config.img_channels,)
    return shapes


def _affine_shapes(
    prefix: str, channels: int, config: GeneratorConfig
) -> dict[str, tuple[int, ...]]:
    return {
        f"{prefix}.affine.weight": (channels, config.w_dim),
        f"{prefix}.affine.bias": (channels,),
    }


def _numbers(shapes: Shapes, pattern: str) -> list[int]:
    found = (re.fullmatch(pattern, name) for name in shapes)
    return [int(match[1]) for match in found if match]


def _widths(shapes: Shapes) -> dict[int, int]:
    """Channels by resolution, for a plausible chain of resolutions; ValueError otherwise."""
    resolutions = _numbers(shapes, r"synthesis\.b(\d{1,4})\.conv1\.weight")
    if max(resolutions, default=0) > LARGEST_RESOLUTION:
        raise ValueError("resolution out of range")
    return {r: shapes[f"synthesis.b{r}.conv1.weight"][0] for r in sorted(resolutions)}


def _channel_base(widths: Mapping[int, int]) -> int:
    """The base of the rule width = min(base // resolution, max)."""
    below = [width * r for r, width in widths.items() if width < widths[4]]
    return max(below, default=widths[4] * max(widths))


def _check_kind(header: WeightsHeader) -> None:
    kind = header.metadata.get("kind", KIND)
    if kind == KIND and CONST in header.places:
        return
    found = f"of the kind {kind[:40]!r}" if kind != KIND else "something else"
    raise ModelError(
        f"{header.path.name} is not a StyleGAN2 generator but {found}; "
        "choose a generator's safetensors file."
    )


def _check_shapes(shapes: Shapes, config: GeneratorConfig, name: str) -> None:
    expected = expected_shapes(config)
    found = {key: shape for key, shape in shapes.items() if not IGNORED.fullmatch(key)}
    for key in sorted(expected.keys() | found.keys()):
        if found.get(key) != expected.get(key):
            raise ModelError(
                f"{name} is not a consistent {config.resolution}-pixel StyleGAN2: {key} should be "
                f"{expected.get(key, 'absent')} but is {found.get(key, 'absent')}."
            )


def _check_metadata(header: WeightsHeader, config: GeneratorConfig) -> None:
    """Compare what the header declares, if anything, with what the tensors are."""
    try:
        declared = json.loads(header.metadata.get("config", "{}"))
        found = asdict(config)
        differing = {key for key, value in declared.items() if value != found.get(key)}
    except (ValueError, AttributeError, RecursionError) as error:
        raise ModelError(f"{header.path.name} describes itself unreadably; refetch it.") from error
    if differing - {"channel_base", "channel_max"}:  # widths may follow from several pairs
        raise ModelError(
            f"{header.path.name} declares another {' and '.join(sorted(differing))} than its "
            "tensors have; fetch the file again."
        )
