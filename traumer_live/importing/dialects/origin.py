"""What TräumerAI itself saved: transfers, style statistics, labels.

In: inert values.  Out: Converted.  Thread: child process.

A transfer's parameter called ``bias`` is the average of w, its ``std`` the spread. One that was
saved without them scales by statistics that lie in a file of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from traumer_live.importing.arrays import ArrayCell, Numbers, numbers
from traumer_live.importing.dialects.types import Converted, as_float32
from traumer_live.importing.errors import SafeLoadError

TRANSFER = {
    "transfer.0.weight": "transfer.weight",
    "transfer.0.bias": "transfer.bias",
}
OWN_STATISTICS = {"bias": "mu", "std": "sigma"}
STATISTICS = {"mean": "mu", "std": "sigma"}
MOST_LABELS = 10_000


def is_transfer(tensors: Mapping[str, Numbers]) -> bool:
    """Whether these tensors are the origin's transfer."""
    return tensors.keys() >= TRANSFER.keys()


def convert_transfer(tensors: Mapping[str, Numbers]) -> Converted:
    """The transfer under our names; which encoder it belongs to, it does not say."""
    made = {ours: tensors[theirs] for theirs, ours in TRANSFER.items()}
    brought = {ours: tensors[n] for n, ours in OWN_STATISTICS.items() if n in tensors}
    if len(brought) == 1:
        raise SafeLoadError("It is a transfer with only one of the mean and the spread of w.")
    made |= brought
    flat = [name for name in made if name != "transfer.weight"]
    made |= {name: made[name].reshape(-1) for name in flat}
    shape = made["transfer.weight"].shape
    if len(shape) != 2 or any(len(made[name]) != shape[0] for name in flat):
        raise SafeLoadError("It is a transfer whose parts do not fit together.")
    metadata = {"w_dim": str(shape[0]), "e_dim": str(shape[1])}
    return Converted("mapping", "transfer", "TräumerAI transfer", as_float32(made), metadata)


def is_statistics(tensors: Mapping[str, Numbers]) -> bool:
    """Whether these tensors are the origin's statistics of w."""
    return tensors.keys() == STATISTICS.keys()


def convert_statistics(tensors: Mapping[str, Numbers]) -> Converted:
    """Mean and spread of w."""
    made = {ours: tensors[theirs].reshape(-1) for theirs, ours in STATISTICS.items()}
    if made["mu"].shape != made["sigma"].shape or not made["mu"].size:
        raise SafeLoadError("It holds statistics whose parts do not fit together.")
    metadata = {"w_dim": str(made["mu"].size)}
    return Converted("statistics", "w-statistics", "TräumerAI", as_float32(made), metadata)


def label_list(value: Any) -> list[Any] | None:
    """The labels in an array of objects, if it is one of labels."""
    found = value.objects if isinstance(value, ArrayCell) else value
    if not isinstance(found, list) or not found:
        return None
    whole = all(isinstance(label, dict) and {"style", "audio"} <= label.keys() for label in found)
    return found if whole else None


def convert_labels(labels: list[Any]) -> Converted:
    """``style`` (n, w_dim) and the sound of every label, 16 kHz, one tensor each."""
    if len(labels) > MOST_LABELS:
        raise SafeLoadError("It holds more labels than anybody made.")
    styles = [_numbers(label["style"]).reshape(-1) for label in labels]
    if len({style.size for style in styles}) != 1:
        raise SafeLoadError("It holds labels for different generators.")
    tensors: dict[str, Numbers] = {"style": np.stack(styles)}
    for i, label in enumerate(labels):
        tensors[f"audio.{i:05d}"] = _numbers(label["audio"]).reshape(-1)
    metadata = {"count": str(len(labels)), "w_dim": str(styles[0].size), "rate": "16000"}
    return Converted("labels", "style-and-audio", "TräumerAI", as_float32(tensors), metadata)


def _numbers(value: Any) -> Numbers:
    found = numbers(value)
    if found is None and isinstance(value, list) and all(isinstance(x, float) for x in value):
        found = np.array(value, np.float32)
    if found is None:
        raise SafeLoadError("It holds labels without numbers.")
    return found
