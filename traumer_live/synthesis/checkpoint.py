"""A generator's weights: which network (or program) they are follows from the tensors themselves.

In: a safetensors file with state-dict names as published checkpoints carry.
Out: Checkpoint(config, tensors as float32, metadata, sha256).  Thread: any; numpy only.

The metadata is never believed, only compared: a file whose header promises another network than its
tensors form is refused. Only what no tensor tells (a clamp of the activations) is taken from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from traumer_live.core.errors import ModelError
from traumer_live.core.model_library import is_shipped
from traumer_live.core.types import Array
from traumer_live.synthesis.alias_free_config import (
    AliasFreeConfig,
    alias_free_config,
    alias_free_shapes,
)
from traumer_live.synthesis.config import GeneratorConfig
from traumer_live.synthesis.mapping_shapes import Shapes
from traumer_live.synthesis.program_config import (
    PROGRAM,
    ROWS,
    ProgramConfig,
    levels_of,
    program_config,
    program_shapes,
)
from traumer_live.synthesis.recognise import foreign_network
from traumer_live.synthesis.stylegan2_shapes import CONST, stylegan2_config, stylegan2_shapes
from traumer_live.synthesis.weights_file import (
    WeightsHeader,
    read_header,
    read_tensors,
    write_weights,
)

KIND = "generator"
ALIAS_FREE_INPUT = "synthesis.input.freqs"
ARCHITECTURES = ("stylegan2-skip", "stylegan2-resnet", "stylegan3-t", "stylegan3-r", "program")
# FIR taps that published checkpoints repeat at every layer; ours are constants.
IGNORED = re.compile(r".*\.resample_filter")
FIR = np.outer([1, 3, 3, 1], [1, 3, 3, 1]).astype(np.float32) / 64
STATED_SIZES = (
    "resolution", "channel_base", "channel_max", "w_dim", "z_dim", "mapping_layers", "num_classes",
    "img_channels",
)  # fmt: skip
Config: TypeAlias = GeneratorConfig | AliasFreeConfig | ProgramConfig


@dataclass(frozen=True)
class Checkpoint:
    """The weights of one generator and what they are."""

    config: Config
    tensors: dict[str, Array] = field(repr=False)
    metadata: dict[str, str]
    sha256: str  # of the file: caches of everything derived from it are keyed by this
    variant: str = ""  # of the same file, where something was changed after it was read


def load_checkpoint(path: Path) -> Checkpoint:
    """Read and check the generator in ``path``.

    Raises:
        ModelError: missing, truncated, tampered with, of another kind, or inconsistent.
    """
    header = read_header(path)
    _check_kind(header)
    config = config_from_shapes(header.shapes, name=path.name)
    _check_shapes(header.shapes, config, path.name)
    _check_program(header, config)
    config = _checked_metadata(header, config)
    tensors, sha256 = read_tensors(header, bytes_in=PROGRAM)
    _check_numbers(tensors, path.name)
    tensors = {name: tensor for name, tensor in tensors.items() if not IGNORED.fullmatch(name)}
    checkpoint = Checkpoint(config, tensors, header.metadata, sha256)
    stated_levels(checkpoint, path.name)
    return checkpoint


def save_checkpoint(
    path: Path,
    tensors: Mapping[str, Array],
    config: GeneratorConfig | ProgramConfig,
    *,
    metadata: Mapping[str, str] | None = None,
    half: bool = False,
) -> None:
    """Write a StyleGAN2 or a program; ``half`` stores float16, which is read back as float32.

    Raises:
        ModelError: the tensors are not those of ``config``.
        OutputError: the folder cannot be written to.
    """
    kept = {name: tensor for name, tensor in tensors.items() if not IGNORED.fullmatch(name)}
    _check_shapes({name: np.shape(tensor) for name, tensor in kept.items()}, config, path.name)
    stated = {name: str(value) for name, value in asdict(config).items() if name in STATED_SIZES}
    stated["resolution"] = str(config.resolution)
    if isinstance(config, GeneratorConfig) and config.conv_clamp is not None:
        stated["conv_clamp"] = str(config.conv_clamp)
    described = {"kind": KIND, "architecture": config.name, **stated, **(metadata or {})}
    write_weights(path, kept, metadata=described, half=half)


def config_from_shapes(shapes: Shapes, *, name: str) -> Config:
    """The configuration that tensors of these shapes form.

    Raises:
        ModelError: they form none.
    """
    whole, read = _reader(shapes)
    try:
        return read(shapes)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise ModelError(
            f"{name} does not hold a whole {whole} generator (mapping and synthesis); "
            "choose another file."
        ) from error


def _reader(shapes: Shapes) -> tuple[str, Callable[[Shapes], Config]]:
    """What these tensors seem to be, and what reads its sizes off them."""
    if ALIAS_FREE_INPUT in shapes:
        return "StyleGAN3", alias_free_config
    if any(name.startswith(PROGRAM) for name in shapes):
        return "painting program as a", program_config
    return "StyleGAN2", stylegan2_config


def expected_shapes(config: Config) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor of a generator."""
    if isinstance(config, AliasFreeConfig):
        return alias_free_shapes(config)
    if isinstance(config, ProgramConfig):
        return program_shapes(config)
    return stylegan2_shapes(config)


def stated_levels(checkpoint: Checkpoint, name: str) -> tuple[int, ...] | None:
    """Rows of the coarse, middle and fine level as the file has them; None when it does not say.

    Raises:
        ModelError: they do not split the rows of this generator in three.
    """
    stated = checkpoint.metadata.get("levels")
    if isinstance(checkpoint.config, ProgramConfig):
        stated = ",".join(map(str, levels_of(checkpoint.tensors[ROWS])))
    if stated is None:
        return None
    sizes = tuple(int(part) for part in stated.split(",") if part.isdecimal())
    if len(sizes) != 3 or min(sizes) < 1 or sum(sizes) != checkpoint.config.num_ws:
        raise ModelError(
            f"{name} says that its style levels have {stated[:40]!r} rows, which does not split "
            f"its {checkpoint.config.num_ws} rows in three; fetch the file again."
        )
    return sizes


def _check_kind(header: WeightsHeader) -> None:
    kind = header.metadata.get("kind", KIND)
    stated = header.metadata.get("architecture", "stylegan2-skip")
    foreign = foreign_network(header.places)
    known = any(name.startswith((CONST, ALIAS_FREE_INPUT, PROGRAM)) for name in header.places)
    if kind == KIND and stated in ARCHITECTURES and known and foreign is None:
        return
    found = foreign or "something else"
    if kind != KIND:
        found = f"of the kind {kind[:40]!r}"
    elif stated not in ARCHITECTURES:
        found = f"of the architecture {stated[:40]!r}"
    raise ModelError(
        f"{header.path.name} is not a StyleGAN2 or StyleGAN3 generator but {found}; "
        "choose a generator's safetensors file."
    )


def _check_shapes(shapes: Shapes, config: Config, name: str) -> None:
    expected = expected_shapes(config)
    found = {key: shape for key, shape in shapes.items() if not IGNORED.fullmatch(key)}
    family = config.name.partition("-")[0].replace("stylegan", "StyleGAN")
    for key in sorted(expected.keys() | found.keys()):
        if found.get(key) != expected.get(key):
            raise ModelError(
                f"{name} is not a consistent {config.resolution}-pixel {family}: {key} should be "
                f"{expected.get(key, 'absent')} but is {found.get(key, 'absent')}."
            )


def _check_program(header: WeightsHeader, config: Config) -> None:
    """Only our own programs are run."""
    if isinstance(config, ProgramConfig) and not is_shipped(header.path):
        raise ModelError(
            f"{header.path.name} paints by a program of its own, and only those that came with "
            "TräumerAI Live are run; choose one of its generators, or import a network."
        )


def _check_numbers(tensors: Mapping[str, Array], name: str) -> None:
    broken = next((key for key, t in tensors.items() if not np.isfinite(t).all()), None)
    if broken:
        raise ModelError(f"{name} holds infinite or missing numbers in {broken}; refetch it.")
    for key, taps in tensors.items():
        if IGNORED.fullmatch(key) and not _is_our_fir(taps):
            raise ModelError(
                f"{name} blurs with other taps than [1, 3, 3, 1] in {key}; no StyleGAN2 that can "
                "be painted here does that, so choose another file."
            )


def _is_our_fir(taps: Array) -> bool:
    return taps.shape == FIR.shape and np.allclose(taps, FIR, atol=1e-3)


def _checked_metadata(header: WeightsHeader, config: Config) -> Config:
    """``config`` with what only the header can tell, once its sizes agree with the tensors."""
    stated = header.metadata
    if stated.get("architecture", config.name) != config.name:
        raise ModelError(
            f"{header.path.name} says that it is {stated['architecture']} but its tensors form "
            f"{config.name}; fetch the file again."
        )
    names = [name for name in STATED_SIZES if name in stated and hasattr(config, name)]
    try:
        declared = {name: int(stated[name]) for name in names}
        other = _contradictions(config, declared)
        if not isinstance(config, ProgramConfig):
            config = replace(config, conv_clamp=_clamp(stated, config.conv_clamp))
    except (ValueError, OverflowError) as error:
        raise ModelError(
            f"{header.path.name} declares sizes that no generator has; fetch the file again."
        ) from error
    if other:
        raise ModelError(
            f"{header.path.name} declares another {' and '.join(other)} than its tensors have; "
            "fetch the file again."
        )
    return config


def _clamp(stated: Mapping[str, str], usual: float | None) -> float | None:
    """The clamp of the activations: stated, stated as none, or the usual one."""
    text = stated.get("conv_clamp", "")
    if not text:
        return usual
    clamp = None if text.lower() in ("none", "null") else float(text)
    if clamp is not None and not 0 < clamp < float("inf"):
        raise ValueError(f"a clamp of {text}")
    return clamp


def _contradictions(config: Config, declared: Mapping[str, Any]) -> list[str]:
    """Which of the declared sizes are not those of the tensors; ValueError for absurd ones."""
    other = [name for name, size in declared.items() if size != getattr(config, name)]
    if isinstance(config, GeneratorConfig):
        promised = replace(config, **declared)
        # Several pairs of channel_base and channel_max give the same widths; only those count.
        if expected_shapes(promised) == expected_shapes(config):
            return []
    return other
