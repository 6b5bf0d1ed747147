"""Writes files as other programs write them, and as attackers would.

In: tensors and descriptions.  Out: files in a folder of the test. Nothing of the other programs is
needed: a ``Named`` stands for any class or function that a pickle may mention.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from safetensors.numpy import load_file

from traumer_live.core.types import Array

GOLDEN = Path(__file__).parents[1] / "golden" / "importing"
PERSISTENT = ("torch_utils.persistence", "_reconstruct_persistent_obj")


@dataclass(frozen=True)
class Named:
    """A class or function by name."""

    module: str
    name: str

    def __call__(self) -> None:  # the pickler asks whether it could be called
        raise AssertionError("never called")


@dataclass
class Call:
    """What ``function(*args)`` would give."""

    function: Named
    args: tuple[Any, ...]
    state: Any = None

    def __reduce_ex__(self, protocol: int) -> tuple[Any, ...]:
        return (self.function, self.args, *(() if self.state is None else (self.state,)))


@dataclass
class Instance:
    """An object of a class, made without its constructor, with a state or entries."""

    of: Named
    state: Any = None
    entries: dict[Any, Any] = field(default_factory=dict)


class ForeignPickler(pickle._Pickler):
    """A pickler that writes the names of things that do not exist here."""

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        if isinstance(obj, Named):
            self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())
        elif isinstance(obj, Instance):
            self.save(obj.of)
            self.write(pickle.EMPTY_TUPLE + pickle.NEWOBJ)
            self._fill(obj)
        else:
            super().save(obj, save_persistent_id)

    def _fill(self, obj: Instance) -> None:
        for key, value in obj.entries.items():
            self.save(key)
            self.save(value)
            self.write(pickle.SETITEM)
        if obj.state is not None:
            self.save(obj.state)
            self.write(pickle.BUILD)


def pickled(value: Any, protocol: int = 4) -> bytes:
    """``value`` as a plain pickle."""
    buffer = io.BytesIO()
    ForeignPickler(buffer, protocol).dump(value)
    return buffer.getvalue()


def golden(name: str) -> tuple[dict[str, Array], dict[str, Array]]:
    """State and the rest of a golden file."""
    found = load_file(GOLDEN / f"{name}.safetensors")
    state = {key[6:]: value for key, value in found.items() if key.startswith("state.")}
    return state, {key: value for key, value in found.items() if not key.startswith("state.")}


def golden_header(name: str) -> dict[str, str]:
    """What the golden file says about its network."""
    with safe_open(GOLDEN / f"{name}.safetensors", "numpy") as file:
        return dict(file.metadata())


def tensors(state: dict[str, Array]) -> dict[str, torch.Tensor]:
    """Arrays as torch tensors."""
    return {name: torch.from_numpy(np.array(value, order="C")) for name, value in state.items()}


def module(
    state: dict[str, Array], *, source: str = "class Generator: pass", path: str = "", **extra: Any
) -> Call:
    """A tree of persistent modules as NVIDIA's snapshots hold it."""
    here = {name: value for name, value in state.items() if "." not in name}
    parts = sorted({name.partition(".")[0] for name in state if "." in name})
    inner = {
        part: module(
            {n[len(part) + 1 :]: v for n, v in state.items() if n.startswith(f"{part}.")},
            source=source,
            path=f"{path}{part}.",
        )
        for part in parts
    }
    attributes: dict[str, Any] = {"training": False, **extra}
    if part_is_mapping_layer(path):
        attributes |= {"activation": "lrelu", "bias_gain": 0.01, "weight_gain": 0.01}
    if path.endswith(("conv0.", "conv1.", "torgb.")):
        attributes["conv_clamp"] = 256
    parameters = {n: torch.nn.Parameter(t) for n, t in tensors(here).items()}
    content = {"_parameters": parameters, "_buffers": {}, "_modules": inner, **attributes}
    name = "Generator" if not path else "Part"
    meta = {
        "type": "class", "version": 6, "module_src": source, "class_name": name, "state": content,
    }  # fmt: skip
    return Call(Named(*PERSISTENT), (meta,))


def part_is_mapping_layer(path: str) -> bool:
    return path.startswith("mapping.fc")


def snapshot(path: Path, state: dict[str, Array], *, source: str = "x = 1") -> Path:
    """A file like NVIDIA's PyTorch snapshots."""
    network = module(state, source=source, _init_kwargs={"z_dim": 24})
    other = module({"b4.weight": np.zeros(3, np.float32)}, source=source)
    kwargs = Instance(Named("dnnlib.util", "EasyDict"), entries={"path": "x", "resolution": 32})
    value = {"G": network, "D": other, "G_ema": network, "training_set_kwargs": kwargs}
    path.write_bytes(pickled(value))
    return path


def tensorflow_snapshot(path: Path, state: dict[str, Array], *, version: int = 4) -> Path:
    """Three Network objects as the TensorFlow programs save them; synthetic, not by TensorFlow."""

    def network(prefix: str, components: dict[str, Any]) -> Instance:
        variables = [
            (name[len(prefix) :], value)
            for name, value in state.items()
            if name.startswith(prefix) and (prefix or "/" not in name)
        ]
        easy = Named("dnnlib.util", "EasyDict")
        content = {
            "version": version,
            "name": "G",
            "static_kwargs": Instance(easy, entries={"nonlinearity": "lrelu"}),
            "components": Instance(easy, entries=components),
            "build_module_src": "raise SystemExit",
            "build_func_name": "G_main",
            "variables": variables,
        }
        return Instance(Named("dnnlib.tflib.network", "Network"), content)

    parts = {name: network(f"{name}/", {}) for name in ("synthesis", "mapping")}
    value = tuple(network("", parts) for _ in range(3))
    path.write_bytes(pickled(value))
    return path


def torch_file(path: Path, value: Any, *, new: bool = True) -> Path:
    """A file of ``torch.save``."""
    torch.save(value, path, _use_new_zipfile_serialization=new)
    return path


def torch_zip(path: Path, members: dict[str, bytes], *, compression: int = 0) -> Path:
    """A zip archive with these members, torch's or not."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=compression)
    return path
