"""Loading a generator: which backend, what is imported, what is said when it fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.synthesis.random_generator import random_generator
from traumer_live.core.errors import ModelError
from traumer_live.synthesis import load_generator, loading
from traumer_live.synthesis.generator import BackendError

SHOW = """
import sys
import numpy as np
from pathlib import Path
from traumer_live.synthesis import load_generator

def absent(*names):
    return not any(name in sys.modules for name in names)

assert absent("torch", "onnx", "onnxruntime", "safetensors"), "imported before anything is loaded"
generator = load_generator(Path(sys.argv[1]))
w = generator.map(np.ones((1, generator.info.z_dim), np.float32))
frame = generator.synthesize(np.repeat(w, generator.info.num_ws, 0))
assert frame.shape == (64, 64, 4)
assert generator.info.backend == "onnx"
assert generator.w_statistics().mu.shape == generator.w_avg.shape
assert absent("torch", "PyQt6", "sounddevice", "av", "moderngl"), sorted(sys.modules)
assert absent("onnx") or sys.argv[2] == "first", "onnx imported although the graph was kept"
"""


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return random_generator(tmp_path / "small.safetensors")


def no_nvidia_driver() -> bool:
    from traumer_live.synthesis.backends.providers import has_nvidia_driver

    return not has_nvidia_driver()


@pytest.mark.skipif(not no_nvidia_driver(), reason="torch is the default where CUDA is")
def test_the_default_cpu_path_never_imports_torch(weights: Path, tmp_path: Path) -> None:
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    for turn in ("first", "second"):
        subprocess.run(
            [sys.executable, "-c", SHOW, str(weights), turn], check=True, env=environment
        )


def test_providers_are_the_cpu_where_no_driver_is() -> None:
    from traumer_live.synthesis.backends.providers import CPU, usable_providers

    assert usable_providers()[-1] == CPU
    if no_nvidia_driver():
        assert usable_providers() == [CPU]


def test_unknown_backend(weights: Path) -> None:
    with pytest.raises(ModelError, match="no backend 'abacus'"):
        load_generator(weights, backend="abacus")


def test_torch_that_is_not_installed(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "traumer_live.synthesis.backends.torch", raising=False)
    with pytest.raises(ModelError, match="torch is not installed"):
        load_generator(weights, backend="torch")


def test_a_graph_that_the_runtime_refuses(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from traumer_live.synthesis.backends import graph

    nonsense = tmp_path / "no.onnx"
    nonsense.write_bytes(b"no graph")
    monkeypatch.setattr(graph, "cached_graph", lambda checkpoint, exit_resolution: nonsense)
    with pytest.raises(ModelError, match="onnxruntime cannot run small"):
        load_generator(weights, backend="onnx")


def no_memory_on_the_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if there were a graphics card, and it were full."""
    pytest.importorskip("torch")
    from traumer_live.synthesis.backends import torch as by_torch

    def full(*_: object, **__: object) -> None:
        raise RuntimeError("CUDA out of memory\nTried to allocate 2 GiB")

    monkeypatch.setattr(loading, "torch_has_cuda", lambda: True)
    monkeypatch.setattr(by_torch, "TorchGenerator", full)


def test_a_full_card_leaves_the_show_to_onnxruntime(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_memory_on_the_card(monkeypatch)
    told: list[str] = []
    assert load_generator(weights, tell=told.append).info.backend == "onnx"
    assert told == [
        "torch cannot be used here (torch cannot run small: CUDA out of memory); "
        "onnx paints instead."
    ]


def test_a_runtime_that_was_named_is_not_replaced(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_memory_on_the_card(monkeypatch)
    with pytest.raises(BackendError, match="torch cannot run small: CUDA out of memory"):
        load_generator(weights, backend="torch")


def test_what_onnxruntime_refuses_goes_to_openvino(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("openvino")
    from traumer_live.synthesis.backends.onnx import OnnxRuntime

    def refuse(self: OnnxRuntime, graph: Path, name: str) -> None:
        raise BackendError(f"onnxruntime cannot run {name}: unknown operator")

    monkeypatch.setattr(loading, "torch_has_cuda", lambda: False)
    monkeypatch.setattr(OnnxRuntime, "open", refuse)
    told: list[str] = []
    assert load_generator(weights, tell=told.append).info.backend == "openvino"
    assert told == [
        "onnx cannot be used here (onnxruntime cannot run small: unknown operator); "
        "openvino paints instead."
    ]
