"""What every dialect gives back, and how tensors are taken out of inert values.

In: inert values.  Out: Converted; flat dicts of arrays.  Thread: the child process that imports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from traumer_live.core.types import Array
from traumer_live.importing.arrays import Numbers, numbers
from traumer_live.importing.errors import SafeLoadError

Kind = Literal["generator", "encoder", "mapping", "statistics", "labels"]
MAPPING_RATE = 0.01  # our mapping layers are stored divided by this learning rate
FIR = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64  # taps that every StyleGAN2 here blurs with


@dataclass(frozen=True)
class Converted:
    """A model under our names."""

    kind: Kind
    architecture: str
    dialect: str  # for people: which program wrote it
    tensors: dict[str, Array] = field(repr=False)
    metadata: dict[str, str] = field(default_factory=dict)


def tensors_of(value: Any) -> dict[str, Numbers]:
    """The arrays in a dict by name; other entries are left out."""
    if not isinstance(value, dict):
        return {}
    found = {str(name): numbers(cell) for name, cell in value.items() if not isinstance(cell, int)}
    return {name: array for name, array in found.items() if array is not None}


def as_float32(tensors: Mapping[str, Numbers]) -> dict[str, Array]:
    """The tensors as contiguous float32; SafeLoadError for what is not finite."""
    made: dict[str, Array] = {}
    for name, tensor in tensors.items():
        with np.errstate(over="ignore"):
            made[name] = np.ascontiguousarray(tensor, np.float32).reshape(np.shape(tensor))
        if not np.isfinite(made[name]).all():
            raise SafeLoadError(f"It holds infinite or missing numbers in {name[:60]}.")
    return made


def check_blur(name: str, kernel: Numbers) -> None:
    """SafeLoadError for a blur other than [1, 3, 3, 1], which we do not paint."""
    total = float(np.sum(kernel))
    if kernel.shape != FIR.shape or not total or not np.allclose(kernel / total, FIR, atol=1e-3):
        raise SafeLoadError(f"It blurs with other taps than [1, 3, 3, 1] ({name[:60]}).")


def rescaled_mapping(tensors: Mapping[str, Numbers], rate: float) -> dict[str, Numbers]:
    """The mapping layers as if they had been trained at our relative learning rate."""
    factor = rate / MAPPING_RATE
    return {
        name: tensor * factor if name.startswith("mapping.fc") and factor != 1 else tensor
        for name, tensor in tensors.items()
    }
