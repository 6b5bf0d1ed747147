"""A generator's weights: which StyleGAN2 they are follows from the tensors themselves.

In: a safetensors file with state-dict names as published checkpoints carry.
Out: Checkpoint(config, tensors as float32, metadata, sha256).  Thread: any; numpy only.

The metadata is never believed, only compared: a file whose header promises another network than its
tensors form is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
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

KIND = "generator"
ARCHITECTURE = "stylegan2-skip"
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
    sizes = {name: str(value) for name, value in asdict(config).items()}
    described = {"kind": KIND, "architecture": ARCHITECTURE, **sizes, **(metadata or {})}
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
    architecture = header.metadata.get("architecture", ARCHITECTURE)
    if (kind, architecture) == (KIND, ARCHITECTURE) and CONST in header.places:
        return
    found = "something else"
    if kind != KIND:
        found = f"of the kind {kind[:40]!r}"
    elif architecture != ARCHITECTURE:
        found = f"of the architecture {architecture[:40]!r}"
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
    """Compare the sizes that the header declares, if any, with those of the tensors."""
    names = [entry.name for entry in fields(config) if entry.name in header.metadata]
    try:
        declared = {name: int(header.metadata[name]) for name in names}
        promised = replace(config, **declared)
    except ValueError as error:
        raise ModelError(
            f"{header.path.name} declares sizes that no generator has; fetch the file again."
        ) from error
    # Several pairs of channel_base and channel_max give the same widths; only those count.
    if expected_shapes(promised) != expected_shapes(config):
        other = [name for name in names if declared[name] != getattr(config, name)]
        raise ModelError(
            f"{header.path.name} declares another {' and '.join(other)} than its tensors have; "
            "fetch the file again."
        )
